package detector

import (
	"context"
	"sync"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/trailhand/trailhand/internal/lambdas/emf"
	"github.com/trailhand/trailhand/pkg/insights"
)

// report counts what one invocation did.
type report struct {
	begin                     time.Time
	messages, returned, aside int

	mu                               sync.Mutex
	states, batches, duplicates, bad int
	calls, lateCalls, starts, ends   int
	copies, unchecked, unjudged      int
	conflicts                        int
}

func (r *report) add(out insights.Outcome) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.states++
	r.conflicts += out.Conflicts
	r.unjudged += out.Unjudged
	for _, a := range out.Added {
		r.batches++
		if a.Duplicate {
			r.duplicates++
		}
		r.calls += a.Calls
		r.lateCalls += a.LateCalls
		r.copies += a.Copies
		r.unchecked += a.Unchecked
		r.bad += len(a.Bad)
	}
	for _, t := range out.Transitions {
		if t.Phase == insights.Start {
			r.starts++
		} else {
			r.ends++
		}
	}
}

// tell writes a line for each transition, with its reason, and for each tally
// that was refused.
func (h *handler) tell(ctx context.Context, out insights.Outcome) {
	for _, t := range out.Transitions {
		h.log.Info("insight", "requestId", requestID(ctx), "account", t.AccountID, "region", t.Region,
			"state", t.Phase, "key", t.Key, "eventTime", t.Time, "eventId", t.EventID,
			"statistics", t.Statistics, "reason", t.Reason)
	}
	for _, a := range out.Added {
		for _, err := range a.Bad {
			h.log.Warn("bad tally", "requestId", requestID(ctx), "error", err.Error())
		}
	}
}

// report writes the one line of the invocation, which carries its metrics.
func (h *handler) report(ctx context.Context, r *report) {
	now := h.now()
	h.log.Info("rates judged", "requestId", requestID(ctx), "messages", r.messages, "states", r.states,
		emf.Attr(now, "detector",
			emf.Count("Batches", r.batches), emf.Count("Duplicates", r.duplicates), emf.Count("BadTallies", r.bad),
			emf.Count("Calls", r.calls), emf.Count("LateCalls", r.lateCalls),
			emf.Count("Copies", r.copies), emf.Count("UncheckedCopies", r.unchecked),
			emf.Count("UnjudgedKeys", r.unjudged),
			emf.Count("InsightStarts", r.starts), emf.Count("InsightEnds", r.ends),
			emf.Count("SetAside", r.aside), emf.Count("Returned", r.returned), emf.Count("Conflicts", r.conflicts),
			emf.Metric{Name: "Elapsed", Unit: "Milliseconds", Value: float64(now.Sub(r.begin).Milliseconds())}))
}

func requestID(ctx context.Context) string {
	if lc, ok := lambdacontext.FromContext(ctx); ok {
		return lc.AwsRequestID
	}
	return ""
}
