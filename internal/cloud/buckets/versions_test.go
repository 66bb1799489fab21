package buckets

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

func TestABucketWithVersioningKeepsWhatIsOverwritten(t *testing.T) {
	f := start(t)
	ctx, c := t.Context(), f.client()
	if err := f.Create(ctx, "versioned", "us-east-1"); err != nil {
		t.Fatal(err)
	}
	for range 2 { // as at each start
		if err := f.EnableVersioning(ctx, "versioned"); err != nil {
			t.Fatal(err)
		}
	}
	status, err := c.GetBucketVersioning(ctx, &s3.GetBucketVersioningInput{Bucket: aws.String("versioned")})
	if err != nil || status.Status != types.BucketVersioningStatusEnabled {
		t.Errorf("versioning is %+v, %v", status, err)
	}
	for _, body := range []string{"first", "second"} {
		if err := f.Put(ctx, "versioned", "key", strings.NewReader(body), int64(len(body)), Meta{}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := c.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: aws.String("versioned"), Key: aws.String("key")}); err != nil {
		t.Fatal(err)
	}
	out, err := c.ListObjectVersions(ctx, &s3.ListObjectVersionsInput{Bucket: aws.String("versioned")})
	if err != nil || len(out.Versions) != 2 || len(out.DeleteMarkers) != 1 {
		t.Fatalf("%d versions, %d delete markers, %v", len(out.Versions), len(out.DeleteMarkers), err)
	}
	got, err := c.GetObject(ctx, &s3.GetObjectInput{Bucket: aws.String("versioned"), Key: aws.String("key"), VersionId: out.Versions[1].VersionId})
	if err != nil || *got.ContentLength != int64(len("first")) {
		t.Errorf("the first version: %+v, %v", got, err)
	}
	if len(f.events) < 2 || f.events[0].VersionID == "" || f.events[0].VersionID == f.events[1].VersionID {
		t.Errorf("events %+v", f.events)
	}
}
