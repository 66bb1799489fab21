package reconciler

import (
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"

	"github.com/trailhand/trailhand/pkg/trail"
)

func TestTheEnvironmentsProblemsAreReportedAtOnce(t *testing.T) {
	tests := []struct {
		name string
		env  map[string]string
		want []string
	}{
		{"nothing is set", nil, []string{"DESIRED is not set", "EVENT_BUS is not set", "STATE_BUCKET is not set", "AWS_REGION is not set"}},
		{"wrong values", map[string]string{"DESIRED": "s3://bucket", "EVENT_BUS": "b", "STATE_BUCKET": "s", "AWS_REGION": "r", "MODE": "fix"},
			[]string{`MODE is "fix", neither repair nor report`, `DESIRED is "s3://bucket": an object is s3://bucket/key`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := New(context.Background(), tt.env, time.Now, slog.New(slog.DiscardHandler))
			for _, want := range tt.want {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("%v does not say %q", err, want)
				}
			}
		})
	}
}

func TestPayloadsOfOtherShapesAreNamed(t *testing.T) {
	spec := managedSpec(t)
	w := newWorld(t, &spec)
	tests := []struct{ name, payload, want string }{
		{"no JSON", "hello", "payload is no JSON object"},
		{"a list", "[]", "payload is no JSON object"},
		{"another order of ours", `{"trailhand":"clock"}`, `payload asks trailhand for "clock"`},
		{"names that we do not know", `{"bucket":"b","key":"k"}`, "it has the names bucket, key"},
		{"records of S3", `{"Records":[{"eventSource":"aws:s3"}]}`, `record 0 is of eventSource "aws:s3", not aws:sqs`},
		{"records of no kind", `{"Records":[{}]}`, "record 0 is of eventSource , not aws:sqs"},
		{"records that are none", `{"Records":7}`, "Records are no list of objects"},
		{"an event without its type", `{"version":"0","id":"x","source":"aws.cloudtrail"}`, "detail-type or source is missing"},
		{"names of another case", `{"Detail-Type":"AWS API Call via CloudTrail","Source":"aws.cloudtrail"}`, "detail-type or source is missing"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := w.handler.Invoke(context.Background(), []byte(tt.payload))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%v does not say %q", err, tt.want)
			}
		})
	}
}

func TestTheEventForSamLocalIsHandled(t *testing.T) {
	event, err := os.ReadFile("../../../functions/reconciler/event.json")
	if err != nil {
		t.Fatal(err)
	}
	d := trail.Desired{Name: "trailhand", HomeRegion: "us-east-1", IsLogging: aws.Bool(true)}
	d.S3BucketName = aws.String("logs")
	spec := trail.Spec{Mode: trail.Repair, Trails: []trail.Desired{d}}
	w := newWorld(t, &spec)
	answer, err := w.handler.Invoke(context.Background(), event)
	if want := `{"trails":1,"repaired":1,"reported":0,"failed":0}`; err != nil || string(answer) != want {
		t.Errorf("answered %s, %v, want %s", answer, err, want)
	}
}

func TestOfAQueuesBatchOnlyTheBadMessageGoesBack(t *testing.T) {
	spec := managedSpec(t)
	w := newWorld(t, &spec)
	w.sweep()
	if _, err := w.client("mallory").StopLogging(context.Background(), &cloudtrail.StopLoggingInput{Name: aws.String("audit")}); err != nil {
		t.Fatal(err)
	}
	stopped := w.calls[len(w.calls)-1].event
	batch, err := json.Marshal(map[string]any{"Records": []any{
		map[string]any{"eventSource": "aws:sqs", "messageId": "bad", "body": "{}"},
		map[string]any{"eventSource": "aws:sqs", "messageId": "good", "body": string(stopped)},
	}})
	if err != nil {
		t.Fatal(err)
	}
	answer, err := w.handler.Invoke(context.Background(), batch)
	if want := `{"batchItemFailures":[{"itemIdentifier":"bad"}]}`; err != nil || string(answer) != want {
		t.Errorf("answered %s, %v, want %s", answer, err, want)
	}
	w.whole(spec.Trails[0])
}
