package insights_test

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/trailhand/trailhand/pkg/insights"
)

// While no profile says what the hours of a day are like, each noon is a surprise. Those surprises
// must not hide a rise once the profile is known.
func TestTheFirstWeeksPeaksHideNoRise(t *testing.T) {
	const noon = 26*1440 + 720
	rnd := rand.New(rand.NewPCG(3, 4))
	s := insights.NewState(account, region, insights.DefaultConfig())
	for m := range noon + 10 {
		mean := 50 - 45*math.Cos(2*math.Pi*float64(m)/1440)
		calls := mean + math.Sqrt(mean)*rnd.NormFloat64()
		if m >= noon {
			calls *= 2
		}
		s.Add(batch("", tally(monday().Add(time.Duration(m)*time.Minute), "A", max(1, int(calls)))))
	}
	start := decided(s.Close(monday().Add((noon + 10) * time.Minute)))
	if want := monday().Add(noon * time.Minute); !start.Equal(want) {
		t.Errorf("a rate that doubled at %s was told at %s", want, start)
	}
}

// A rise that no single minute betrays is told by its fourth minute.
func TestARiseIsToldByItsFourthMinute(t *testing.T) {
	const from = 30*1440 + 600
	s := insights.NewState(account, region, insights.DefaultConfig())
	for m := range from + 10 {
		n := 2 + m*7%5
		if m >= from {
			n = 11
		}
		s.Add(batch("", tally(monday().Add(time.Duration(m)*time.Minute), "A", n)))
	}
	start := decided(s.Close(monday().Add((from + 10) * time.Minute)))
	if last := monday().Add((from + 3) * time.Minute); start.IsZero() || start.After(last) {
		t.Errorf("told at %s, want it by %s", start, last)
	}
}

// decided is when the last Start was, zero without one.
func decided(ts []insights.Transition) (at time.Time) {
	for _, tr := range ts {
		if tr.Phase == insights.Start {
			at = tr.Reason.Decided
		}
	}
	return at
}
