package detector

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/trailhand/trailhand/pkg/insights"
)

// slow waits in one Region until it is told to end.
type slow struct {
	runs
	in string
}

func (s *slow) Run(ctx context.Context, account, region string, batches []insights.Batch) (insights.Outcome, error) {
	if region == s.in {
		<-ctx.Done()
		return insights.Outcome{}, ctx.Err()
	}
	return s.runs.Run(ctx, account, region, batches)
}

func TestWhatTheTimeIsTooShortForComesAgain(t *testing.T) {
	r := &slow{in: "eu-west-1"}
	h := newHandler(&r.runs, nil, nil)
	h.run = r
	ctx, cancel := context.WithTimeout(t.Context(), margin+50*time.Millisecond)
	defer cancel()
	answer, err := h.Invoke(ctx, event("us-east-1:a", "eu-west-1:b", "us-west-2:c"))
	if err != nil || ctx.Err() != nil {
		t.Fatalf("%v, %v", err, ctx.Err())
	}
	if got := returned(t, answer); got != "m1 m2" || !slices.Equal(r.done, []string{"1/us-east-1 a"}) {
		t.Errorf("ran %q, returned %q", r.done, got)
	}
}
