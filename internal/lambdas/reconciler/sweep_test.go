package reconciler

import (
	"context"
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"

	"github.com/trailhand/trailhand/pkg/trail"
)

func regions() []string {
	return []string{"us-east-1", "us-east-2", "us-west-1", "us-west-2", "ca-central-1", "eu-west-1", "eu-west-2", "eu-west-3", "eu-central-1",
		"eu-north-1", "ap-south-1", "ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-southeast-1", "ap-southeast-2", "sa-east-1"}
}

// TestASweepActsInEachHomeRegion sweeps five trails in each of 17 Regions, and a
// rule's trail in each that the file does not name.
func TestASweepActsInEachHomeRegion(t *testing.T) {
	spec := trail.Spec{Mode: trail.Repair, NewTrails: []trail.Rule{{NamePattern: "team-*", Action: trail.NewTrailConform, Conform: trail.Desired{IsLogging: aws.Bool(true)}}}}
	for _, region := range regions() {
		for i := range 4 {
			d := trail.Desired{Name: fmt.Sprintf("trail-%d", i), HomeRegion: region, IsLogging: aws.Bool(true), Insights: []trail.InsightSelector{{InsightType: "ApiCallRateInsight"}}}
			d.S3BucketName = aws.String("logs")
			spec.Trails = append(spec.Trails, d)
		}
	}
	w := newWorld(t, &spec)
	for _, region := range regions() {
		_, err := w.client("team").CreateTrail(context.Background(), &cloudtrail.CreateTrailInput{Name: aws.String("team-x"), S3BucketName: aws.String("logs")},
			func(o *cloudtrail.Options) { o.Region = region })
		if err != nil {
			t.Fatal(err)
		}
	}
	w.calls = nil
	w.sweep()
	if again := w.sweep(); len(again) > 0 {
		t.Errorf("a second sweep changes %v", again)
	}
	if _, err := w.handler.Invoke(context.Background(), []byte(`{"trailhand":"sweep"}`)); err != nil || len(w.calls) != 1+85*6 {
		t.Errorf("a sweep of 85 whole trails makes %d requests, want ListTrails and six a trail; %v", len(w.calls), err)
	}
	for _, region := range regions() {
		for _, name := range []string{"trail-0", "trail-3", "team-x"} {
			o, err := w.handler.reconciler.API.Observe(context.Background(), trail.Ref{Region: region, Trail: name})
			if err != nil || o == nil || o.HomeRegion != region || !o.IsLogging {
				t.Errorf("%s in %s: %+v, %v", name, region, o, err)
			}
		}
	}
}
