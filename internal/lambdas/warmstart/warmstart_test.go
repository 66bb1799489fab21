package warmstart

import (
	"testing"
	"time"

	"github.com/trailhand/trailhand/internal/replay"
)

func TestAPlaceIsReadBackWhateverARecordSays(t *testing.T) {
	o := Order{Run: "r"}
	for _, p := range []replay.Place{{AccountID: "111122223333", Region: "us-east-1"}, {AccountID: "a/b", Region: "%2F é\n"}, {AccountID: "..", Region: "places/"}} {
		if got, err := o.PlaceOf(o.Place(p)); got != p || err != nil {
			t.Errorf("%q: got %q, %v", p, got, err)
		}
	}
	for _, key := range []string{"", "r/places/", "r/places/1", "r/places/1/", "r/places//us-east-1", "r/tallies/1/2", "r/places/%/us-east-1"} {
		if got, err := o.PlaceOf(key); err == nil {
			t.Errorf("%q: got %q", key, got)
		}
	}
}

func TestLogFilesAreReadFromTheDaysUntilADayAfterThem(t *testing.T) {
	o, err := Parse([]byte(`{"run":"r","started":"2026-11-21T05:00:00.123Z","places":"","ask":{"days":2,"until":"2026-11-20T00:00:00Z"}}`))
	if err != nil {
		t.Fatal(err)
	}
	at := func(day, hour int) time.Time { return time.Date(2026, 11, day, hour, 0, 0, 0, time.UTC) }
	for delivered, want := range map[time.Time]bool{at(17, 23): false, at(18, 0): true, at(20, 23): true, at(21, 0): false} {
		if reason := o.Outside(delivered); (reason == "") != want {
			t.Errorf("%s: %q", delivered, reason)
		}
	}
}
