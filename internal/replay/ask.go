package replay

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/trailhand/trailhand/pkg/insights"
)

const (
	// mostCalls is the most calls in a minute that are tried.
	mostCalls = 1 << 26
	// longestDrop is the longest silence that is tried, in minutes.
	longestDrop = 24 * 60
)

// Level is what the detector would have taken for unusual in one minute, as it
// stood at the minute's beginning.
type Level struct {
	At        time.Time
	Calls     int     // the least that would have Started an insight; 0: no number would
	Expected  float64 // calls a minute
	Threshold float64 // nats
}

// Levels asks the detector for the Level of each of the given minutes, which are
// in order. It tries numbers of calls on the State of that minute, so the answer
// is that of the detector itself, whatever its rule.
func (s Series) Levels(ctx context.Context, cfg insights.Config, at []time.Time) ([]Level, error) {
	var levels []Level
	guess := 16
	err := s.visit(ctx, cfg, at, func(f fork) error {
		level, err := f.level(guess)
		if level.Calls > 0 {
			guess = level.Calls
		}
		levels = append(levels, level)
		return err
	})
	return levels, err
}

// Times are at most n minutes, evenly over the Series, and the given ones that
// are in it; in order.
func (s Series) Times(n int, more []time.Time) []time.Time {
	step := max(1, (len(s.PerMinute)+n-1)/max(n, 1))
	var all []time.Time
	for m := 0; m < len(s.PerMinute); m += step {
		all = append(all, s.From.Add(time.Duration(m)*time.Minute))
	}
	for _, t := range more {
		if !t.Before(s.From) && t.Before(s.To()) {
			all = append(all, t)
		}
	}
	slices.SortFunc(all, time.Time.Compare)
	return slices.CompactFunc(all, time.Time.Equal)
}

// fork is the State at the beginning of a minute.
type fork struct {
	Series
	cfg      insights.Config
	minute   int32
	snapshot []byte
	usual    []insights.Tally // of the last minute that had calls
}

// visit replays the Series and stops at the beginning of each of the minutes.
func (s Series) visit(ctx context.Context, cfg insights.Config, at []time.Time, stop func(fork) error) error {
	state := insights.NewState(s.AccountID, s.Region, cfg)
	var usual []insights.Tally
	next := 0
	for _, t := range at {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		minute := minuteOf(t)
		for ; next < len(s.steps) && s.steps[next].minute < minute; next++ {
			st := s.steps[next]
			state.Close(minuteTime(st.minute))
			state.Add(insights.Batch{Tallies: append(slices.Clip(st.tallies), s.heard(st.minute))})
			if len(st.tallies) > 0 {
				usual = st.tallies
			}
		}
		state.Close(minuteTime(minute))
		snapshot, err := state.Encode()
		if err != nil {
			return err
		}
		if err := stop(fork{s, cfg, minute, snapshot, usual}); err != nil {
			return fmt.Errorf("asking about %s: %w", minuteTime(minute).Format(time.RFC3339), err)
		}
	}
	return nil
}

// try gives the Start that n calls in the fork's minute would have made.
func (f fork) try(n int) (start insights.Transition, ok bool, err error) {
	state, err := insights.Decode(f.snapshot, f.cfg)
	if err != nil {
		return start, false, err
	}
	state.Add(insights.Batch{Tallies: []insights.Tally{f.likely(f.minute, n, f.usual)}})
	start, ok = f.start(state.Close(minuteTime(f.minute+1)), insights.Spike)
	return start, ok, nil
}

// start finds the Rate's own Start.
func (s Series) start(told []insights.Transition, d insights.Direction) (insights.Transition, bool) {
	for _, t := range told {
		if t.Phase == insights.Start && t.Reason.Direction == d && t.Key.Type == s.Type() && RateOf(t.Key) == s.Rate {
			return t, true
		}
	}
	return insights.Transition{}, false
}

// level searches for the least number of calls that Starts an insight.
func (f fork) level(guess int) (Level, error) {
	level := Level{At: minuteTime(f.minute)}
	below, above, err := f.bracket(guess, &level)
	for err == nil && level.Calls > 0 && above-below > 1 {
		middle := (below + above) / 2
		var starts bool
		if starts, err = f.starts(middle, &level); starts {
			above = middle
		} else {
			below = middle
		}
	}
	return level, err
}

// starts says whether n calls would Start an insight, and notes them if so.
func (f fork) starts(n int, level *Level) (bool, error) {
	start, ok, err := f.try(n)
	if ok {
		r := start.Reason
		level.Calls, level.Expected, level.Threshold = n, r.Expected/float64(max(r.Window, 1)), r.Threshold
	}
	return ok, err
}

// bracket finds a number of calls that Starts no insight and a larger one that
// does, near the guess, which is mostly right.
func (f fork) bracket(guess int, level *Level) (below, above int, err error) {
	for above = guess; above <= mostCalls; above *= 2 {
		starts, err := f.starts(above, level)
		if err != nil {
			return 0, 0, err
		}
		if starts {
			break
		}
		if below = above; above > 1<<12 {
			above *= 8
		}
	}
	if less := above * 7 / 8; below == 0 && level.Calls > 0 {
		starts, err := f.starts(less, level)
		if err != nil || starts {
			return 0, less, err
		}
		below = less
	}
	return below, above, nil
}

// silence gives the least number of minutes without a call, from the fork's
// minute on, that would have Started an insight; 0: none within a day.
func (f fork) silence() (int, error) {
	state, err := insights.Decode(f.snapshot, f.cfg)
	if err != nil {
		return 0, err
	}
	for n := range int32(longestDrop) {
		state.Add(insights.Batch{Tallies: []insights.Tally{f.heard(f.minute + n)}})
		if _, ok := f.start(state.Close(minuteTime(f.minute+n+1)), insights.Drop); ok {
			return int(n) + 1, nil
		}
	}
	return 0, nil
}
