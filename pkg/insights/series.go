package insights

import "math"

const (
	dayMinutes   = 1440
	baselineDays = 7
	dense        = 20      // calls in the baseline that earn a key its profile
	maxDense     = 120_000 // profiles an account and Region keeps at most
)

// series is what is known of one key. A key that called a few times takes about 300 bytes. One
// with twenty calls in its baseline earns a profile of its hours, 700 bytes, and room for eight
// callers an attribute; until then it keeps three.
type series struct {
	id       keyID
	part     uint32                   // 1 + place in State.parts; 0: changed since it was written there
	day      int32                    // the day that days[day%8] counts
	days     [baselineDays + 1]uint32 // calls a UTC day, insights taken out
	lastCall int32                    // minute
	cleared  int32                    // windows do not reach before this minute
	startDay int32                    // the day of starts
	starts   int32                    // Starts on that day
	peaks    []peak                   // days that had evidence, oldest first
	recent   []count                  // calls of the last hour, oldest first
	profile  *profile
	open     *incident
	callers  []caller
}

// count is the calls of one minute.
type count struct {
	minute int32
	calls  uint32
}

func add32(a, b uint32) uint32 {
	if s := a + b; s >= a {
		return s
	}
	return math.MaxUint32
}

// roll moves the day counters to the day of minute.
func (s *series) roll(day int32) {
	if day <= s.day {
		return
	}
	for d := max(s.day+1, day-baselineDays); d <= day; d++ {
		s.days[d%(baselineDays+1)] = 0
	}
	s.day = day
	old := 0
	for old < len(s.peaks) && s.peaks[old].day < day-memoryDays {
		old++
	}
	s.peaks = append(s.peaks[:0], s.peaks[old:]...)
	s.decayCallers()
}

// calls are those of the baseline: today and the seven days before it.
func (s *series) calls(day int32) uint64 {
	var sum uint64
	for d := day - baselineDays; d <= day; d++ {
		if d <= s.day && d > s.day-baselineDays-1 {
			sum += uint64(s.days[d%(baselineDays+1)])
		}
	}
	return sum
}

// within is the calls in the window of minutes that ends with minute, and how long the window is
// after clearing.
func (s *series) within(minute, window int32) (calls uint64, length int32) {
	from := max(minute-window+1, min(s.cleared, minute))
	for i := len(s.recent) - 1; i >= 0 && s.recent[i].minute >= from; i-- {
		if s.recent[i].minute <= minute {
			calls += uint64(s.recent[i].calls)
		}
	}
	return calls, minute - from + 1
}

// kept is how many callers of an attribute the key keeps.
func (s *series) kept() int {
	if s.profile == nil {
		return fewValues
	}
	return keptValues
}

// push remembers a minute's calls and forgets those that left the longest window.
func (s *series) push(minute int32, calls uint32) {
	old := 0
	for old < len(s.recent) && s.recent[old].minute <= minute-longest {
		old++
	}
	s.recent = append(s.recent[:copy(s.recent, s.recent[old:])], count{minute, calls})
}

// today is the peak of day, added if need be.
func (s *series) today(day int32) *peak {
	if n := len(s.peaks); n > 0 && s.peaks[n-1].day == day {
		return &s.peaks[n-1]
	}
	s.peaks = append(s.peaks, peak{day: day})
	return &s.peaks[len(s.peaks)-1]
}

// learnPeak raises the day's peak of one window.
func (s *series) learnPeak(day int32, window int, u float64) {
	q := pack(u)
	if q == 0 {
		return
	}
	if p := s.today(day); p.u[window] < q {
		p.u[window] = q
	}
}

// pastPeaks appends the peaks of a window on the days from from to before day.
func (s *series) pastPeaks(into []float64, from, day int32, window int) []float64 {
	for i := range s.peaks {
		if p := &s.peaks[i]; p.day >= from && p.day < day && p.u[window] > 0 {
			into = append(into, unpack(p.u[window]))
		}
	}
	return into
}
