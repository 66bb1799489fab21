package sim

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"time"
)

const (
	leastAdded   = 4 // calls, of an anomaly that is drawn at random
	edgeMinutes  = 360
	droppedRate  = 1.0  // calls a minute, from which on silence is drawn
	spreadFactor = 20.0 // size of the negative binomial of added calls
)

var errNothing = errors.New("it added no call: give a rate, since times no call is none")

// inject brings one anomaly about.
func (g *Generated) inject(a Anomaly, r *rand.Rand) error {
	t := g.like(a)
	from, to := int(a.At/time.Minute), int((a.At+a.For)/time.Minute)
	if from < 0 || to > g.Minutes() || from >= to {
		return fmt.Errorf("from minute %d to minute %d is not within the %d days", from, to, g.Days)
	}
	in := Injected{Source: t.EventSource, Name: t.EventName, ErrorCode: t.ErrorCode, Kind: a.Kind, Archetype: t.Archetype, From: from, To: to}
	if a.Kind == DropOf {
		for m := from; m < to; m++ {
			in.Added -= int(t.Calls[m])
			t.Calls[m] = 0
		}
		g.Truth = append(g.Truth, in)
		return nil
	}
	until := to
	if a.Kind == LevelChange {
		until = g.Minutes()
	}
	if in.Added = t.add(a, from, until, r); in.Added == 0 {
		return errNothing
	}
	g.Truth = append(g.Truth, in)
	return nil
}

// add adds the calls of an anomaly.
func (t *Timeline) add(a Anomaly, from, to int, r *rand.Rand) (added int) {
	extra := make([]int32, to-from)
	usual := t.around(from)
	for m := range extra {
		rate := a.Rate
		if a.Times > 0 {
			rate = (a.Times - 1) * usual
		}
		if a.Kind == Ramp {
			rate *= float64(m+1) / float64(len(extra))
		}
		n := draw(r, rate, spreadFactor)
		if rate == math.Trunc(rate) && a.Kind != Ramp && a.Times == 0 {
			n = int(rate) // a whole rate is meant exactly
		}
		extra[m] = int32(n)
		added += n
	}
	if a.Principal != "" {
		t.Foreign = append(t.Foreign, Foreign{a.Principal, from, extra})
		return added
	}
	for m, n := range extra {
		t.Calls[from+m] += n
	}
	return added
}

// around is what an API is called a minute about a minute: the mean of its last
// hour, and where that was silent of its active minutes of the last day.
func (t *Timeline) around(minute int) float64 {
	if rate := t.mean(max(0, minute-60), minute); rate > 0 {
		return rate
	}
	calls, active := 0, 0
	for m := max(0, minute-1440); m < minute; m++ {
		if t.Calls[m] > 0 {
			calls, active = calls+int(t.Calls[m]), active+1
		}
	}
	return float64(calls) / float64(max(active, 1))
}

func (t *Timeline) mean(from, to int) float64 {
	sum := 0
	for _, n := range t.Calls[from:to] {
		sum += int(n)
	}
	return float64(sum) / float64(max(to-from, 1))
}

// injectAtRandom draws anomalies for a share of the timelines, each in a stretch
// of its own.
func (g *Generated) injectAtRandom() error {
	n := g.Inject.Spikes + g.Inject.Drops
	room := (g.Days - g.Learn) * 1440
	if n == 0 {
		return nil
	}
	if room/n < 3*edgeMinutes {
		return fmt.Errorf("inject: %d anomalies need %d days that are scored, there are %d", n, (3*edgeMinutes*n+1439)/1440, g.Days-g.Learn)
	}
	for _, t := range g.Timelines {
		r := g.random(t.EventSource, t.EventName, t.ErrorCode, "inject")
		if r.Float64() >= g.Inject.Share {
			continue
		}
		for i := range n {
			from := g.Learn*1440 + i*(room/n) + edgeMinutes
			if err := g.injectOne(t, from, room/n-2*edgeMinutes, i < g.Inject.Drops, r); err != nil {
				return err
			}
		}
	}
	return nil
}

// injectOne draws an anomaly that begins in the minutes from from on.
func (g *Generated) injectOne(t *Timeline, from, room int, drop bool, r *rand.Rand) error {
	a := Anomaly{Source: t.EventSource, Name: t.EventName, ErrorCode: t.ErrorCode, Kind: SpikeOf}
	for range 40 { // places where it would not be seen are no use
		at := from + r.IntN(room)
		a.At = time.Duration(at) * time.Minute
		usual := t.around(at)
		if drop {
			if usual < droppedRate || t.mean(at-60, at) < droppedRate {
				continue
			}
			a.Kind, a.For = DropOf, pick(r, 10, 30, 60, 180)
			return g.inject(a, r)
		}
		a.For = pick(r, 1, 3, 5, 10, 30, 60)
		if usual < 0.05 {
			a.Rate = []float64{2, 5, 12, 30, 100}[r.IntN(5)]
		} else {
			a.Rate = (float64([]int{2, 3, 5, 10, 20, 50}[r.IntN(6)]) - 1) * usual
		}
		if a.Rate*a.For.Minutes() >= leastAdded {
			if err := g.inject(a, r); !errors.Is(err, errNothing) {
				return err
			}
		}
	}
	return nil
}

func pick(r *rand.Rand, minutes ...int) time.Duration {
	return time.Duration(minutes[r.IntN(len(minutes))]) * time.Minute
}
