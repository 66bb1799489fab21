// Package reconciler is the handler of the function that keeps trails as they
// should be. It takes EventBridge's "AWS API Call via CloudTrail" events, alone or
// as the messages of an SQS queue, and {"trailhand":"sweep"}.
//
// Its environment:
//
//	DESIRED       desired.yaml: s3://bucket/key, or a path in the function's package
//	MODE          repair as the file says, or report: nothing is repaired
//	EVENT_BUS     name or ARN of the bus that notices are published on
//	STATE_BUCKET  bucket of what must survive a cold start, under reconciler/
//	AWS_REGION    home Region of the trails that name none
package reconciler

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/trailhand/trailhand/internal/awsio"
	"github.com/trailhand/trailhand/pkg/events"
	"github.com/trailhand/trailhand/pkg/trail"
)

// New makes the handler from the function's environment. Its error names
// everything that is wrong with the environment.
func New(ctx context.Context, env map[string]string, now func() time.Time, log *slog.Logger) (lambda.Handler, error) {
	c, err := configure(env)
	if err != nil {
		return nil, fmt.Errorf("environment: %w", err)
	}
	aws, err := awsio.Load(ctx, env)
	if err != nil {
		return nil, err
	}
	s3 := awsio.NewS3(aws)
	return &handler{
		desired: func(ctx context.Context) (trail.Spec, error) { return c.desired(ctx, s3) },
		reconciler: trail.Reconciler{
			API:       awsio.NewTrails(aws),
			Store:     awsio.TrailStore{Bucket: s3.Bucket(c.stateBucket), Prefix: "reconciler/"},
			Publisher: awsio.TrailNotices{Bus: awsio.NewBus(aws, c.eventBus)},
			Policies:  s3,
			Now:       now, Log: log,
		},
	}, nil
}

// handler is the function. It may be invoked by several goroutines.
type handler struct {
	// desired reads the desired state, anew for each invocation.
	desired    func(context.Context) (trail.Spec, error)
	reconciler trail.Reconciler
}

// Invoke handles one payload of Lambda. An error makes Lambda try the same
// payload again.
func (h *handler) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	work, err := read(payload)
	if err != nil {
		return nil, err
	}
	spec, err := h.desired(ctx)
	if err != nil {
		return nil, err
	}
	r := h.reconciler
	r.Account = account(ctx)
	r.Report = report(r.Log, spec, r.Now)
	switch {
	case work.sweep:
		outcomes, err := r.Sweep(ctx, spec)
		return answer(outcomes, err)
	case work.messages != nil:
		return json.Marshal(h.batch(ctx, &r, spec, work.messages))
	}
	outcomes, err := event(ctx, &r, spec, work.envelope)
	return answer(outcomes, err)
}

// account is that of the function itself.
func account(ctx context.Context) string {
	if lc, ok := lambdacontext.FromContext(ctx); ok {
		return trail.AccountOf(lc.InvokedFunctionArn)
	}
	return ""
}

func event(ctx context.Context, r *trail.Reconciler, spec trail.Spec, e events.Envelope) ([]trail.Outcome, error) {
	own := *r
	own.Account = cmp.Or(r.Account, e.Account)
	return own.Event(ctx, spec, e)
}

// batch handles the messages of a queue one by one and gives back those to try
// again.
func (h *handler) batch(ctx context.Context, r *trail.Reconciler, spec trail.Spec, messages []message) batchResponse {
	failed := batchResponse{Failures: []failure{}}
	for _, m := range messages {
		e, err := envelope([]byte(m.body))
		if err == nil {
			_, err = event(ctx, r, spec, e)
		}
		if err != nil {
			r.Log.Error("message goes back to the queue", "message", m.id, "error", err)
			failed.Failures = append(failed.Failures, failure{m.id})
		}
	}
	return failed
}

// batchResponse is what Lambda takes back of an SQS batch.
//
// https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
type batchResponse struct {
	Failures []failure `json:"batchItemFailures"`
}

type failure struct {
	ID string `json:"itemIdentifier"`
}

// summary is what an invocation answers, for people who invoke by hand.
type summary struct {
	Trails   int `json:"trails"`
	Repaired int `json:"repaired"`
	Reported int `json:"reported"`
	Failed   int `json:"failed"`
}

func answer(outcomes []trail.Outcome, err error) ([]byte, error) {
	s := summary{Trails: len(outcomes)}
	for _, o := range outcomes {
		s.Repaired += len(o.Repaired)
		s.Reported += len(o.Reported)
		s.Failed += len(o.Failed)
	}
	body, encodeErr := json.Marshal(s)
	return body, errors.Join(err, encodeErr)
}
