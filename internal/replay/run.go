package replay

import (
	"cmp"
	"context"
	"runtime"
	"slices"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/trailhand/trailhand/pkg/insights"
)

const (
	// forgotten is a silence, in minutes, after which a State has nothing left
	// that it knew: it begins anew, and years without a log file cost nothing.
	forgotten = 60 * 24 * 60
	// settled is when every insight has Ended after the last call.
	settled = 3 * 24 * 60
)

// Run replays a Log.
type Run struct {
	Config   insights.Config
	From     time.Time          // calls before it are left out; zero: none
	Before   time.Time          // calls from it on are left out, and all minutes before it closed; zero: none
	Until    time.Time          // minutes before it are closed; zero: the end of the Log
	Progress func(done float64) // told from several goroutines, up to 1; may be nil
}

// Transitions gives what the detector tells, in the order in which it decides.
func (r Run) Transitions(ctx context.Context, l *Log) ([]insights.Transition, error) {
	told, _, err := r.Judge(ctx, l)
	return told, err
}

// States gives the State of each place that called, when the Run has ended.
// Transitions are not told: they are those of the past.
func (r Run) States(ctx context.Context, l *Log, each func(Place, *insights.State) error) error {
	return r.states(ctx, l, func(_ int, p Place, s *insights.State, _ []insights.Transition) error {
		if s.Watermark().IsZero() {
			return nil
		}
		return each(p, s)
	})
}

// states runs the places side by side, and gives each to done, one at a time.
func (r Run) states(ctx context.Context, l *Log, done func(int, Place, *insights.State, []insights.Transition) error) error {
	turn := make(chan struct{}, 1)
	var minutesDone atomic.Int64
	total := float64(max(l.Len(), 1))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, p := range l.Places() {
		group.Go(func() error {
			s, told, err := r.place(ctx, l, p, func(n int) {
				if r.Progress != nil {
					r.Progress(float64(minutesDone.Add(int64(n))) / total)
				}
			})
			if err != nil {
				return err
			}
			turn <- struct{}{}
			defer func() { <-turn }()
			return done(i, p, s, told)
		})
	}
	return group.Wait()
}

// place replays one account and Region.
func (r Run) place(ctx context.Context, l *Log, p Place, progress func(tallies int)) (*insights.State, []insights.Transition, error) {
	learning := r.Learn(p, nil)
	err := learning.take(ctx, l, progress)
	s := learning.Close(r.until(l))
	return s, learning.told, err
}

// within leaves out the entries that the Run leaves out.
func (r Run) within(of *rates) *rates {
	at := func(t time.Time) int {
		n, _ := slices.BinarySearchFunc(of.entries, minuteOf(t), func(e entry, minute int32) int { return cmp.Compare(e.minute, minute) })
		return n
	}
	from, before := 0, len(of.entries)
	if !r.From.IsZero() {
		from = at(r.From)
	}
	if !r.Before.IsZero() {
		before = max(from, at(r.Before))
	}
	return &rates{entries: of.entries[from:before], shares: of.shares}
}

// until is when the replay ends: minutes before it are closed.
func (r Run) until(l *Log) time.Time {
	if !r.Before.IsZero() {
		return r.Before
	}
	if r.Until.After(l.End()) {
		return r.Until
	}
	return l.End()
}

// inOrder sorts transitions by the minute that decided them. Those of one place
// keep their order.
func inOrder(all []insights.Transition) []insights.Transition {
	slices.SortStableFunc(all, func(a, b insights.Transition) int {
		return cmp.Or(decided(a).Compare(decided(b)), cmp.Compare(a.AccountID, b.AccountID), cmp.Compare(a.Region, b.Region))
	})
	return all
}

// decided is the minute that a transition came with, as its record tells it.
func decided(t insights.Transition) time.Time {
	if t.Phase == insights.Start {
		return t.Reason.Decided
	}
	return t.Time
}
