package replay

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/trailhand/trailhand/pkg/insights"
)

func monday() time.Time { return time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC) }

func tally(minute int, name string, count int) insights.Tally {
	return insights.Tally{
		AccountID: "111122223333", Region: "us-east-1", Minute: monday().Add(time.Duration(minute) * time.Minute),
		EventSource: "s3.amazonaws.com", EventName: name, Category: insights.Management, Count: count,
		UserIdentityARNs: map[string]int{"arn:aws:iam::111122223333:user/mary": count}, UserAgents: map[string]int{"aws-cli": count},
	}
}

const attack = 8*1440 + 600 // the minute in which the spike begins

// nineDays is 16 to 24 DeleteBucket a minute, 100 for twelve minutes of the ninth day, and none for ten later on.
func nineDays() []insights.Tally {
	var all []insights.Tally
	for m := range 9 * 1440 {
		n := 16 + m*7%9
		if m >= attack && m < attack+12 {
			n = 100
		}
		if m < attack+300 || m >= attack+310 {
			all = append(all, tally(m, "DeleteBucket", n))
		}
		all = append(all, tally(m, "PutObject", 5+m%3))
	}
	return all
}

func logOf(t *testing.T, tallies []insights.Tally) *Log {
	t.Helper()
	l := NewLog()
	for i := range tallies {
		if err := l.Add(&tallies[i]); err != nil {
			t.Fatal(err)
		}
	}
	return l
}

func transitions(t *testing.T, l *Log) []insights.Transition {
	t.Helper()
	told, err := Run{Config: insights.DefaultConfig()}.Transitions(context.Background(), l)
	if err != nil {
		t.Fatal(err)
	}
	return told
}

func TestTheOrderOfTalliesDoesNotMatter(t *testing.T) {
	tallies := nineDays()
	want := transitions(t, logOf(t, tallies))
	if len(want) != 4 {
		t.Fatalf("%d transitions, want Start and End of a spike and of a drop", len(want))
	}
	rand.New(rand.NewPCG(1, 1)).Shuffle(len(tallies), func(i, j int) { tallies[i], tallies[j] = tallies[j], tallies[i] })
	if diff := cmp.Diff(want, transitions(t, logOf(t, tallies))); diff != "" {
		t.Errorf("shuffled tallies are told otherwise:\n%s", diff)
	}
}

func TestYearsBetweenTwoStretchesChangeNothing(t *testing.T) {
	tallies := nineDays()
	want := transitions(t, logOf(t, tallies))
	old := nineDays()
	for i := range old {
		old[i].Minute = old[i].Minute.AddDate(-9, 0, 0)
	}
	got := transitions(t, logOf(t, append(old, tallies...)))
	if len(got) != 2*len(want) {
		t.Fatalf("%d transitions of two stretches, want %d", len(got), 2*len(want))
	}
	if diff := cmp.Diff(want, got[len(want):]); diff != "" {
		t.Errorf("the second stretch is told otherwise:\n%s", diff)
	}
}

func TestMinutesUpToUntilAreClosed(t *testing.T) {
	l := logOf(t, nineDays()[:2*(attack+5)]) // the input ends within the spike
	short := transitions(t, l)
	if len(short) != 1 || short[0].Phase != insights.Start {
		t.Fatalf("%d transitions, want a Start alone", len(short))
	}
	long, err := Run{Config: insights.DefaultConfig(), Until: l.End().Add(time.Hour)}.Transitions(context.Background(), l)
	if err != nil {
		t.Fatal(err)
	}
	if len(long) != 2 || long[1].Phase != insights.End || !long[1].Time.Equal(l.End()) {
		t.Errorf("%d transitions, want an End at %s too", len(long), l.End())
	}
}

func TestPlacesAreToldInTheOrderOfTheirDecisions(t *testing.T) {
	tallies := nineDays()
	for i := range tallies {
		other := tallies[i]
		other.AccountID, other.Minute = "222222222222", other.Minute.Add(3*time.Minute)
		tallies = append(tallies, other)
	}
	got := transitions(t, logOf(t, tallies))
	if len(got) != 8 {
		t.Fatalf("%d transitions, want 8", len(got))
	}
	for i := 1; i < len(got); i++ {
		if decided(got[i]).Before(decided(got[i-1])) {
			t.Errorf("transition %d was decided before the one that is told before it", i)
		}
	}
}

func TestARefusedTallyIsNotInTheLog(t *testing.T) {
	for what, change := range map[string]func(*insights.Tally){
		"no account":      func(t *insights.Tally) { t.AccountID = "" },
		"no Region":       func(t *insights.Tally) { t.Region = "" },
		"no name":         func(t *insights.Tally) { t.EventName = "" },
		"no call":         func(t *insights.Tally) { t.Count = 0 },
		"too many calls":  func(t *insights.Tally) { t.Count = 1<<30 + 1 },
		"a distant year":  func(t *insights.Tally) { t.Minute = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC) },
		"no minute given": func(t *insights.Tally) { t.Minute = time.Time{} },
	} {
		l := NewLog()
		bad := tally(0, "DeleteBucket", 1)
		change(&bad)
		if err := l.Add(&bad); err == nil || l.Len() != 0 {
			t.Errorf("%s: error %v, %d tallies", what, err, l.Len())
		}
	}
}

func TestABadLineStopsNoOther(t *testing.T) {
	good, err := json.Marshal(tally(0, "DeleteBucket", 3))
	if err != nil {
		t.Fatal(err)
	}
	long := `{"accountId":"` + strings.Repeat("x", maxLine) + `"}`
	lines := []string{string(good), "nonsense", "", string(good), long, strings.Replace(string(good), "eventName", "eventname", 1), string(good[:40]), string(good)}
	l := NewLog()
	var bad []int
	err = l.ReadRates(strings.NewReader(strings.Join(lines, "\n")), func(line int, _ error) { bad = append(bad, line) })
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]int{2, 5, 6, 7}, bad); diff != "" || l.Len() != 3 {
		t.Errorf("%d tallies, bad lines differ:\n%s", l.Len(), diff)
	}
}

func TestALevelIsTheLeastThatStarts(t *testing.T) {
	l := logOf(t, nineDays())
	cfg := insights.DefaultConfig()
	s := l.Series(l.Places()[0], Rate{"s3.amazonaws.com", "DeleteBucket", ""}, cfg)
	at := monday().Add((attack - 60) * time.Minute)
	levels, err := s.Levels(context.Background(), cfg, []time.Time{monday().Add(time.Hour), at, monday().Add((attack + 3) * time.Minute)})
	if err != nil {
		t.Fatal(err)
	}
	if levels[0].Calls != 0 || levels[2].Calls != 0 {
		t.Errorf("levels %d while learning and %d while an insight is open, want none", levels[0].Calls, levels[2].Calls)
	}
	n := levels[1].Calls
	for calls, want := range map[int]bool{n: true, n - 1: false} {
		tallies := nineDays()
		for i := range tallies {
			if tallies[i].Minute.Equal(at) && tallies[i].EventName == "DeleteBucket" {
				tallies[i] = tally(attack-60, "DeleteBucket", calls)
			}
		}
		started := false
		for _, tr := range transitions(t, logOf(t, tallies)) {
			started = started || tr.Phase == insights.Start && tr.Reason.Decided.Equal(at)
		}
		if started != want {
			t.Errorf("%d calls: Start %t, want %t", calls, started, want)
		}
	}
}

func TestExplainTellsWhatFiredAndWhatDidNot(t *testing.T) {
	l := logOf(t, nineDays())
	cfg := insights.DefaultConfig()
	s := l.Series(l.Places()[0], Rate{"s3.amazonaws.com", "DeleteBucket", ""}, cfg)
	var b bytes.Buffer
	if err := s.Explain(context.Background(), &b, cfg, transitions(t, l), time.Time{}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"DeleteBucket of s3.amazonaws.com, ApiCallRateInsight, in 111122223333 us-east-1",
		"2026-03-10 10:00  Start  100 calls in 1 min", "2026-03-10 10:12  End    after 12 min, 100 calls a minute",
		"24 calls: no Start; it would have taken ", "Start  no call for ",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("not told: %q in\n%s", want, b.String())
		}
	}
}

func TestOneMinuteIsExplainedByItself(t *testing.T) {
	l := logOf(t, nineDays())
	cfg := insights.DefaultConfig()
	s := l.Series(l.Places()[0], Rate{"s3.amazonaws.com", "DeleteBucket", ""}, cfg)
	for minute, want := range map[int]string{
		60:         "observed for 1h0m0s only",
		attack - 5: "no Start; it would have taken",
		attack:     "100 calls: Start: 100 calls in 1 min",
		attack + 3: "an insight was open",
	} {
		var b bytes.Buffer
		if err := s.Explain(context.Background(), &b, cfg, transitions(t, l), monday().Add(time.Duration(minute)*time.Minute)); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(b.String(), want) || strings.Contains(b.String(), "busiest") {
			t.Errorf("minute %d: %q is not told in\n%s", minute, want, b.String())
		}
	}
}

func FuzzTheDecoderAgreesWithEncodingJSON(f *testing.F) {
	good, _ := json.Marshal(tally(0, "DeleteBucket", 3))
	f.Add(string(good))
	f.Add(`{"count":0,"minute":"2026-03-02T00:00:30+01:00","eventName":"a\"bé","unknown":[{"a":null}],"userAgent":null,"readOnly":true}`)
	f.Add(`{"count":1e3}`)
	f.Add(`{"eventname":"x","eventName":"y"} `)
	f.Add(`{"eventIds":"AAECAwQFBgc\u003d"}`)
	d := newDecoder()
	f.Fuzz(func(t *testing.T, line string) {
		var got insights.Tally
		err := d.tally([]byte(line), &got)
		want, wantErr := exactly(line)
		if err == nil && wantErr == nil {
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%q: %s", line, diff)
			}
		}
		if err == nil && wantErr != nil {
			t.Errorf("%q was taken, encoding/json says %v", line, wantErr)
		}
	})
}

// exactly decodes a tally by encoding/json, with names that match exactly.
func exactly(line string) (t insights.Tally, err error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal([]byte(line), &fields); err != nil {
		return t, err
	}
	t.UserIdentityARNs, t.UserAgents = nil, nil
	for name, to := range map[string]any{
		"accountId": &t.AccountID, "awsRegion": &t.Region, "eventSource": &t.EventSource, "eventName": &t.EventName, "errorCode": &t.ErrorCode,
		"category": &t.Category, "readOnly": &t.ReadOnly, "count": &t.Count, "userIdentityArn": &t.UserIdentityARNs, "userAgent": &t.UserAgents, "eventIds": &t.EventIDs, "minute": &t.Minute,
	} {
		if raw, ok := fields[name]; ok {
			if err := json.Unmarshal(raw, to); err != nil {
				return t, fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	t.Minute = t.Minute.Truncate(time.Minute)
	return t, nil
}
