package cloud

import (
	"testing"

	"errors"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
)

func TestAnUnsignedRequestToSTSIsAnsweredBySTS(t *testing.T) {
	c := started(t, testConfig(t, t.TempDir()))
	client := sts.NewFromConfig(sdk(c, testRegion), func(o *sts.Options) { o.Credentials, o.RetryMaxAttempts = aws.AnonymousCredentials{}, 1 })
	_, web := client.AssumeRoleWithWebIdentity(t.Context(), &sts.AssumeRoleWithWebIdentityInput{
		RoleArn: aws.String("arn:aws:iam::123456789012:role/Auditor"), RoleSessionName: aws.String("nightly"), WebIdentityToken: aws.String("token"),
	})
	_, who := client.GetCallerIdentity(t.Context(), nil)
	for code, err := range map[string]error{"InvalidAction": web, "MissingAuthenticationToken": who} {
		if got, is := errors.AsType[smithy.APIError](err); !is || got.ErrorCode() != code {
			t.Errorf("answered %v, want %s", err, code)
		}
	}
}
