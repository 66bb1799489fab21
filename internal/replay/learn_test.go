package replay

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"

	"github.com/trailhand/trailhand/pkg/insights"
)

func snapshot(t *testing.T, s *insights.State) []byte {
	t.Helper()
	b, err := s.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestLearningDayByDayIsLearningAtOnce(t *testing.T) {
	cfg := insights.DefaultConfig()
	tallies := nineDays()
	place := Place{"111122223333", "us-east-1"}
	run := Baseline(cfg, monday().AddDate(0, 0, 8).Add(7*time.Hour), logOf(t, tallies).End(), 7)
	var want []byte
	if err := run.States(context.Background(), logOf(t, tallies), func(_ Place, s *insights.State) error {
		want = snapshot(t, s)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	for name, stored := range map[string]bool{"in one go": false, "with a snapshot between the days": true} {
		learning := run.Learn(place, nil)
		for day := range 9 {
			l := NewLog()
			for i := range tallies {
				if begin := monday().AddDate(0, 0, day); !tallies[i].Minute.Before(begin) && tallies[i].Minute.Before(begin.AddDate(0, 0, 1)) {
					if err := l.Add(&tallies[i]); err != nil {
						t.Fatal(err)
					}
				}
			}
			if err := learning.Take(context.Background(), l); err != nil {
				t.Fatal(err)
			}
			midnight := monday().AddDate(0, 0, day+1)
			if stored && midnight.Before(run.Before) {
				s, err := insights.Decode(snapshot(t, learning.Close(midnight)), cfg)
				if err != nil {
					t.Fatal(err)
				}
				learning = run.Learn(place, s)
			}
		}
		if got := snapshot(t, learning.Close(run.Before)); !bytes.Equal(got, want) {
			t.Errorf("%s: the snapshot has %d bytes, and %d when learned at once", name, len(got), len(want))
		}
	}
}

func TestASnapshotThatIsThereIsKeptUnlessItIsToBeReplaced(t *testing.T) {
	ctx, place := context.Background(), Place{"111122223333", "us-east-1"}
	s := insights.NewState(place.AccountID, place.Region, insights.DefaultConfig())
	to := Folder(t.TempDir())
	if _, err := Keep(ctx, to, place, s, false); err != nil {
		t.Fatal(err)
	}
	if _, err := Keep(ctx, to, place, s, false); !errors.Is(err, ErrThere) {
		t.Errorf("a second one: %v", err)
	}
	if _, err := Keep(ctx, to, place, s, true); err != nil {
		t.Errorf("one that replaces it: %v", err)
	}
	if _, err := Keep(ctx, late{to}, place, s, false); !errors.Is(err, ErrThere) {
		t.Errorf("one that came meanwhile: %v", err)
	}
	if _, err := Keep(ctx, late{to}, place, s, true); !errors.Is(err, insights.ErrConflict) {
		t.Errorf("one that came meanwhile is to be replaced: %v", err)
	}
}

// late is a store in which a snapshot is found only when one is saved.
type late struct{ Folder }

func (late) Load(context.Context, string, string) ([]byte, string, error) { return nil, "", nil }

// TestTheClockLeavesAWarmedUpDetectorTimeForItsTallies: they may wait in a queue
// when the state is there already.
func TestTheClockLeavesAWarmedUpDetectorTimeForItsTallies(t *testing.T) {
	cfg := insights.DefaultConfig()
	tallies := nineDays()
	now := monday().AddDate(0, 0, 8).Add(7 * time.Hour)
	run := Baseline(cfg, now, now, 7)
	err := run.States(context.Background(), logOf(t, tallies), func(_ Place, s *insights.State) error {
		for waited := time.Duration(0); waited <= cfg.Lateness; waited += 5 * time.Minute {
			s.Advance(now.Add(waited))
		}
		var waiting insights.Batch
		for _, tally := range tallies {
			if !tally.Minute.Before(run.Before) && tally.Minute.Before(now) {
				waiting.Tallies = append(waiting.Tallies, tally)
			}
		}
		if a := s.Add(waiting); a.Counted == 0 || a.Late > 0 {
			t.Errorf("of %d waiting tallies %d count, and %d are late", len(waiting.Tallies), a.Counted, a.Late)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
