package insights_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/trailhand/trailhand/pkg/insights"
)

// published is a firing of CloudTrail Insights that was published: the user guide's three
// examples, and thirteen records. Rates are calls a minute.
type published struct {
	name, code string
	read       bool
	before     float64 // mean rate, Poisson; or
	calls      int     // calls in the last seven days, evenly
	during     []int   // calls of each minute of the incident
	minCount   int
	drop       bool
	atLeast    int // days of history
}

func repeat(calls, minutes int) []int {
	all := make([]int, minutes)
	for i := range all {
		all[i] = calls
	}
	return all
}

func cases() []published {
	return []published{
		{name: "DeleteBucket", before: 18, during: repeat(100, 12)},
		{name: "AuthorizeSecurityGroupIngress", before: 20, during: repeat(0, 10), drop: true, atLeast: 8},
		{name: "DeleteInstanceProfile", code: "AccessDeniedException", during: repeat(12, 8)},
		{name: "UpdateInstanceInformation", before: 85.42, during: repeat(664, 1)},
		{name: "UpdateInstanceInformation", before: 84.4, during: repeat(669, 1)},
		{name: "UpdateInstanceInformation", before: 74.2, during: repeat(657, 1)},
		{name: "UpdateInstanceAssociationStatus", before: 1.756, during: repeat(50, 8)},
		{name: "DescribeRegions", code: "RequestLimitExceeded", read: true, before: 154.06, during: repeat(3575, 121)},
		{name: "PutLifecycleHook", calls: 18, during: []int{4}},
		{name: "CompleteLifecycleAction", calls: 1, during: []int{1, 0, 1, 0, 1}},
		{name: "CompleteLifecycleAction", calls: 1, during: []int{5}},
		{name: "SendHeartBeat", calls: 2, during: []int{1, 0, 1, 0, 1}},
		{name: "SendCommand", before: 0.0442, during: repeat(3, 5)},
		{name: "GetRolePolicy", code: "NoSuchEntity", read: true, calls: 17, during: []int{18}},
		{name: "DescribeQuery", code: "QueryIdNotFound", read: true, during: []int{6}},
		{name: "AttachUserPolicy", during: []int{2}, minCount: 2},
	}
}

// play gives a state days of history, the incident at 10:37, and four hours more. It returns the
// transitions of the case's own kind of insight, and the calls of each minute.
func (p published) play(days int) (ts []insights.Transition, counts []int, at int) {
	rnd := rand.New(rand.NewPCG(uint64(days), uint64(len(p.name))))
	at = days*1440 + 10*60 + 37
	total := at + 240
	counts = make([]int, total)
	for m := range counts {
		for limit, x := math.Exp(-p.before), rnd.Float64(); x > limit; x *= rnd.Float64() {
			counts[m]++
		}
	}
	for i := range p.calls {
		counts[at-7*1440+500+i*7*1440/(p.calls+1)]++
	}
	copy(counts[at:], p.during)
	cfg := insights.DefaultConfig()
	if p.minCount > 0 {
		cfg.MinCount = p.minCount
	}
	s := insights.NewState(account, region, cfg)
	for m, n := range counts {
		minute := monday().Add(time.Duration(m) * time.Minute)
		b := batch("", tally(minute, "Other", 5))
		if n > 0 {
			own := tally(minute, p.name, n)
			own.ErrorCode, own.ReadOnly = p.code, p.read
			b.Tallies = append(b.Tallies, own)
		}
		s.Add(b)
		ts = append(ts, s.Advance(minute)...)
	}
	ts = append(ts, s.Close(monday().Add(time.Duration(total)*time.Minute))...)
	return ts, counts, at
}

func sum(counts []int) (n int) {
	for _, c := range counts {
		n += c
	}
	return n
}

// Each of the sixteen cases makes its Start and its End with 7, 9 and 28 days of history, and
// nothing else does.
func TestThePublishedCasesAreTold(t *testing.T) {
	for i, p := range cases() {
		for _, days := range []int{7, 8, 9, 28} {
			if days < p.atLeast || days == 8 && !p.drop {
				continue
			}
			t.Run(fmt.Sprintf("%d %s after %d days", i+1, p.name, days), func(t *testing.T) {
				t.Parallel()
				ts, counts, at := p.play(days)
				kinds := map[insights.InsightType]int{}
				for _, tr := range ts {
					kinds[tr.Key.Type]++
					if tr.Key.EventName != p.name {
						t.Errorf("%s %s was told as well", tr.Key.EventName, tr.Phase)
					}
				}
				want := map[insights.InsightType]int{}
				if p.code != "" {
					want[insights.ErrorRate] = 2
				}
				if !p.read {
					want[insights.CallRate] = 2
				}
				if fmt.Sprint(kinds) != fmt.Sprint(want) {
					t.Fatalf("transitions %v, want %v", kinds, want)
				}
				for _, tr := range ts {
					p.check(t, tr, counts, at)
				}
			})
		}
	}
}

// check holds a transition to CloudTrail's arithmetic over the true counts.
func (p published) check(t *testing.T, tr insights.Transition, counts []int, at int) {
	t.Helper()
	minute := int(tr.Time.Sub(monday()) / time.Minute)
	st := tr.Statistics
	start := minute
	if tr.Phase == insights.End {
		start -= st.InsightDuration
	}
	if start < at || start > at+4 {
		t.Errorf("%s says the incident began in minute %d, want %d", tr.Phase, start, at)
	}
	if tr.Phase == insights.End && (minute < at+len(p.during)-1 || minute > at+len(p.during)+1) {
		t.Errorf("it ended in minute %d, want %d", minute, at+len(p.during))
	}
	if want := min(start, 10080+start%1440); st.BaselineDuration != want {
		t.Errorf("baselineDuration %d, want %d", st.BaselineDuration, want)
	}
	baseline := float64(sum(counts[start-st.BaselineDuration:start])) / float64(st.BaselineDuration)
	if math.Abs(st.BaselineAverage-baseline) > 1e-10 {
		t.Errorf("%s: baseline average %v, want %v", tr.Phase, st.BaselineAverage, baseline)
	}
	insight := float64(sum(counts[start:start+st.InsightDuration])) / float64(st.InsightDuration)
	if math.Abs(st.InsightAverage-insight) > 1e-10 {
		t.Errorf("%s: insight average %v over %d minutes, want %v", tr.Phase, st.InsightAverage, st.InsightDuration, insight)
	}
}

// The numbers of published records follow from their counts.
func TestPublishedArithmetic(t *testing.T) {
	for _, c := range []struct {
		calls, minutes int
		want           string
	}{
		{18, 10080, "0.0017857143"}, {1, 11336, "0.0000882145"}, {1, 10181, "0.0000982222"},
		{2, 11326, "0.0001765848"}, {17, 10080, "0.0016865079"}, {3, 5, "0.6000000000"},
	} {
		if got := fmt.Sprintf("%.10f", insights.Average(uint64(c.calls), int32(c.minutes))); got != c.want {
			t.Errorf("%d calls in %d minutes: %s, want %s", c.calls, c.minutes, got, c.want)
		}
	}
}

// A record has the fields of CloudTrail's own, and none of ours.
func TestTheRecordIsCloudTrails(t *testing.T) {
	ts, _, _ := cases()[2].play(9)
	for _, tr := range ts {
		var got map[string]any
		if err := json.Unmarshal(tr.Record(), &got); err != nil {
			t.Fatal(err)
		}
		details := got["insightDetails"].(map[string]any)
		want := "awsRegion eventCategory eventID eventTime eventType eventVersion insightDetails recipientAccountId sharedEventID"
		if k := sortedKeys(got); k != want {
			t.Errorf("fields %s, want %s", k, want)
		}
		want = "eventName eventSource insightContext insightType sourceEventCategory state"
		if tr.Key.Type == insights.ErrorRate {
			want = "errorCode " + want
		}
		if k := sortedKeys(details); k != want {
			t.Errorf("insightDetails %s, want %s", k, want)
		}
	}
}

func sortedKeys(m map[string]any) string { return strings.Join(slices.Sorted(maps.Keys(m)), " ") }
