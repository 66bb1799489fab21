package replay

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/trailhand/trailhand/pkg/insights"
)

// live feeds a State as the detector function is fed: minute by minute, with the clock.
func live(s *insights.State, tallies []insights.Tally, from, to time.Time) (told []insights.Transition) {
	next := 0
	for at := from; at.Before(to); at = at.Add(time.Minute) {
		var b insights.Batch
		for next < len(tallies) && tallies[next].Minute.Before(from) {
			next++
		}
		for ; next < len(tallies) && tallies[next].Minute.Equal(at); next++ {
			b.Tallies = append(b.Tallies, tallies[next])
		}
		if len(b.Tallies) > 0 {
			s.Add(b)
		}
		told = append(told, s.Advance(at.Add(time.Minute))...)
	}
	return append(told, s.Close(to)...)
}

func TestAWarmedUpDetectorAgreesWithOneThatSawTheTrafficLive(t *testing.T) {
	cfg := insights.DefaultConfig()
	tallies := nineDays()
	end := monday().AddDate(0, 0, 9)
	all := live(insights.NewState("111122223333", "us-east-1", cfg), tallies, monday(), end)
	if len(all) != 4 {
		t.Fatalf("%d transitions live, want 4", len(all))
	}
	for what, cut := range map[string]time.Time{
		"before the spike":             monday().Add((attack - 100) * time.Minute),
		"in the spike":                 monday().Add((attack + 6) * time.Minute),
		"between spike and drop":       monday().Add((attack + 100) * time.Minute),
		"a minute before the drop":     monday().Add((attack + 299) * time.Minute),
		"when only the end is to come": monday().Add((attack + 305) * time.Minute),
	} {
		var warm *insights.State
		err := Run{Config: cfg, Before: cut}.States(context.Background(), logOf(t, tallies), func(_ Place, s *insights.State) error {
			snapshot, err := s.Encode()
			if err != nil {
				return err
			}
			warm, err = insights.Decode(snapshot, cfg)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if !warm.Watermark().Equal(cut) {
			t.Errorf("%s: minutes before %s are closed, want %s", what, warm.Watermark(), cut)
		}
		var want []insights.Transition
		for _, tr := range all {
			if ended := tr.Phase == insights.End && !tr.Time.Before(cut); ended || tr.Phase == insights.Start && !tr.Reason.Decided.Before(cut) {
				want = append(want, tr)
			}
		}
		if diff := cmp.Diff(want, live(warm, tallies, cut, end)); diff != "" {
			t.Errorf("%s: the warmed up detector tells otherwise:\n%s", what, diff)
		}
	}
}

func TestACallOfTheBaselineCountsOnce(t *testing.T) {
	cfg := insights.DefaultConfig()
	tallies := nineDays()
	cut := monday().Add((attack - 100) * time.Minute)
	err := Run{Config: cfg, Before: cut}.States(context.Background(), logOf(t, tallies), func(_ Place, s *insights.State) error {
		again := s.Add(insights.Batch{ID: "bucket/key@version#0", Tallies: tallies})
		after := 0
		for _, tl := range tallies {
			if !tl.Minute.Before(cut) {
				after++
			}
		}
		if again.Counted != after || again.Late != len(tallies)-after {
			t.Errorf("the same tallies again: %d counted, %d late, want %d and %d", again.Counted, again.Late, after, len(tallies)-after)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestTheBaselineBeginsWhereItIsToldTo(t *testing.T) {
	cfg := insights.DefaultConfig()
	tallies := nineDays()
	from := monday().AddDate(0, 0, 4)
	recent := logOf(t, tallies[8*1440:])
	encoded := func(l *Log, r Run) (snapshot []byte) {
		if err := r.States(context.Background(), l, func(_ Place, s *insights.State) (err error) {
			snapshot, err = s.Encode()
			return err
		}); err != nil {
			t.Fatal(err)
		}
		return snapshot
	}
	before := monday().AddDate(0, 0, 8)
	if !bytes.Equal(encoded(recent, Run{Config: cfg, Before: before}), encoded(logOf(t, tallies), Run{Config: cfg, From: from, Before: before})) {
		t.Error("what is older than From is in the snapshot")
	}
}

func TestAFolderKeepsWhatItHasUnlessTheVersionIsRight(t *testing.T) {
	ctx := context.Background()
	f := Folder(t.TempDir())
	if data, version, err := f.Load(ctx, "1", "eu/west"); data != nil || version != "" || err != nil {
		t.Fatalf("an empty folder gives %q, %q, %v", data, version, err)
	}
	first, err := f.Save(ctx, "1", "eu/west", []byte("one"), "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Save(ctx, "1", "eu/west", []byte("two"), ""); !errors.Is(err, insights.ErrConflict) {
		t.Errorf("saved over another version: %v", err)
	}
	if _, err := f.Save(ctx, "1", "eu/west", []byte("two"), first); err != nil {
		t.Error(err)
	}
	if data, _, err := f.Load(ctx, "1", "eu/west"); string(data) != "two" || err != nil {
		t.Errorf("loaded %q, %v", data, err)
	}
}
