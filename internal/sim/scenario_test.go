package sim

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/trailhand/trailhand/internal/strictyaml"
	"github.com/trailhand/trailhand/pkg/insights"
)

const small = `
days: 4
learn: 2
traffic:
  - {api: "s3.amazonaws.com:DeleteBucket", archetype: constant, rate: 20}
  - {api: "iam.amazonaws.com:GetRole:AccessDenied", readOnly: true, archetype: retries}
anomalies:
  - {api: "s3.amazonaws.com:DeleteBucket", kind: spike, at: 2d10h, for: 12m, rate: 80}
  - {api: "s3.amazonaws.com:DeleteBucket", kind: drop, at: 3d10h, for: 20m}
  - {api: "iam.amazonaws.com:GetRole:AccessDenied", kind: principal, at: 3d01h, for: 5m, rate: 7, principal: "arn:aws:iam::1:user/x"}
`

func generated(t *testing.T, text string) *Generated {
	t.Helper()
	s, err := ParseScenario("small.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	g, err := s.Generate()
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func TestAnomaliesAreInTheCallsAndInTheTruth(t *testing.T) {
	g := generated(t, small)
	bucket, role := g.find("s3.amazonaws.com", "DeleteBucket", ""), g.find("iam.amazonaws.com", "GetRole", "AccessDenied")
	for m := 2*1440 + 600; m < 2*1440+612; m++ {
		if n := bucket.Total(m); n < 80 || n > 130 {
			t.Errorf("%d calls in the spike's minute %d", n, m)
		}
	}
	for m := 3*1440 + 600; m < 3*1440+620; m++ {
		if n := bucket.Total(m); n != 0 {
			t.Errorf("%d calls in the drop's minute %d", n, m)
		}
	}
	if n := role.Total(3*1440+60) - int(role.Calls[3*1440+60]); n != 7 {
		t.Errorf("the new principal makes %d calls a minute, want 7", n)
	}
	if len(g.Truth) != 3 || g.Truth[0].Added != 12*80 || g.Truth[1].Added >= 0 || g.Truth[2].Added != 35 {
		t.Errorf("truth: %+v", g.Truth)
	}
	if g.Keys() != 2 {
		t.Errorf("%d rates, want DeleteBucket's calls and GetRole's AccessDenied", g.Keys())
	}
}

func TestASeedAlwaysMakesTheSameTraffic(t *testing.T) {
	one, same, other := generated(t, small), generated(t, small), generated(t, "seed: 2"+small)
	if diff := cmp.Diff(one.Timelines, same.Timelines); diff != "" {
		t.Errorf("one seed, two traffics:\n%s", diff)
	}
	if cmp.Equal(one.Timelines, other.Timelines) {
		t.Error("two seeds, one traffic")
	}
}

func TestTalliesHaveEveryCallOnce(t *testing.T) {
	g := generated(t, small)
	got := map[string]int{}
	err := g.Tallies(func(tl *insights.Tally) error {
		by := 0
		for _, n := range tl.UserIdentityARNs {
			by += n
		}
		if by != tl.Count {
			t.Fatalf("%s at %s: %d calls by principals, %d in all", tl.EventName, tl.Minute, by, tl.Count)
		}
		got[tl.EventName] += tl.Count
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range g.Timelines {
		want := 0
		for m := range g.Minutes() {
			want += line.Total(m)
		}
		if got[line.EventName] != want || want == 0 {
			t.Errorf("%s: %d calls in tallies, %d in the traffic", line.EventName, got[line.EventName], want)
		}
	}
}

func TestArchetypesLookLikeWhatTheyAreCalled(t *testing.T) {
	start := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC) // a Monday
	calls := func(s Shape) []int32 {
		s, err := s.withDefaults()
		if err != nil {
			t.Fatal(err)
		}
		return s.calls(Scenario{Seed: 3}.random(s.Archetype), start, 28*1440)
	}
	sum := func(c []int32, in func(minute int) bool) (n float64) {
		for m, x := range c {
			if in(m) {
				n += float64(x)
			}
		}
		return n
	}
	always := func(int) bool { return true }
	weekend := func(m int) bool { return m/1440%7 >= 5 }
	if mean := sum(calls(Shape{Archetype: "constant", Rate: 5}), always) / (28 * 1440); math.Abs(mean-5) > 0.1 {
		t.Errorf("constant: %g calls a minute, want 5", mean)
	}
	office := calls(Shape{Archetype: "office", Rate: 5})
	if share := sum(office, weekend) / sum(office, always); share > 0.01 {
		t.Errorf("office: %.2f of the calls are at the weekend", share)
	}
	night := sum(calls(Shape{Archetype: "deploys"}), func(m int) bool { h := m % 1440 / 60; return h < 8 || h > 20 })
	if night > 0 {
		t.Errorf("deploys: %g calls at night", night)
	}
	if n := sum(calls(Shape{Archetype: "sparse", Every: 7 * 24 * time.Hour}), always); n < 1 || n > 15 {
		t.Errorf("sparse: %g calls in four weeks, want about 4", n)
	}
	cron := calls(Shape{Archetype: "cron", Every: 15 * time.Minute, Burst: 10})
	active := 0
	for _, n := range cron {
		if n > 0 {
			active++
		}
	}
	if want := 28 * 96; active < want*9/10 || active > want {
		t.Errorf("cron: %d active minutes, want %d", active, want)
	}
	heavy := calls(Shape{Archetype: "heavyTailed"})
	if top, mean := slices.Max(heavy), sum(heavy, always)/(28*1440); float64(top) < 30*mean {
		t.Errorf("heavyTailed: at most %d calls a minute at a mean of %g", top, mean)
	}
}

func TestEverythingWrongInAScenarioIsToldWithItsLine(t *testing.T) {
	_, err := ParseScenario("bad.yaml", []byte(`days: 0
surprise: 1
detector: {minCount: 0}
traffic:
  - {api: "DeleteBucket", archetype: constant}
  - {api: "a:b", archetype: sinus}
  - {archetype: sparse, every: 7}
anomalies:
  - {api: "a:b", kind: drop, at: 1d, for: 5m, rate: 3}
  - {api: "a:b", kind: spike, at: 1d}
  - {api: "a:b", kind: errors, at: 1d, for: 1h30s, times: 3}
days: 3
`))
	var lines []int
	for _, e := range err.(interface{ Unwrap() []error }).Unwrap() {
		var at *strictyaml.Error
		if !errors.As(e, &at) {
			t.Fatalf("%v has no line", e)
		}
		lines = append(lines, at.Line)
	}
	if diff := cmp.Diff([]int{1, 2, 3, 5, 6, 7, 7, 9, 10, 11, 11, 12}, lines); diff != "" {
		t.Errorf("%v\nlines differ:\n%s", err, diff)
	}
}

func TestWhatCannotBeIsRefused(t *testing.T) {
	for text, want := range map[string]string{
		"":                  "is empty",
		"days: 3\nlearn: 3": "leave none to be scored",
		"days: [":           "yaml",
		"traffic: [{api: 'a:b', archetype: sparse}]\nanomalies: [{api: 'a:b', kind: drop, at: 43d, for: 1h}]": "ends after the 42 days",
	} {
		if _, err := ParseScenario("s.yaml", []byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want %q", text, err, want)
		}
	}
	s, err := ParseScenario("s.yaml", []byte("days: 2\nlearn: 1\ntraffic: [{api: 'a:b', archetype: sparse}, {api: 'a:b', archetype: constant}]"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Generate(); err == nil || !strings.Contains(err.Error(), "twice") {
		t.Errorf("an API twice: error %v", err)
	}
}

func told(p insights.Phase, d insights.Direction, g *Generated, minute int, name, code, id string) insights.Transition {
	k := insights.Key{Type: insights.CallRate, EventSource: "s3.amazonaws.com", EventName: name}
	if code != "" {
		k = insights.Key{Type: insights.ErrorRate, EventSource: "iam.amazonaws.com", EventName: name, ErrorCode: code}
	}
	return insights.Transition{Key: k, Phase: p, Time: g.at(minute), SharedEventID: id, Reason: insights.Reason{Direction: d, Decided: g.at(minute)}}
}

func TestStartsAreScoredByWhenTheyWereDecided(t *testing.T) {
	g := generated(t, small)
	spike, drop := 2*1440+600, 3*1440+600
	s := g.Score([]insights.Transition{
		told(insights.Start, insights.Spike, g, 1000, "DeleteBucket", "", "early"), // not scored
		told(insights.Start, insights.Spike, g, spike+3, "DeleteBucket", "", "a"),
		told(insights.End, insights.Spike, g, spike+14, "DeleteBucket", "", "a"), // two minutes late
		told(insights.Start, insights.Spike, g, spike+16, "DeleteBucket", "", "again"),
		told(insights.Start, insights.Spike, g, spike+17, "DeleteBucket", "", "false"), // five minutes after the end
		told(insights.Start, insights.Drop, g, drop+2, "DeleteBucket", "", "d"),
		told(insights.Start, insights.Spike, g, drop+2, "DeleteBucket", "", "not a drop"),
	})
	r, d := s.Rises, s.Drops
	if r.Anomalies != 2 || r.Found != 1 || r.False != 2 || r.Repeats != 1 || r.EndsRight != 1 || r.Ends != 1 || r.FalseBy["constant"] != 2 {
		t.Errorf("rises: %+v", r)
	}
	if d.Anomalies != 1 || d.Found != 1 || d.False != 0 || d.Ends != 1 || d.EndsRight != 0 || !slices.Equal(d.Delays, []int{2}) {
		t.Errorf("drops: %+v", d)
	}
	if want := 2 * 2.0 / 7; math.Abs(r.KeyWeeks-want) > 1e-9 {
		t.Errorf("%g key-weeks, want %g", r.KeyWeeks, want)
	}
}

// The reference values are those of R: binom::binom.wilson(8, 10) and poisson.test(3).
func TestIntervalsAgreeWithR(t *testing.T) {
	near := func(what string, got, want float64) {
		t.Helper()
		if math.Abs(got-want) > 1e-4 {
			t.Errorf("%s: %.5f, want %.5f", what, got, want)
		}
	}
	w := wilson(8, 10)
	near("wilson low", w.Low, 0.490162)
	near("wilson high", w.High, 0.943318)
	low, high := garwood(3)
	near("poisson low", low, 0.618672)
	near("poisson high", high, 8.767273)
	low, high = garwood(0)
	near("poisson low of none", low, 0)
	near("poisson high of none", high, 3.688879)
}

func TestObservedDaysComeAgainWhole(t *testing.T) {
	monday := time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)
	seen := &Observed{From: monday.Add(-30 * time.Minute), PerMinute: make([]int, 7*1440+30)}
	for m := range 7 * 1440 {
		seen.PerMinute[m+30] = m/1440 + 1 // a call a minute on Monday, seven on Sunday
	}
	s := NewScenario("like")
	s.Sources = []Source{{API: API{EventSource: "a", EventName: "B"}, Seen: seen}}
	g, err := s.Generate()
	if err != nil {
		t.Fatal(err)
	}
	days := map[int32]bool{}
	for d := range s.Days {
		n := g.Timelines[0].Calls[d*1440]
		for m := range 1440 {
			if got := g.Timelines[0].Calls[d*1440+m]; got != n {
				t.Fatalf("day %d is made of two", d)
			}
		}
		if free := d%7 >= 5; free != (n >= 6) {
			t.Errorf("day %d of the week is made of the observed day %d", d%7, n)
		}
		days[n] = true
	}
	if len(days) < 6 {
		t.Errorf("six weeks are made of %d days", len(days))
	}
}
