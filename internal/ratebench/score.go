package ratebench

import (
	"slices"
)

// Finding is an insight, in minutes of its series. End is 0 while it is open.
type Finding struct {
	Start, Decided, End int
	Direction           Direction
}

// Score is how findings compare with the anomalies.
type Score struct {
	Keys, Anomalies int
	Found, False    int   // anomalies that were found, and Starts without one
	Ended           int   // of those found, the Ends within two minutes
	Delays          []int // minutes from an anomaly's first to the one that decided, sorted
}

// late is how many minutes after its end an anomaly may still be found.
const late = 5

// add scores the findings of one series, in one direction.
func (s *Score) add(series Series, found []Finding, d Direction) {
	s.Keys++
	hit := map[int]bool{}
	for _, f := range found {
		if f.Direction != d || f.Decided < Learned {
			continue
		}
		i := slices.IndexFunc(series.Anomalies, func(a Anomaly) bool {
			return a.Direction == d && f.Decided >= a.From && f.Decided < a.To+late
		})
		if i < 0 {
			s.False++
			continue
		}
		if hit[i] {
			continue // told twice
		}
		hit[i] = true
		a := series.Anomalies[i]
		s.Found++
		s.Delays = append(s.Delays, f.Decided-a.From)
		if f.End >= a.To-2 && f.End <= a.To+2 {
			s.Ended++
		}
	}
	for _, a := range series.Anomalies {
		if a.Direction == d {
			s.Anomalies++
		}
	}
}

// merge adds another score.
func (s *Score) merge(o Score) {
	s.Keys += o.Keys
	s.Anomalies += o.Anomalies
	s.Found += o.Found
	s.False += o.False
	s.Ended += o.Ended
	s.Delays = append(s.Delays, o.Delays...)
	slices.Sort(s.Delays)
}

// Recall is the share of the anomalies that were found.
func (s Score) Recall() float64 { return ratio(s.Found, s.Anomalies) }

// Precision is the share of the Starts that had an anomaly, repeats aside.
func (s Score) Precision() float64 { return ratio(s.Found, s.Found+s.False) }

// FalseAWeek is the false Starts of a key in a week.
func (s Score) FalseAWeek() float64 { return float64(s.False) / s.weeks() }

// weeks are the key-weeks that were scored.
func (s Score) weeks() float64 { return float64(s.Keys*(Total-Learned)) / (7 * Day) }

// EndedWell is the share of the found anomalies whose End was told within two minutes.
func (s Score) EndedWell() float64 { return ratio(s.Ended, s.Found) }

// Delay is a quantile of the delays, in minutes; -1 without any.
func (s Score) Delay(quantile float64) int {
	if len(s.Delays) == 0 {
		return -1
	}
	return s.Delays[int(quantile*float64(len(s.Delays)-1))]
}

func ratio(a, b int) float64 {
	if b == 0 {
		return 0
	}
	return float64(a) / float64(b)
}
