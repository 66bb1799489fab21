package upstream

import (
	"context"
	"errors"
	"net/url"
	"strings"

	"github.com/trailhand/trailhand/internal/cloud/wire"
)

// Topic holds that a trail's SNS topic exists.
func (u *Upstream) Topic(ctx context.Context, topicARN, _ string) error {
	err := u.call(ctx, operation{
		service: "sns", region: regionOf(topicARN), name: "GetTopicAttributes", version: "2010-03-31", form: url.Values{"TopicArn": {topicARN}},
	}, nil)
	if err != nil {
		return &wire.Fault{Code: "InsufficientSnsTopicPolicyException", Message: "SNS Topic does not exist or the topic policy is incorrect!"}
	}
	return nil
}

// Key holds that a trail's KMS key exists and is enabled.
func (u *Upstream) Key(ctx context.Context, keyARN, _ string) error {
	var out struct{ KeyMetadata struct{ Enabled bool } }
	err := u.call(ctx, operation{
		service: "kms", region: regionOf(keyARN), name: "DescribeKey", target: "TrentService", input: map[string]string{"KeyId": keyARN},
	}, &out)
	switch {
	case hasCode(err, "NotFoundException"):
		return &wire.Fault{Code: "KmsKeyNotFoundException", Message: "KMS key " + keyARN + " does not exist."}
	case err != nil:
		return &wire.Fault{Code: "KmsException", Message: "KMS key " + keyARN + " cannot be used: " + err.Error()}
	case !out.KeyMetadata.Enabled:
		return &wire.Fault{Code: "KmsKeyDisabledException", Message: "KMS key " + keyARN + " is disabled."}
	}
	return nil
}

// LogGroup holds that a trail's log group exists, and the role to write there with.
func (u *Upstream) LogGroup(ctx context.Context, groupARN, roleARN string) error {
	name := groupName(groupARN)
	var out struct {
		LogGroups []struct {
			Name string `json:"logGroupName"`
		} `json:"logGroups"`
	}
	err := u.call(ctx, operation{
		service: "logs", region: regionOf(groupARN), name: "DescribeLogGroups", target: logsTarget, input: map[string]string{"logGroupNamePrefix": name},
	}, &out)
	if err != nil {
		return &wire.Fault{Code: "CloudWatchLogsDeliveryUnavailableException", Message: "The log group cannot be checked: " + err.Error()}
	}
	if len(out.LogGroups) == 0 || out.LogGroups[0].Name != name { // they are sorted: the name itself comes first
		return &wire.Fault{Code: "InvalidCloudWatchLogsLogGroupArnException", Message: "CloudTrail cannot validate the specified log group ARN."}
	}
	role := roleARN[strings.LastIndexByte(roleARN, '/')+1:]
	err = u.call(ctx, operation{service: "iam", region: "us-east-1", name: "GetRole", version: "2010-05-08", form: url.Values{"RoleName": {role}}}, nil)
	if err != nil {
		return &wire.Fault{Code: "InvalidCloudWatchLogsRoleArnException", Message: "CloudTrail cannot validate the specified role ARN."}
	}
	return nil
}

func hasCode(err error, code string) bool {
	var f *wire.Fault
	return errors.As(err, &f) && f.Code == code
}

func regionOf(arn string) string {
	if parts := strings.SplitN(arn, ":", 6); len(parts) == 6 {
		return parts[3]
	}
	return ""
}

// groupName is that of a log group's ARN, which may end in ":*".
func groupName(arn string) string {
	_, name, _ := strings.Cut(arn, ":log-group:")
	return strings.TrimSuffix(name, ":*")
}
