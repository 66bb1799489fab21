package reconciler

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/trailhand/trailhand/internal/awsio"
	"github.com/trailhand/trailhand/internal/conform/moto"
	"github.com/trailhand/trailhand/internal/desired"
)

// TestAgainstMoto makes and repairs a trail where moto 5.2 is right. It has no event
// configuration, and answers StartLogging by ARN with an internal error, so that
// logging is only started on the trail that is made again.
func TestAgainstMoto(t *testing.T) {
	ctx := context.Background()
	spec, err := desired.Parse("moto.yaml", []byte(`
mode: repair
trails:
  - TrailName: audit
    S3BucketName: logs
    S3KeyPrefix: prefix
    IsMultiRegionTrail: true
    IncludeGlobalServiceEvents: true
    IsLogging: true
    AdvancedEventSelectors: [{Name: all, FieldSelectors: [{Field: eventCategory, Equals: [Management]}]}]
    InsightSelectors: [{InsightType: ApiCallRateInsight}]
    Tags: {Owner: security}
`))
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, &spec)
	w.url = moto.Start(t)
	w.handler.reconciler.API = awsio.NewTrails(w.config("reconciler"))
	bucket := s3.NewFromConfig(w.config("me"), func(o *s3.Options) { o.UsePathStyle = true })
	if _, err := bucket.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: aws.String("logs"),
		CreateBucketConfiguration: &s3types.CreateBucketConfiguration{LocationConstraint: home}}); err != nil {
		t.Fatal(err)
	}
	sweep := func() {
		t.Helper()
		if _, err := w.handler.Invoke(ctx, []byte(`{"trailhand":"sweep"}`)); err != nil {
			t.Errorf("sweep: %v", err)
		}
		w.whole(spec.Trails[0])
	}
	sweep()
	mallory := w.client("mallory")
	prefix := updates(func(in *cloudtrail.UpdateTrailInput) {
		in.S3BucketName, in.S3KeyPrefix, in.IsMultiRegionTrail = aws.String("logs"), aws.String("other"), aws.Bool(false)
	})
	for _, undo := range []somebody{prefix, putInsights(), removeTags("Owner"), putSelectors([]types.EventSelector{{ReadWriteType: "ReadOnly"}}, nil), remove} {
		if err := undo(ctx, mallory); err != nil {
			t.Error(err)
		}
		sweep()
	}
}
