package replay

import (
	"context"
	"time"

	"github.com/trailhand/trailhand/pkg/insights"
)

// Baseline is the Run that makes the snapshots that a detector begins with: of
// the calls of so many days before until, or before end, where the calls that
// are known end earlier. Calls of the last Lateness are left to the detector.
func Baseline(cfg insights.Config, until, end time.Time, days int) Run {
	before := until
	if end.Before(before) {
		before = end
	}
	return Run{
		Config: cfg,
		From:   until.AddDate(0, 0, -days).Truncate(time.Minute),
		Before: before.Add(-cfg.Lateness).Truncate(time.Minute),
	}
}

// Learning makes the State of one place of Logs that follow one another in
// time: what a Run does with one Log, where all of it would not fit in memory.
type Learning struct {
	run   Run
	place Place
	state *insights.State
	last  int32 // the last minute that has a tally
	told  []insights.Transition
}

// Learn begins with what was learned before, or with nothing if known is nil.
func (r Run) Learn(p Place, known *insights.State) *Learning {
	g := &Learning{run: r, place: p, state: known}
	switch {
	case known == nil:
		g.state = insights.NewState(p.AccountID, p.Region, r.Config)
	case !known.Watermark().IsZero():
		g.last = minuteOf(known.Watermark())
	}
	return g
}

// Take learns the place's calls of a Log: no earlier ones than those taken before.
func (g *Learning) Take(ctx context.Context, l *Log) error { return g.take(ctx, l, func(int) {}) }

func (g *Learning) take(ctx context.Context, l *Log, progress func(tallies int)) error {
	rates := g.run.within(l.at(g.place))
	batch := insights.Batch{AccountID: g.place.AccountID, Region: g.place.Region}
	waiting := 0
	err := minutes(rates.entries, func(minute int32, entries []entry) error {
		if g.last > 0 && minute-g.last > forgotten {
			g.judge(minuteTime(g.last + settled))
			g.state = insights.NewState(g.place.AccountID, g.place.Region, g.run.Config)
		}
		g.judge(minuteTime(minute))
		batch.Tallies = batch.Tallies[:0]
		for _, e := range entries {
			batch.Tallies = append(batch.Tallies, l.tally(g.place, rates, e))
		}
		g.state.Add(batch)
		g.last = minute
		if waiting += len(entries); waiting >= 1<<14 {
			progress(waiting)
			waiting = 0
		}
		return ctx.Err()
	})
	progress(waiting)
	return err
}

func (g *Learning) judge(until time.Time) { g.told = append(g.told, g.state.Close(until)...) }

// Close closes all minutes before until, and gives the State. More may be taken
// after it. The State is as if a batch had just come: the clock takes none of its
// later minutes for silent before their tallies had time to come.
func (g *Learning) Close(until time.Time) *insights.State {
	if until.Sub(minuteTime(g.last)) > forgotten*time.Minute {
		until = minuteTime(g.last + settled)
	}
	g.judge(until)
	g.state.Add(insights.Batch{})
	return g.state
}
