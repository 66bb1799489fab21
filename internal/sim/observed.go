package sim

import (
	"math/rand/v2"
	"time"
)

// Observed is the calls that log files have of one API, minute by minute.
type Observed struct {
	From      time.Time
	PerMinute []int
}

// resampling is which observed stretches generated time is made of: whole days
// where there are two, else hours, else minutes. Every API takes the same ones,
// so that what happened together stays together.
type resampling struct {
	from   time.Time
	block  int   // minutes
	source []int // of each generated block, the observed one
}

// resample draws the stretches. Days of the week stay with weekdays, and
// weekends with weekends, where both were observed.
func (s Scenario) resample(from time.Time, minutes int) resampling {
	r := s.random("resample")
	switch {
	case minutes >= 2*1440:
		return s.days(r, from, minutes)
	case minutes >= 120:
		return blocks(r, from, minutes, 60, s.Minutes())
	}
	return blocks(r, from, minutes, 1, s.Minutes())
}

// blocks draws from stretches of any time.
func blocks(r *rand.Rand, from time.Time, observed, block, minutes int) resampling {
	re := resampling{from: from, block: block}
	n := max(1, observed/block)
	for range (minutes + block - 1) / block {
		re.source = append(re.source, r.IntN(n))
	}
	return re
}

// days draws from whole UTC days.
func (s Scenario) days(r *rand.Rand, from time.Time, minutes int) resampling {
	first := from.Truncate(24 * time.Hour)
	if first.Before(from) {
		first = first.Add(24 * time.Hour)
	}
	n := max(1, int(from.Add(time.Duration(minutes)*time.Minute).Sub(first)/(24*time.Hour)))
	free := func(t time.Time) bool { return t.Weekday() == time.Saturday || t.Weekday() == time.Sunday }
	var all [2][]int
	for d := range n {
		i := 0
		if free(first.AddDate(0, 0, d)) {
			i = 1
		}
		all[i] = append(all[i], d)
	}
	re := resampling{from: first, block: 1440}
	for d := range s.Days {
		from := all[0]
		if free(s.Start.AddDate(0, 0, d)) && len(all[1]) > 0 || len(from) == 0 {
			from = all[1]
		}
		re.source = append(re.source, from[r.IntN(len(from))])
	}
	return re
}

// calls makes an API's calls of what was observed of it.
func (re resampling) calls(o Observed, minutes int) []int32 {
	calls := make([]int32, minutes)
	offset := int(re.from.Sub(o.From) / time.Minute)
	for m := range calls {
		at := offset + re.source[m/re.block]*re.block + m%re.block
		if at >= 0 && at < len(o.PerMinute) {
			calls[m] = int32(o.PerMinute[at])
		}
	}
	return calls
}
