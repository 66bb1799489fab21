//go:build lambda.norpc

package awsio

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
)

// Load configures the SDK from what Lambda itself puts into a function's
// environment, and AWS_ENDPOINT_URL; all else is as elsewhere. The SDK's default
// chain, which looks for it in files, at SSO and at STS too, is an eighth of a
// function's size.
func Load(_ context.Context, env map[string]string) (aws.Config, error) {
	cfg := aws.Config{
		Region: env["AWS_REGION"], Retryer: newRetryer, HTTPClient: newHTTPClient(),
		RequestChecksumCalculation: aws.RequestChecksumCalculationWhenSupported,
		ResponseChecksumValidation: aws.ResponseChecksumValidationWhenSupported,
		Credentials:                credentials.NewStaticCredentialsProvider(env["AWS_ACCESS_KEY_ID"], env["AWS_SECRET_ACCESS_KEY"], env["AWS_SESSION_TOKEN"]),
	}
	if url := env["AWS_ENDPOINT_URL"]; url != "" {
		cfg.BaseEndpoint = &url
	}
	var err error
	for _, name := range []string{"AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"} {
		if env[name] == "" {
			err = errors.Join(err, errors.New(name+" is not set"))
		}
	}
	return cfg, err
}
