package insights

import "math"

const (
	learnMinutes = 26 * 60    // observed before the first insight, unless Config.Warmup says otherwise
	ripeDays     = 10         // of peaks against a profile, at least, before those of the first week are dropped
	aDay         = 3          // Starts of a key a day before its threshold doubles
	peakCap      = 1.2        // a peak teaches at most this many thresholds
	coolMinutes  = 5          // minutes of a usual rate, at least, that End an insight
	coolNats     = 4.0        // evidence, at least, that the rate is usual again
	lasting      = 3 * 60     // minutes after which an insight is learned when it Ends
	maxOpen      = dayMinutes // minutes after which it Ends
)

// verdict is the window with the most evidence for its threshold.
type verdict struct {
	window              int32
	calls               uint64
	expected            float64
	evidence, threshold float64
}

func (v verdict) ratio() float64 { return v.evidence / v.threshold }

// judgeSpike judges the minute t of a key without an open insight, whose calls were pushed.
func (s *State) judgeSpike(n uint32, t int32, c *cell) (Transition, bool) {
	k := s.series[n]
	kn := s.cfg.knobs(s.keyOf(k.id), s, c)
	rate := s.rate(k, t)
	best, before := s.weigh(k, kn, rate, t)
	if best.ratio() < 1 || !s.hot(k, kn, s.expect(k, rate, t, t), t) || s.observedMinutes(t) < s.cfg.warmup() {
		return Transition{}, false
	}
	if day := t / dayMinutes; k.startDay != day {
		k.startDay, k.starts = day, 0
	}
	if k.starts >= aDay && best.evidence < 2*before {
		return Transition{}, false
	}
	k.starts++
	return s.openSpike(n, t, kn, rate, best)
}

// weigh returns the strongest window, and the day's peak before this minute; it learns the peaks.
func (s *State) weigh(k *series, kn knobs, rate float64, t int32) (best verdict, before float64) {
	best.threshold = 1
	day := t / dayMinutes
	for i, w := range windows() {
		calls, _ := k.within(t, w.minutes)
		m := s.expect(k, rate, t-w.minutes+1, t) // the whole window, also where cleared: or it would refire
		u := deviance(float64(calls), m, k.size(kn.k, w.minutes))
		if u <= 0 {
			continue
		}
		today := unpack(k.peakOn(day, i))
		threshold := kn.floor
		if u >= kn.floor {
			threshold = max(kn.floor, s.threshold(k, day, i, w.chance))
		}
		v := verdict{w.minutes, calls, m, u, threshold}
		if calls >= uint64(kn.minCount) && float64(calls) > 1.5*m && v.ratio() > best.ratio() {
			best, before = v, today
		}
		if calls > 1 && u > today && s.observedMinutes(t) >= s.cfg.warmup() {
			k.learnPeak(day, i, min(u, peakCap*threshold))
		}
	}
	return best, before
}

// threshold is the evidence that a window's peaks of past days make surprising. The peaks of the
// first week are larger than those since: no profile said yet what the hours of a day are like.
func (s *State) threshold(k *series, day int32, window int, chance float64) float64 {
	var room [memoryDays]float64
	from := max(s.first/dayMinutes, day-memoryDays)
	if ripe := s.first/dayMinutes + baselineDays + 1; k.profile != nil && day-ripe >= ripeDays {
		from = max(from, ripe)
	}
	return tailQuantile(k.pastPeaks(room[:0], from, day, window), int(day-from), chance)
}

// peakOn is the packed peak of a window on day, which is the key's newest.
func (s *series) peakOn(day int32, window int) uint16 {
	if n := len(s.peaks); n > 0 && s.peaks[n-1].day == day {
		return s.peaks[n-1].u[window]
	}
	return 0
}

// hot tells whether the minute t by itself is unusual for a mean rate, or crowns five that are.
func (s *State) hot(k *series, kn knobs, mean float64, t int32) bool {
	c, _ := k.within(t, 1)
	size := k.size(kn.k, 1)
	if alone(float64(c), mean, size) {
		return true
	}
	s5, n := k.within(t, 5)
	m5 := mean * float64(n)
	return float64(c) > mean && float64(s5) > m5+2*math.Sqrt(m5+m5*m5/size)+1
}

// alone tells whether calls of one minute are unusual for a mean rate.
func alone(calls, mean, k float64) bool {
	return calls > mean+2*math.Sqrt(mean+mean*mean/k)+0.5
}

// firstHot is the first of the unusual minutes that lead up to t without a gap, at most reach.
func (s *State) firstHot(k *series, kn knobs, mean float64, t, window int32) int32 {
	first := t
	for t-first < min(reach, window)-1 && first > k.cleared {
		if c, _ := k.at(first - 1); !alone(float64(c), mean, k.size(kn.k, 1)) {
			break
		}
		first--
	}
	return first
}

// at is the calls of one minute of the last hour.
func (s *series) at(minute int32) (uint32, bool) {
	for i := len(s.recent) - 1; i >= 0 && s.recent[i].minute >= minute; i-- {
		if s.recent[i].minute == minute {
			return s.recent[i].calls, true
		}
	}
	return 0, false
}
