package awsio

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// BucketPolicy gives a bucket's policy document, empty when it has none. It is
// trail.BucketPolicies.
func (s *S3) BucketPolicy(ctx context.Context, bucket string) (string, error) {
	out, err := s.api.GetBucketPolicy(ctx, &s3.GetBucketPolicyInput{Bucket: &bucket})
	if code(err) == "NoSuchBucketPolicy" {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("reading the policy of bucket %s: %w", bucket, err)
	}
	return aws.ToString(out.Policy), nil
}
