package replay

import (
	"context"
	"slices"
	"time"

	"github.com/trailhand/trailhand/pkg/insights"
)

// How long the detector observes an account and Region before it tells anything.
const (
	BeforeRises = 26 * time.Hour
	BeforeDrops = 8 * 24 * time.Hour
)

// Judged is what the detector had of one place when a Run had ended.
type Judged struct {
	Place
	Rates   int           // that it keeps
	History time.Duration // from the first call to the last; before a silence of 60 days all is forgotten
}

// Judge gives what the detector tells, in the order in which it decides, and
// what it had to judge by.
func (r Run) Judge(ctx context.Context, l *Log) ([]insights.Transition, []Judged, error) {
	places := l.Places()
	told := make([][]insights.Transition, len(places))
	judged := make([]Judged, len(places))
	err := r.states(ctx, l, func(i int, p Place, s *insights.State, of []insights.Transition) error {
		told[i] = of
		judged[i] = Judged{Place: p, Rates: s.Keys()}
		if calls := recent(r.within(l.at(p)).entries); len(calls) > 0 {
			judged[i].History = time.Duration(calls[len(calls)-1].minute-calls[0].minute+1) * time.Minute
		}
		return nil
	})
	return inOrder(slices.Concat(told...)), judged, err
}
