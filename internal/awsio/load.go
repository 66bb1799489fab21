//go:build !lambda.norpc

package awsio

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/smithy-go/logging"
)

// Load configures the SDK from AWS_ENDPOINT_URL, AWS_REGION, AWS_ACCESS_KEY_ID,
// AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN of env. What env does not have
// comes from the SDK's default chain, so that functions in one process can each
// have an identity of their own.
func Load(ctx context.Context, env map[string]string) (aws.Config, error) {
	opts := []func(*config.LoadOptions) error{config.WithRetryer(newRetryer), config.WithHTTPClient(newHTTPClient()),
		config.WithLogger(logging.Nop{})} // what matters comes as an error; the SDK would write beside our own lines
	if region := env["AWS_REGION"]; region != "" {
		opts = append(opts, config.WithRegion(region))
	}
	if url := env["AWS_ENDPOINT_URL"]; url != "" {
		opts = append(opts, config.WithBaseEndpoint(url))
	}
	if id := env["AWS_ACCESS_KEY_ID"]; id != "" {
		keys := credentials.NewStaticCredentialsProvider(id, env["AWS_SECRET_ACCESS_KEY"], env["AWS_SESSION_TOKEN"])
		opts = append(opts, config.WithCredentialsProvider(keys))
	}
	cfg, err := config.LoadDefaultConfig(ctx, opts...)
	if err != nil {
		return aws.Config{}, fmt.Errorf("configuring the AWS SDK: %w", err)
	}
	return cfg, nil
}
