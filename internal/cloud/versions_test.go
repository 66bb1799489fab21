package cloud

import (
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/trailhand/trailhand/internal/cloud/template"
)

func TestTheBucketsOfTheTemplateAreVersionedAsItSays(t *testing.T) {
	c := started(t, testConfig(t, t.TempDir()))
	for _, b := range c.Wiring().Buckets {
		got, err := bucketClient(c).GetBucketVersioning(t.Context(), &s3.GetBucketVersioningInput{Bucket: &b.Name})
		if err != nil || (got.Status == "Enabled") != b.Versioning {
			t.Errorf("%s: %+v, %v, want %v", b.Name, got, err, b.Versioning)
		}
	}
	if !slices.ContainsFunc(c.Wiring().Buckets, func(b template.Bucket) bool { return b.Versioning }) {
		t.Error("the template has no bucket with versioning")
	}
}
