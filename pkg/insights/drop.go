package insights

import (
	"cmp"
	"math"
	"slices"
)

const (
	leastGap     = 3     // minutes without a call
	dropDays     = 8     // observed before the first drop
	dropRate     = 0.1   // calls a minute that make silence telling
	dropChance   = 0.004 // that a day without an anomaly exceeds the quantile of the gaps
	dropFactor   = 0.65  // of it: D grows with the logarithm of a gap
	overUsual    = 1.1   // of the gaps that come every few days
	recovery     = 3     // minutes that End a drop
	recoverShare = 0.9   // of what is expected in them
	longestGap   = dayMinutes
	gapCap       = 1.2 // of the threshold, that the gap of an open drop teaches
	dropFloor    = 0.8 // of Config.ThetaFloor
)

// watched is a key whose silence would be told, and the first minute worth a look.
type watched struct {
	key   uint32
	check int32
}

// watchDrops looks at the keys whose silence may have grown telling with the minute t. When not
// all may be told, those that are known longest come first.
func (s *State) watchDrops(t int32, told func(Transition, bool)) {
	if !s.cfg.Drops {
		return
	}
	if len(s.open)+len(s.watch) > s.bounds.insights {
		slices.SortFunc(s.watch, func(v, w watched) int { return cmp.Compare(v.key, w.key) })
	}
	for i := range s.watch {
		if len(s.open) >= s.bounds.insights {
			return
		}
		w := &s.watch[i]
		if w.check > t {
			continue
		}
		k := s.series[w.key]
		if k.open != nil || t-k.lastCall < leastGap {
			w.check = max(t+1, k.lastCall+leastGap)
			continue
		}
		tr, ok, next := s.judgeDrop(w.key, t)
		told(tr, ok)
		w.check = next
	}
}

// judgeDrop judges a key's silence up to the minute t, and says when to look again.
func (s *State) judgeDrop(n uint32, t int32) (tr Transition, ok bool, next int32) {
	k := s.series[n]
	s.rollKey(k, t)
	rate := s.rate(k, t)
	if rate < dropRate || t-k.lastCall > longestGap || s.observedMinutes(t) < dropDays*dayMinutes {
		return tr, false, t + 60
	}
	kn := s.cfg.knobs(s.keyOf(k.id), nil, nil)
	due := s.due(k, t)
	u := silence(due, kn.k)
	threshold := max(dropFloor*kn.floor, s.dropThreshold(k, t/dayMinutes))
	if u < threshold {
		missing := kn.k*math.Expm1(threshold/kn.k) - due
		wait := missing / max(k.profile.lowest(t/60), 1e-9)
		hour := t - t%60 + 60
		return tr, false, max(t+1, min(hour, t+int32(min(wait, 60))))
	}
	i := &incident{
		direction: Drop, start: k.lastCall + 1, decided: t, lastHot: t, mute: kn.mute, usual: math.MaxUint32,
		verdict: verdict{t - k.lastCall, 0, due, u, threshold},
	}
	s.begin(n, i)
	return s.transition(k, i, Start, t+1, 0, nil), !i.mute, t + 1
}

func (s *State) dropThreshold(k *series, day int32) float64 {
	var room [memoryDays]float64
	from := max(s.first/dayMinutes, day-memoryDays)
	peaks := k.pastPeaks(room[:0], from, day, dropWindow)
	tail := tailQuantile(peaks, int(day-from), dropChance) // sorts them
	if len(peaks) == 0 {
		return 0
	}
	return max(dropFactor*tail, overUsual*peaks[min(tailPeaks, len(peaks))-1])
}

// due is the calls to count on since a key's last one, in the minutes in which anything at all
// came from the account and Region.
func (s *State) due(k *series, t int32) (sum float64) {
	for from := max(k.lastCall+1, t-longestGap+1); from <= t; {
		to := min(t, from-from%60+59)
		sum += k.profile.lowest(from/60) * float64(s.silent.heard(from, to))
		from = to + 1
	}
	return sum
}

// learnGap learns how telling a key's silence was that ends with a call in the minute t.
func (s *State) learnGap(k *series, t int32) {
	if k.profile == nil || t-k.lastCall <= leastGap || !s.cfg.Drops {
		return
	}
	u := silence(s.due(k, t-1), s.cfg.K)
	if k.open != nil {
		u = min(u, gapCap*k.open.verdict.threshold)
	}
	k.learnPeak(t/dayMinutes, dropWindow, u)
}

// recovered tells whether the calls of the last minutes are those of before the drop.
func (s *State) recovered(k *series, t int32) bool {
	calls, n := k.within(t, recovery)
	if calls == 0 || k.lastCall < k.open.start {
		k.open.lastHot = t
		return false
	}
	expected := s.rate(k, t)
	if p := k.profile; p != nil {
		expected = min(expected, p.lowest(t/60))
	}
	if float64(calls) < recoverShare*expected*float64(n) {
		return false
	}
	return true
}
