package sim

import (
	"time"

	"github.com/trailhand/trailhand/pkg/insights"
)

const (
	afterMinutes = 5 // a Start that is decided so long after its anomaly counts
	closeMinutes = 2 // an End so near to the anomaly's end is right
)

// Score is how well the detector told the anomalies: the rises, or the drops.
type Score struct {
	Anomalies, Found int
	Starts           int     // that were decided in the days that are scored
	False            int     // of them outside of any anomaly
	Repeats          int     // of them in an anomaly that was told before
	Ends, EndsRight  int     // of found anomalies; within two minutes of the end
	Delays           []int   // minutes from an anomaly's beginning to the Start's decision
	KeyWeeks         float64 // rates that were watched, times weeks that are scored
	FalseBy          map[string]int
	FoundBy          map[Kind][2]int // found, of how many
	Outcomes         []Outcome
}

// Outcome is what became of an anomaly.
type Outcome struct {
	Injected
	Told  bool
	Delay int // minutes from its beginning to the Start's decision
}

// Scores of a Scenario.
type Scores struct{ Rises, Drops Score }

// Score compares what the detector told with the truth. A Start counts if it is
// decided within an anomaly of its direction, or up to five minutes after it.
func (g *Generated) Score(told []insights.Transition) Scores {
	return Scores{Rises: g.score(told, insights.Spike), Drops: g.score(told, insights.Drop)}
}

// Add adds the scores of another run.
func (s *Scores) Add(o Scores) {
	s.Rises.add(o.Rises)
	s.Drops.add(o.Drops)
}

func (s *Score) add(o Score) {
	s.Anomalies, s.Found, s.Starts, s.False = s.Anomalies+o.Anomalies, s.Found+o.Found, s.Starts+o.Starts, s.False+o.False
	s.Repeats, s.Ends, s.EndsRight = s.Repeats+o.Repeats, s.Ends+o.Ends, s.EndsRight+o.EndsRight
	s.Delays, s.KeyWeeks = append(s.Delays, o.Delays...), s.KeyWeeks+o.KeyWeeks
	s.Outcomes = append(s.Outcomes, o.Outcomes...)
	if s.FalseBy == nil {
		s.FalseBy, s.FoundBy = map[string]int{}, map[Kind][2]int{}
	}
	for arch, n := range o.FalseBy {
		s.FalseBy[arch] += n
	}
	for kind, n := range o.FoundBy {
		was := s.FoundBy[kind]
		s.FoundBy[kind] = [2]int{was[0] + n[0], was[1] + n[1]}
	}
}

// scoring is one comparison.
type scoring struct {
	*Generated
	Score
	keys map[rateKey]string
	ends map[string]time.Time // by sharedEventID
	hit  map[hit]bool

	delay map[int]int // of the anomalies that were found
}

// hit is an anomaly that was told, by one type of insight.
type hit struct {
	anomaly int
	of      insights.InsightType
}

func (g *Generated) score(told []insights.Transition, d insights.Direction) Score {
	s := scoring{Generated: g, keys: g.keys(), ends: map[string]time.Time{}, hit: map[hit]bool{}}
	s.FalseBy, s.FoundBy = map[string]int{}, map[Kind][2]int{}
	s.KeyWeeks = float64(len(s.keys)) * float64(g.Days-g.Learn) / 7
	for _, in := range g.Truth {
		if in.falls() == (d == insights.Drop) {
			s.Anomalies++
			n := s.FoundBy[in.Kind]
			s.FoundBy[in.Kind] = [2]int{n[0], n[1] + 1}
		}
	}
	for _, t := range told {
		if t.Phase == insights.End {
			s.ends[t.SharedEventID] = t.Time
		}
	}
	s.delay = map[int]int{}
	for _, t := range told {
		if t.Phase == insights.Start && t.Reason.Direction == d {
			s.start(t)
		}
	}
	for i, in := range g.Truth {
		if in.falls() == (d == insights.Drop) {
			delay, ok := s.delay[i]
			s.Outcomes = append(s.Outcomes, Outcome{in, ok, delay})
		}
	}
	return s.Score
}

// start counts one Start.
func (s *scoring) start(t insights.Transition) {
	decided := int(t.Reason.Decided.Sub(s.Start) / time.Minute)
	i := s.anomaly(t, decided)
	if i < 0 && decided < s.Learn*1440 {
		return
	}
	s.Starts++
	if i < 0 {
		s.False++
		s.FalseBy[s.keys[rateKey{t.Key.EventSource, t.Key.EventName, t.Key.ErrorCode}]]++
		return
	}
	h := hit{i, t.Key.Type}
	if s.hit[h] {
		s.Repeats++
		return
	}
	if _, found := s.delay[i]; !found {
		s.Found++
		s.delay[i] = max(0, decided-s.Truth[i].From)
		s.Delays = append(s.Delays, s.delay[i])
		n := s.FoundBy[s.Truth[i].Kind]
		s.FoundBy[s.Truth[i].Kind] = [2]int{n[0] + 1, n[1]}
	}
	s.hit[h] = true
	s.Ends++
	if end, ok := s.ends[t.SharedEventID]; ok && end.Sub(s.at(s.Truth[i].To)).Abs() <= closeMinutes*time.Minute {
		s.EndsRight++
	}
}

// anomaly finds the one that a Start is about; -1 if there is none.
func (s *scoring) anomaly(t insights.Transition, decided int) int {
	for i, in := range s.Truth {
		same := in.Source == t.Key.EventSource && in.Name == t.Key.EventName && (t.Key.ErrorCode == "" || t.Key.ErrorCode == in.ErrorCode)
		if same && in.falls() == (t.Reason.Direction == insights.Drop) && decided >= in.From && decided < in.To+afterMinutes {
			return i
		}
	}
	return -1
}
