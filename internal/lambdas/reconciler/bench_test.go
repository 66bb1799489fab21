package reconciler

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
)

// BenchmarkRound is from the event of a StopLogging to the trail that logs again, all
// calls over the wire to the embedded CloudTrail. The StopLogging itself is in it.
func BenchmarkRound(b *testing.B) {
	spec := managedSpec(b)
	w := newWorld(b, &spec)
	w.sweep()
	mallory := w.client("mallory")
	for b.Loop() {
		if _, err := mallory.StopLogging(context.Background(), &cloudtrail.StopLoggingInput{Name: aws.String("audit")}); err != nil {
			b.Fatal(err)
		}
		event := w.calls[len(w.calls)-1].event
		w.calls, w.notices = nil, nil
		w.log.Reset()
		if _, err := w.handler.Invoke(context.Background(), event); err != nil || len(w.notices) != 1 {
			b.Fatalf("published %+v, %v", w.notices, err)
		}
	}
}
