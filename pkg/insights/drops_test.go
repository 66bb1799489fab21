package insights_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/trailhand/trailhand/pkg/insights"
)

// steady is a state of so many keys that called every minute for nine days, and the time then.
func steady(t testing.TB, keys int) (*insights.State, time.Time) {
	t.Helper()
	s := insights.NewState(account, region, insights.DefaultConfig())
	for m := range 9 * 1440 {
		at := monday().Add(time.Duration(m) * time.Minute)
		s.Add(calling(at, 0, keys))
		s.Close(at.Add(time.Minute))
	}
	return s, monday().AddDate(0, 0, 9)
}

// One key calls on, so that it is no outage.
func TestOfASilenceOfAllKeysSoManyInsightsStart(t *testing.T) {
	const keys, most = 20, 5
	told := map[string]int{}
	for range 3 {
		s, at := steady(t, keys)
		insights.Bound(s, most, 1e9, 1e9)
		starts := 0
		for m := range 40 {
			now := at.Add(time.Duration(m) * time.Minute)
			s.Add(calling(now, 0, 1))
			for _, tr := range s.Close(now.Add(time.Minute)) {
				if tr.Reason.Direction == insights.Drop {
					told[tr.EventID]++
					starts++
				}
			}
		}
		if starts != most {
			t.Errorf("%d drops were told, want %d", starts, most)
		}
	}
	if len(told) != most {
		t.Errorf("the same silence, decided again and again, told %d insights, want %d", len(told), most)
	}
}

// The key of a drop is in a part, and nothing but the drop changes it.
func TestADropIsKeptThatTheLastMinuteOfARunDecides(t *testing.T) {
	s, at := steady(t, 3)
	snapshot := encode(t, s)
	one, divided := newMemory(snapshot, 0), newMemory(snapshot, 1)
	for m := range 80 {
		now := at.Add(time.Duration(m) * time.Minute)
		run(t, one, now, calling(now, 0, 1))
		run(t, divided, now, calling(now, 0, 1))
		if !bytes.Equal(one.whole(t), divided.whole(t)) {
			t.Fatalf("the states differ after %d minutes, when %d transitions are told", m, len(one.published))
		}
	}
	if len(one.published) != 2 {
		t.Errorf("%d drops were told, want 2", len(one.published))
	}
}
