package cloud

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/trailhand/trailhand/internal/cloud/tokens"
)

func TestASessionGoesOnOverARestart(t *testing.T) {
	cfg := testConfig(t, t.TempDir())
	cfg.Verify, cfg.Identities = true, []tokens.Identity{{AccessKeyID: "AKIAEXAMPLE", SecretAccessKey: "secret", AccountID: testAccount, ARN: "arn:aws:iam::123456789012:user/alice"}}
	c := started(t, cfg)
	out, err := sts.NewFromConfig(sdk(c, testRegion)).AssumeRole(t.Context(), &sts.AssumeRoleInput{
		RoleArn: aws.String("arn:aws:iam::123456789012:role/Auditor"), RoleSessionName: aws.String("nightly"),
	})
	if err != nil {
		t.Fatal(err)
	}
	closed(t, c)
	again := sdk(started(t, cfg), testRegion)
	again.Credentials = credentials.NewStaticCredentialsProvider(*out.Credentials.AccessKeyId, *out.Credentials.SecretAccessKey, *out.Credentials.SessionToken)
	who, err := sts.NewFromConfig(again).GetCallerIdentity(t.Context(), nil)
	if err != nil || *who.Arn != "arn:aws:sts::123456789012:assumed-role/Auditor/nightly" {
		t.Errorf("after the restart it is %+v, %v", who, err)
	}
}
