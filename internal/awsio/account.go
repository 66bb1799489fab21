package awsio

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// Account gives the account that the credentials belong to.
func Account(ctx context.Context, cfg aws.Config) (string, error) {
	if _, err := cfg.Credentials.Retrieve(ctx); err != nil {
		return "", fmt.Errorf("no credentials (AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, give some): %w", err)
	}
	out, err := sts.NewFromConfig(cfg).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if dial := dialError(err); dial != nil && cfg.BaseEndpoint != nil {
		return "", fmt.Errorf("%s cannot be reached: %w", *cfg.BaseEndpoint, dial)
	}
	if err != nil {
		return "", fmt.Errorf("asking whose credentials these are: %w", err)
	}
	return aws.ToString(out.Account), nil
}
