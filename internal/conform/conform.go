// Package conform holds what every endpoint that speaks for AWS must do, as its
// clients see it: one suite that runs against the embedded cloud and against
// moto, which is code that is independent of ours. Where both agree, our
// reading of AWS's documents is likely right.
package conform

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
)

// AccountID is the account that an endpoint must give to unknown access keys.
const AccountID = "123456789012"

// Region is where cases run that do not say otherwise.
const Region = "us-east-1"

// A Case is one thing that is true of AWS.
type Case struct {
	Name string // a sentence
	// Moto says what moto 5.2 does instead; empty where it does as AWS.
	Moto string
	// Run returns an error that says what was not so. It leaves nothing behind
	// that another case would see.
	Run func(ctx context.Context, c *Clients) error
}

// Cases gives the whole suite.
func Cases() []Case {
	return slices.Concat(trailCases(), selectorCases(), loggingCases(), bucketCases(), busCases(), ruleCases(), queueCases(), tokenCases())
}

// Clients are the SDK's, for one endpoint and Region.
type Clients struct {
	CloudTrail *cloudtrail.Client
	S3         *s3.Client
	Events     *eventbridge.Client
	SQS        *sqs.Client
	STS        *sts.Client

	endpoint, region string
}

// Dial gives clients of an endpoint, such as http://127.0.0.1:4566.
func Dial(endpoint, region string) *Clients {
	cfg := aws.Config{
		Region: region, BaseEndpoint: &endpoint, RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("AKIAIOSFODNN7EXAMPLE", "secret", ""),
	}
	return &Clients{
		CloudTrail: cloudtrail.NewFromConfig(cfg), Events: eventbridge.NewFromConfig(cfg), SQS: sqs.NewFromConfig(cfg), STS: sts.NewFromConfig(cfg),
		S3:       s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = true }),
		endpoint: endpoint, region: region,
	}
}

// In gives clients of the same endpoint in another Region.
func (c *Clients) In(region string) *Clients { return Dial(c.endpoint, region) }

// refused holds that err is the service's exception of that code.
func refused(err error, code string) error {
	var api smithy.APIError
	switch {
	case err == nil:
		return fmt.Errorf("succeeded, want %s", code)
	case !errors.As(err, &api) || api.ErrorCode() != code:
		return fmt.Errorf("refused with %w, want %s", err, code)
	}
	return nil
}

// same holds that got is want.
func same[T comparable](what string, got, want T) error {
	if got != want {
		return fmt.Errorf("%s is %v, want %v", what, got, want)
	}
	return nil
}

// contains holds that a text has a part.
func contains(what, got, want string) error {
	if !strings.Contains(got, want) {
		return fmt.Errorf("%s is %q, which lacks %q", what, got, want)
	}
	return nil
}
