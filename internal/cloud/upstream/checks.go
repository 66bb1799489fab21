package upstream

import (
	"cmp"
	"context"
	"net/url"
	"strings"

	"github.com/trailhand/trailhand/internal/cloud/buckets/policy"
	"github.com/trailhand/trailhand/internal/cloud/wire"
)

// Topic holds that a trail's SNS topic exists, and that its policy lets
// CloudTrail publish for the trail.
func (u *Upstream) Topic(ctx context.Context, topicARN, trailARN string) error {
	var out struct {
		Entries []struct {
			Key   string `xml:"key"`
			Value string `xml:"value"`
		} `xml:"GetTopicAttributesResult>Attributes>entry"`
	}
	err := u.call(ctx, operation{
		service: "sns", region: regionOf(topicARN), name: "GetTopicAttributes", version: "2010-03-31", form: url.Values{"TopicArn": {topicARN}},
	}, &out)
	refused := &wire.Fault{Code: "InsufficientSnsTopicPolicyException", Message: "SNS Topic does not exist or the topic policy is incorrect!"}
	if err != nil {
		return refused
	}
	for _, e := range out.Entries {
		if e.Key == "Policy" && !allowed(policy.Parse, e.Value, question("sns:Publish", topicARN, trailARN)) {
			return refused
		}
	}
	return nil
}

// Key holds that a trail's KMS key exists, is enabled, and that its policy lets
// CloudTrail encrypt with it for the trail. It gives the ARN of the key, also
// where an alias names it.
func (u *Upstream) Key(ctx context.Context, keyARN, trailARN string) (string, error) {
	var out struct {
		KeyMetadata struct {
			Arn     string
			Enabled bool
		}
	}
	err := u.kms(ctx, keyARN, "DescribeKey", map[string]string{"KeyId": keyARN}, &out)
	switch {
	case wire.IsFault(err, "NotFoundException"):
		return "", &wire.Fault{Code: "KmsKeyNotFoundException", Message: "KMS key " + keyARN + " does not exist."}
	case err != nil:
		return "", &wire.Fault{Code: "KmsException", Message: "KMS key " + keyARN + " cannot be used: " + err.Error()}
	case !out.KeyMetadata.Enabled:
		return "", &wire.Fault{Code: "KmsKeyDisabledException", Message: "KMS key " + keyARN + " is disabled."}
	}
	key := cmp.Or(out.KeyMetadata.Arn, keyARN)
	var answer struct{ Policy string }
	if err := u.kms(ctx, key, "GetKeyPolicy", map[string]string{"KeyId": key, "PolicyName": "default"}, &answer); err != nil {
		return "", &wire.Fault{Code: "KmsException", Message: "The policy of KMS key " + key + " cannot be read: " + err.Error()}
	}
	if answer.Policy != "" && !allowed(policy.Parse, answer.Policy, question("kms:GenerateDataKey", key, trailARN)) {
		return "", &wire.Fault{Code: "InsufficientEncryptionPolicyException", Message: "Insufficient permissions to access KMS key " + key + "."}
	}
	return key, nil
}

func (u *Upstream) kms(ctx context.Context, keyARN, name string, input map[string]string, out any) error {
	return u.call(ctx, operation{service: "kms", region: regionOf(keyARN), name: name, target: "TrentService", input: input}, out)
}

// LogGroup holds that a trail's log group exists, and that CloudTrail may take
// the role to write there with.
func (u *Upstream) LogGroup(ctx context.Context, groupARN, roleARN, trailARN string) error {
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
	return u.role(ctx, roleARN, trailARN)
}

func (u *Upstream) role(ctx context.Context, roleARN, trailARN string) error {
	var out struct {
		Trust string `xml:"GetRoleResult>Role>AssumeRolePolicyDocument"` // URL-encoded
	}
	name := roleARN[strings.LastIndexByte(roleARN, '/')+1:]
	err := u.call(ctx, operation{service: "iam", region: "us-east-1", name: "GetRole", version: "2010-05-08", form: url.Values{"RoleName": {name}}}, &out)
	if err != nil {
		return &wire.Fault{Code: "InvalidCloudWatchLogsRoleArnException", Message: "CloudTrail cannot validate the specified role ARN."}
	}
	trust, err := url.QueryUnescape(out.Trust)
	if err != nil || trust != "" && !allowed(policy.ParseTrust, trust, question("sts:AssumeRole", roleARN, trailARN)) {
		return &wire.Fault{Code: "InvalidCloudWatchLogsRoleArnException", Message: "Access denied. Check the trust relationships for your role."}
	}
	return nil
}

// question asks whether CloudTrail may do something for a trail.
func question(action, resource, trailARN string) policy.Question {
	keys := map[string]string{"aws:SourceArn": trailARN, "kms:EncryptionContext:aws:cloudtrail:arn": trailARN}
	if parts := strings.Split(trailARN, ":"); len(parts) == 6 {
		keys["aws:SourceAccount"] = parts[4]
	}
	return policy.Question{Service: "cloudtrail.amazonaws.com", Action: action, Resource: resource, Context: keys}
}

// allowed decides by a policy. One that cannot be read allows nothing; an
// endpoint that tells no policy is not asked for one.
func allowed(parse func([]byte) (*policy.Policy, error), document string, q policy.Question) bool {
	p, err := parse([]byte(document))
	return err == nil && p.Decide(q) == policy.Allow
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
