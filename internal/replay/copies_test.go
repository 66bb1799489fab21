package replay

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/trailhand/trailhand/pkg/insights"
)

// withIDs gives each call of a tally an ID of its own, from first on.
func withIDs(t insights.Tally, first int) insights.Tally {
	for i := range t.Count {
		t.EventIDs = binary.BigEndian.AppendUint64(t.EventIDs, uint64(first+i))
	}
	return t
}

// twice is nineDays with IDs, and each call once more in tallies that divide the minutes
// otherwise.
func twice() (all []insights.Tally) {
	next := 0
	for _, one := range nineDays() {
		all = append(all, withIDs(one, next))
		for from := 0; from < one.Count; from += 7 {
			some := one
			some.Count = min(7, one.Count-from)
			for by := range some.UserIdentityARNs {
				some.UserIdentityARNs = map[string]int{by: some.Count}
			}
			for by := range some.UserAgents {
				some.UserAgents = map[string]int{by: some.Count}
			}
			all = append(all, withIDs(some, next+from))
		}
		next += one.Count
	}
	rand.New(rand.NewPCG(2, 2)).Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all
}

func TestAnEventOfTwoTrailsCountsOnceWhereTalliesCarryItsID(t *testing.T) {
	once, both := logOf(t, nineDays()), twice()
	want := transitions(t, once)
	var rates bytes.Buffer
	for _, tl := range both {
		line, err := json.Marshal(tl)
		if err != nil {
			t.Fatal(err)
		}
		rates.Write(append(line, '\n'))
	}
	read := NewLog()
	if err := read.ReadRates(&rates, func(line int, err error) { t.Fatalf("line %d: %v", line, err) }); err != nil {
		t.Fatal(err)
	}
	cfg := insights.DefaultConfig()
	for what, l := range map[string]*Log{"of log files": logOf(t, both), "of rates": read} {
		if diff := cmp.Diff(want, transitions(t, l)); diff != "" {
			t.Errorf("%s: what is told differs:\n%s", what, diff)
		}
		rate, place := Rate{"s3.amazonaws.com", "DeleteBucket", ""}, l.Places()[0]
		if diff := cmp.Diff(once.Series(place, rate, cfg).PerMinute, l.Series(place, rate, cfg).PerMinute); diff != "" {
			t.Errorf("%s: the calls a minute differ:\n%s", what, diff)
		}
	}
	for i := range both {
		both[i].EventIDs = nil
	}
	if got := transitions(t, logOf(t, both)); cmp.Equal(want, got) || got[0].Statistics.BaselineAverage < 1.9*want[0].Statistics.BaselineAverage {
		t.Errorf("without IDs the first insight's baseline is %v, want twice %v", got[0].Statistics.BaselineAverage, want[0].Statistics.BaselineAverage)
	}
}

// What the Log leaves out is what the detector does.
func TestALogLeavesOutTheCopiesThatTheDetectorDoes(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 3))
	var tallies []insights.Tally
	for range 3000 {
		one := withIDs(tally(rnd.IntN(60), "Delete"+string(rune('A'+rnd.IntN(3))), 1+rnd.IntN(5)), 0)
		for i := 0; i < len(one.EventIDs); i += insights.EventIDBytes {
			one.EventIDs[i+7] = byte(rnd.IntN(100))
		}
		one.EventIDs = one.EventIDs[:insights.EventIDBytes*rnd.IntN(one.Count+1)] // others have none
		tallies = append(tallies, one)
	}
	detector := insights.NewState("111122223333", "us-east-1", insights.DefaultConfig())
	added := detector.Add(insights.Batch{Tallies: tallies})
	l := logOf(t, tallies)
	calls := 0
	for _, p := range l.Places() {
		for _, e := range l.at(p).entries {
			calls += int(e.count)
		}
	}
	if calls != added.Calls || added.Copies < 1000 {
		t.Errorf("%d calls are left, the detector counted %d and %d copies", calls, added.Calls, added.Copies)
	}
}

func TestIDsThatCannotBeAreRefused(t *testing.T) {
	for what, ids := range map[string][]byte{"nine bytes": make([]byte, 9), "more than calls": make([]byte, 24)} {
		one := tally(0, "DeleteBucket", 2)
		one.EventIDs = ids
		if err := NewLog().Add(&one); err == nil {
			t.Errorf("%s were taken", what)
		}
	}
}

// A baseline of copies is the baseline without them.
func TestABaselineCountsCopiesOnce(t *testing.T) {
	end := monday().AddDate(0, 0, 8)
	var snapshots [][]byte
	for _, l := range []*Log{logOf(t, nineDays()), logOf(t, twice())} {
		if err := Baseline(insights.DefaultConfig(), end, end, 7).States(context.Background(), l, func(_ Place, s *insights.State) error {
			snapshots = append(snapshots, snapshot(t, s))
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(snapshots[0], snapshots[1]) {
		t.Error("the snapshots differ")
	}
}
