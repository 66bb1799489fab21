package conform

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

const role = "arn:aws:iam::123456789012:role/teams/Auditor"

func tokenCases() []Case {
	return []Case{
		{Name: "an access key is somebody", Run: keysAreSomebody},
		{Name: "an assumed role is a session of it", Run: rolesAreAssumed},
		{Name: "a session name must have two characters", Run: sessionNamesAreHeld, Moto: "takes any name"},
		{Name: "a session lasts no longer than 12 hours", Run: durationsAreHeld, Moto: "takes any duration"},
	}
}

func keysAreSomebody(ctx context.Context, c *Clients) error {
	out, err := c.STS.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return err
	}
	return errors.Join(same("the account", aws.ToString(out.Account), AccountID), contains("the ARN", aws.ToString(out.Arn), ":"+AccountID+":"))
}

func rolesAreAssumed(ctx context.Context, c *Clients) error {
	out, err := c.STS.AssumeRole(ctx, &sts.AssumeRoleInput{RoleArn: aws.String(role), RoleSessionName: aws.String("nightly")})
	if err != nil {
		return err
	}
	left := time.Until(*out.Credentials.Expiration)
	return errors.Join(
		same("the session", aws.ToString(out.AssumedRoleUser.Arn), "arn:aws:sts::123456789012:assumed-role/Auditor/nightly"),
		same("the beginning of the access key", (*out.Credentials.AccessKeyId)[:4], "ASIA"),
		same("an hour is left", left > 55*time.Minute && left <= time.Hour, true),
	)
}

func sessionNamesAreHeld(ctx context.Context, c *Clients) error {
	_, err := c.STS.AssumeRole(ctx, &sts.AssumeRoleInput{RoleArn: aws.String(role), RoleSessionName: aws.String("n")})
	return refused(err, "ValidationError")
}

func durationsAreHeld(ctx context.Context, c *Clients) error {
	_, err := c.STS.AssumeRole(ctx, &sts.AssumeRoleInput{RoleArn: aws.String(role), RoleSessionName: aws.String("nightly"), DurationSeconds: aws.Int32(43201)})
	return refused(err, "ValidationError")
}
