package insights

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

const (
	reach       = 5   // minutes that an insight may have begun before the one that decides it
	holdMinutes = 360 // how long a silence of all is held as a delivery outage
	quietMargin = 10  // minutes, beyond twice the longest silence of all in the last week
)

// Advance closes the minutes that are complete: those older than the newest tally by
// Config.Lateness, the newest tally being taken to age with the clock while no batch comes.
// A silence of the whole account and Region that is longer than its own of the last week is taken
// for a delivery outage: its minutes stay open, for six hours at most.
func (s *State) Advance(now time.Time) []Transition {
	s.clock = max(s.clock, minuteOf(now))
	if s.fresh {
		s.fresh, s.arrived = false, s.clock
	}
	if !s.begun {
		return nil
	}
	lateness, idle := int32(s.cfg.Lateness/time.Minute), s.clock-s.arrived
	target := min(s.newest+idle, max(s.clock, s.newest)) - lateness
	if held := s.newest + 1 + s.silent.limit(s.newest/dayMinutes); idle < holdMinutes {
		target = min(target, held)
	}
	all := s.closeBefore(target)
	for s.cells > s.bounds.cells && s.next <= s.newest {
		all = append(all, s.closeNext()...)
	}
	return all
}

// Close closes every minute before until, whatever the clock says: the end of a replay.
func (s *State) Close(until time.Time) []Transition {
	s.fresh = false
	if !s.begun {
		return nil
	}
	return s.closeBefore(minuteOf(until))
}

func (s *State) closeBefore(until int32) []Transition {
	var all []Transition
	for s.next < until {
		all = append(all, s.closeNext()...)
	}
	return all
}

// closeNext judges the first open minute. The order of its transitions is that of the keys.
func (s *State) closeNext() []Transition {
	t := s.next
	s.silent.close(t, s.buckets[t] != nil)
	var out []Transition
	told := func(tr Transition, ok bool) {
		if ok {
			out = append(out, tr)
		}
	}
	s.observeAll(t, told)
	s.tend(t, told)
	s.watchDrops(t, told)
	s.next++
	s.forget(t - reach)
	for m := t - reach + 1; m <= t && s.cells > s.bounds.cells; m++ {
		s.forget(m)
	}
	delete(s.seen, t)
	slices.SortFunc(out, func(a, b Transition) int {
		return cmp.Or(a.Key.compare(b.Key), cmp.Compare(a.Phase, b.Phase))
	})
	return out
}

// forget drops the calls of a closed minute: no insight will have begun with it.
func (s *State) forget(minute int32) {
	s.cells -= len(s.buckets[minute])
	delete(s.buckets, minute)
}

// observeAll judges and learns the calls of the minute t. When not all may be judged, those that
// are known longest come first.
func (s *State) observeAll(t int32, told func(Transition, bool)) {
	b := s.buckets[t]
	if len(s.open)+len(b) <= s.bounds.insights {
		for n, c := range b {
			s.observe(n, t, c, told)
		}
		return
	}
	for _, n := range slices.Sorted(maps.Keys(b)) {
		s.observe(n, t, b[n], told)
	}
}

// observe judges and learns a key's calls of the minute t.
func (s *State) observe(n uint32, t int32, c *cell, told func(Transition, bool)) {
	k := s.series[n]
	k.part = 0
	s.rollKey(k, t)
	s.learnGap(k, t)
	k.push(t, c.calls)
	k.lastCall = t
	if k.open == nil && len(s.open) < s.bounds.insights {
		told(s.judgeSpike(n, t, c))
	} else if k.open == nil {
		s.unjudged++
	}
	s.learn(k, t, c)
	s.earn(n, t)
}

// rollKey brings a key's counters to the minute t.
func (s *State) rollKey(k *series, t int32) {
	if k.day == 0 {
		k.day = t / dayMinutes
	}
	if k.day < t/dayMinutes || k.profile != nil && k.profile.hour < t/60 {
		k.part = 0
	}
	k.roll(t / dayMinutes)
	if k.profile != nil {
		k.profile.roll(t / 60)
	}
}

// learn adds a minute's calls to the baseline. While an insight is open only as many as were
// expected count there, and the insight keeps the rest.
func (s *State) learn(k *series, t int32, c *cell) {
	calls := c.calls
	if k.open != nil {
		if calls > k.open.usual {
			calls = k.open.usual
		}
		k.open.add(t, c)
	} else {
		k.callers = mergeCallers(k.callers, c.callers, k.kept())
	}
	i := k.day % (baselineDays + 1)
	k.days[i] = add32(k.days[i], calls)
	if p := k.profile; p != nil {
		p.calls, p.all = add32(p.calls, calls), add32(p.all, c.calls)
		p.squares += float64(calls) * float64(calls)
		p.spoilt = p.spoilt || k.open != nil
	}
}

// earn gives a key the profile that its calls have earned, and watches it for drops.
func (s *State) earn(n uint32, t int32) {
	k := s.series[n]
	if k.profile != nil || s.profiles >= maxDense || k.calls(t/dayMinutes) < dense {
		return
	}
	k.profile = &profile{hour: t / 60}
	s.profiles++
	s.watch = append(s.watch, watched{key: n, check: t + 1})
}

// observedMinutes is how long the account and Region has been observed when t begins.
func (s *State) observedMinutes(t int32) int32 { return t - s.first }

// baselineMinutes is CloudTrail's baselineDuration: seven days and today since 00:00 UTC.
func (s *State) baselineMinutes(t int32) int32 {
	return min(s.observedMinutes(t), baselineDays*dayMinutes+t%dayMinutes)
}

// rate is a key's calls a minute over the baseline that ends before t.
func (s *State) rate(k *series, t int32) float64 {
	return (float64(k.calls(t/dayMinutes)) + 0.5) / (float64(s.baselineMinutes(t)) + 1)
}

// expect is the calls that are expected in the minutes from first to last.
func (s *State) expect(k *series, rate float64, first, last int32) float64 {
	if k.profile == nil || s.observedMinutes(last) < baselineDays*dayMinutes {
		return rate * float64(last-first+1)
	}
	var sum float64
	for from := first; from <= last; {
		to := min(last, from-from%60+59)
		sum += float64(to-from+1) * k.profile.expect(from/60, rate)
		from = to + 1
	}
	return sum
}

// size is the k of a key's window.
func (k *series) size(least float64, window int32) float64 {
	if k.profile == nil {
		return least
	}
	return k.profile.size(least, window)
}
