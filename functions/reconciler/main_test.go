package main

import (
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/trailhand/trailhand/internal/cloud/flows"
	"github.com/trailhand/trailhand/internal/cloud/functions"
	"github.com/trailhand/trailhand/internal/lambdas/reconciler"
)

const desired = `mode: repair
trails:
  - TrailName: trailhand
    S3BucketName: trailhand-logs-123456789012-us-east-1
    IsLogging: true
`

// account is an embedded account in which nothing runs.
func account(t *testing.T) *flows.Account {
	t.Helper()
	nothing := func(context.Context, map[string]string) (lambda.Handler, error) {
		return lambda.NewHandler(func(json.RawMessage) error { return nil }), nil
	}
	code := map[string]functions.Function{"Reconciler": nothing, "Logparser": nothing, "Detector": nothing}
	a, err := flows.Start(t.Context(), t.TempDir(), code, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return a
}

func TestEveryPayloadIsHandled(t *testing.T) {
	const repaired = `{"trails":1,"repaired":1,"reported":0,"failed":0}`
	tests := []struct {
		payload, answer string
		fault           string // a part of the error
	}{
		{payload: "event.json", answer: repaired},
		{payload: "testdata/sweep.json", answer: repaired},
		{payload: "testdata/refused-call.json", answer: `{"trails":0,"repaired":0,"reported":0,"failed":0}`},
		{payload: "testdata/other-trail.json", answer: `{"trails":1,"repaired":0,"reported":0,"failed":0}`},
		{payload: "testdata/sqs.json", answer: `{"batchItemFailures":[]}`},
		{payload: "testdata/sqs-one-unknown.json", answer: `{"batchItemFailures":[{"itemIdentifier":"059f36b4-87a3-44ab-83d2-661975830000"}]}`},
		{payload: "testdata/unknown.json", fault: "it has the names hello"},
		{payload: "testdata/clock.json", fault: `"clock"`},
		{payload: "testdata/other-queue.json", fault: `"aws:s3"`},
	}
	payloads := map[string][]byte{}
	for _, test := range tests { // before an object store changes the working directory
		text, err := os.ReadFile(test.payload)
		if err != nil {
			t.Fatal(err)
		}
		payloads[test.payload] = text
	}
	for _, test := range tests {
		t.Run(test.payload, func(t *testing.T) {
			a := account(t)
			path := filepath.Join(t.TempDir(), "desired.yaml")
			if err := os.WriteFile(path, []byte(desired), 0o600); err != nil {
				t.Fatal(err)
			}
			h, err := reconciler.New(t.Context(), map[string]string{
				"AWS_ENDPOINT_URL": a.URL(), "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret",
				"DESIRED": path, "MODE": "repair", "EVENT_BUS": "default", "STATE_BUCKET": "trailhand-data-123456789012-us-east-1",
			}, time.Now, slog.New(slog.NewJSONHandler(t.Output(), nil)))
			if err != nil {
				t.Fatal(err)
			}
			answer, err := h.Invoke(t.Context(), payloads[test.payload])
			if (err != nil) != (test.fault != "") || err != nil && !strings.Contains(err.Error(), test.fault) {
				t.Fatalf("error %v, want …%s…", err, test.fault)
			}
			if string(answer) != test.answer {
				t.Errorf("answered %s, want %s", answer, test.answer)
			}
		})
	}
}
