package insights_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/trailhand/trailhand/pkg/insights"
)

// crowded is a state of so many keys that called ten times in 27 hours, and Act0 that called
// thirty times and has its profile.
func crowded(t testing.TB, keys int) (*insights.State, time.Time) {
	t.Helper()
	s := insights.NewState(account, region, insights.DefaultConfig())
	for m := 0; m < 27*60; m += 162 {
		at := monday().Add(time.Duration(m) * time.Minute)
		b := calling(at, 0, keys)
		b.Tallies[0].Count = 3
		s.Add(b)
		s.Close(at.Add(time.Minute))
	}
	at := monday().Add(27 * time.Hour)
	s.Close(at)
	return s, at
}

func bursting(at time.Time, keys int) insights.Batch {
	b := batch(fmt.Sprint("burst", at))
	for key := range keys {
		b.Tallies = append(b.Tallies, tally(at, fmt.Sprintf("Act%d", key), 200))
	}
	return b
}

func TestOfABurstOfAllKeysSoManyInsightsStart(t *testing.T) {
	const keys, most = 500, 100
	told := map[string]int{}
	for range 2 {
		s, at := crowded(t, keys)
		insights.Bound(s, most, 1e9, 1e9)
		s.Add(bursting(at, keys))
		starts := s.Close(at.Add(time.Minute))
		if len(starts) != most || s.Unjudged() != keys-most {
			t.Fatalf("%d Starts and %d keys that were not judged, want %d and %d", len(starts), s.Unjudged(), most, keys-most)
		}
		for _, start := range starts {
			told[start.EventID]++
		}
		again := s.Close(at.Add(3 * time.Hour))
		if len(again) != most {
			t.Errorf("%d transitions when it is over, want %d Ends", len(again), most)
		}
	}
	if len(told) != most {
		t.Errorf("the same burst, decided twice, told %d insights", len(told))
	}
}

// With more cells than may wait, minutes close early, oldest first; what comes later is late.
func TestMinutesCloseEarlyWhenTooMuchWaits(t *testing.T) {
	const keys, most = 100, 500
	s, at := crowded(t, keys)
	insights.Bound(s, 1000, most, 1e9)
	for m := range 14 {
		s.Add(calling(at.Add(time.Duration(m)*time.Minute), 0, keys))
		s.Advance(at.Add(time.Duration(m) * time.Minute))
		if n := s.Waiting(); n > most {
			t.Fatalf("after %d minutes %d cells wait, more than %d", m, n, most)
		}
	}
	if !s.Watermark().After(at) {
		t.Errorf("no minute was closed early: watermark %s", s.Watermark())
	}
	if a := s.Add(batch("", tally(at, "Act0", 1))); a.Late != 1 || a.Calls != 0 {
		t.Errorf("a call of a minute that was closed early: %+v", a)
	}
}

// Who calls is noted for every key, until that is too much: then for those with a profile.
func TestOnlyKeysWithAProfileNameCallersInACrowd(t *testing.T) {
	const keys = 300
	s, at := crowded(t, keys)
	insights.Bound(s, 1000, 1e9, 100)
	s.Add(bursting(at, keys))
	named := map[string]int{}
	for _, start := range s.Close(at.Add(time.Minute)) {
		named[start.Key.EventName] = len(start.Attributions[0].Insight)
	}
	if len(named) != keys || named["Act0"] != 1 || named["Act1"] != 1 || named["Act299"] != 0 {
		t.Errorf("%d Starts; callers of Act0 %d, Act1 %d, Act299 %d", len(named), named["Act0"], named["Act1"], named["Act299"])
	}
}
