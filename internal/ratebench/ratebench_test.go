package ratebench

import (
	"bytes"
	"os"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/trailhand/trailhand/pkg/insights"
)

// The detector finds more than every plain rule, with no more false Starts than they may make.
// TRAILHAND_RATEBENCH is the keys an archetype; few by default, to be quick.
func TestTheDetectorBeatsThePlainRules(t *testing.T) {
	keys := 4
	if n, err := strconv.Atoi(os.Getenv("TRAILHAND_RATEBENCH")); err == nil {
		keys = n
	} else if testing.Short() {
		t.Skip("it takes some seconds")
	}
	rows := Run(Options{Seed: 900_000, Keys: keys, Workers: 4, Budget: 0.025, Config: insights.DefaultConfig()})
	var table bytes.Buffer
	if err := Write(&table, rows); err != nil {
		t.Fatal(err)
	}
	t.Log("\n" + table.String())
	ours := rows[0].Spikes
	if ours.FalseAWeek() > 0.05 || ours.Recall() < 0.7 || ours.EndedWell() < 0.9 || rows[0].Drops.Recall() < 0.7 {
		t.Errorf("the detector fell below what even few keys should show:\n%s", strings.SplitN(table.String(), "\n", 3)[1])
	}
	for _, r := range rows[1:] {
		if r.Spikes.Recall() >= ours.Recall() {
			t.Errorf("%s found %.3f, the detector %.3f", r.Rule, r.Spikes.Recall(), ours.Recall())
		}
	}
}

func TestTrafficFollowsFromItsSeed(t *testing.T) {
	for _, a := range Archetypes() {
		one, same, other := Make(a, 7), Make(a, 7), Make(a, 8)
		if !reflect.DeepEqual(one, same) {
			t.Errorf("%s: two series of one seed differ", a.Name)
		}
		if reflect.DeepEqual(one.Counts, other.Counts) {
			t.Errorf("%s: two seeds made the same series", a.Name)
		}
	}
}

func TestAScoreCountsEachAnomalyOnce(t *testing.T) {
	series := Series{Anomalies: []Anomaly{{Learned + 100, Learned + 110, Spike}, {Learned + 500, Learned + 510, Drop}}}
	var s Score
	s.add(series, []Finding{
		{Learned - 50, Learned - 50, Learned - 40, Spike},    // before the scored weeks
		{Learned + 101, Learned + 102, Learned + 111, Spike}, // found
		{Learned + 105, Learned + 105, Learned + 111, Spike}, // told twice
		{Learned + 116, Learned + 116, Learned + 120, Spike}, // too late
		{Learned + 500, Learned + 502, Learned + 510, Drop},  // of the other direction
	}, Spike)
	want := Score{Keys: 1, Anomalies: 1, Found: 1, False: 1, Ended: 1, Delays: []int{2}}
	if !reflect.DeepEqual(s, want) {
		t.Errorf("got %+v, want %+v", s, want)
	}
}
