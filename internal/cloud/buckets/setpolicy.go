package buckets

import (
	"fmt"

	"github.com/trailhand/trailhand/internal/cloud/buckets/policy"
)

// SetPolicy gives a bucket a policy (JSON), as PutBucketPolicy does.
func (b *Buckets) SetPolicy(bucket string, document []byte) error {
	if !b.Exists(bucket) {
		return fmt.Errorf("policy of %q: %w", bucket, ErrNoSuchBucket)
	}
	p, err := policy.Parse(document)
	if err == nil {
		err = p.CheckResources(bucketARN(bucket))
	}
	if err != nil {
		return fmt.Errorf("policy of %q: %w", bucket, err)
	}
	return b.records.configure(bucket, "policy", string(document))
}
