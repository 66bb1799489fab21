package insights_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/trailhand/trailhand/pkg/insights"
)

// contended is a Store in which another run saves first, so many times.
type contended struct{ times int }

func (c *contended) Load(context.Context, string, string) ([]byte, string, error) {
	return nil, "", nil
}

func (c *contended) Save(context.Context, string, string, []byte, string) (string, error) {
	if c.times--; c.times >= 0 {
		return "", insights.ErrConflict
	}
	return "1", nil
}

func TestConflictsAreCounted(t *testing.T) {
	for _, times := range []int{0, 1, 3, 1000} {
		r := insights.Runner{Store: &contended{times}, Config: insights.DefaultConfig(), Now: time.Now, Log: slog.New(slog.DiscardHandler)}
		out, err := r.Run(t.Context(), "123456789012", "us-east-1", nil)
		if out.Conflicts != min(times, 10) || (err != nil) != (times == 1000) {
			t.Errorf("%d conflicts: counted %d, %v", times, out.Conflicts, err)
		}
	}
}
