package replay

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/trailhand/trailhand/pkg/insights"
)

// The detector's own numbers are not exported: these two tests hold ours to what it does.

func TestARiseIsToldFromBeforeRisesOn(t *testing.T) {
	for minute, want := range map[int]int{int(BeforeRises/time.Minute) - 1: 0, int(BeforeRises / time.Minute): 1} {
		var all []insights.Tally
		for m := range minute {
			all = append(all, tally(m, "DeleteBucket", 5))
		}
		told := transitions(t, logOf(t, append(all, tally(minute, "DeleteBucket", 500))))
		if len(told) != want {
			t.Errorf("a spike after %d minutes: %d transitions, want %d", minute, len(told), want)
		}
	}
}

func TestADropIsToldFromBeforeDropsOn(t *testing.T) {
	for days, want := range map[int]int{-1: 0, 0: 1} {
		silent := int(BeforeDrops/time.Minute) + days*60
		var all []insights.Tally
		for m := range silent + 60 {
			if m < silent {
				all = append(all, tally(m, "DeleteBucket", 20))
			}
			all = append(all, tally(m, "PutObject", 5))
		}
		if told := transitions(t, logOf(t, all)); len(told) != want {
			t.Errorf("an hour's silence after %d minutes: %d transitions, want %d", silent, len(told), want)
		}
	}
}

func TestJudgeTellsWhatThereWasToJudgeBy(t *testing.T) {
	old := tally(0, "DeleteBucket", 1)
	old.Minute = old.Minute.AddDate(-1, 0, 0)
	read := tally(9, "ListBuckets", 1)
	read.Region, read.ReadOnly = "eu-west-1", true
	l := logOf(t, []insights.Tally{old, tally(10, "DeleteBucket", 1), tally(70, "PutObject", 1), read})
	_, got, err := Run{Config: insights.DefaultConfig()}.Judge(context.Background(), l)
	want := []Judged{
		{Place: Place{"111122223333", "eu-west-1"}, History: time.Minute},
		{Place: Place{"111122223333", "us-east-1"}, Rates: 2, History: 61 * time.Minute},
	}
	if d := cmp.Diff(want, got); d != "" || err != nil {
		t.Errorf("%v\n%s", err, d)
	}
}
