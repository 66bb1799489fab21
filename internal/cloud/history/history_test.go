package history

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/trailhand/trailhand/internal/cloud/trails"
	"github.com/trailhand/trailhand/pkg/events"
)

type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

func newClock() *clock { return &clock{time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)} }

func testConfig(dir string, c *clock) Config {
	return Config{Dir: dir, MaxEvents: 1 << 20, Now: c.now, Log: slog.New(slog.DiscardHandler)}
}

func open(t testing.TB, cfg Config) *History {
	t.Helper()
	h, err := Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.Close() })
	return h
}

// event is a record of the nth call, of one of some users, names and tables.
func event(n int, at time.Time) []byte {
	return fmt.Appendf(nil, `{"eventVersion":"1.11","userIdentity":{"type":"IAMUser","userName":"user-%d","accessKeyId":"AKIA%d"},`+
		`"eventTime":%q,"eventSource":"dynamodb.amazonaws.com","eventName":"Call%d","awsRegion":"us-east-1","readOnly":%v,`+
		`"resources":[{"type":"AWS::DynamoDB::Table","ARN":"table-%d"},{"type":"AWS::DynamoDB::Stream","ARN":"table-%d"}],`+
		`"eventID":"id-%d","eventType":"AwsApiCall","managementEvent":true,"recipientAccountId":"123456789012","eventCategory":"Management"}`,
		n%7, n%5, at.UTC().Format(time.RFC3339), n%11, n%2 == 0, n%13, n%13, n)
}

func parsed(t testing.TB, raw []byte) *events.Record {
	t.Helper()
	rec, err := events.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	return &rec
}

func lookup(attribute, value string) trails.Lookup {
	return trails.Lookup{
		AccountID: "123456789012", Region: "us-east-1", Attribute: attribute, Value: value,
		From: newClock().at.Add(-retention), To: newClock().at.AddDate(1, 0, 0), Limit: 50,
	}
}

// ids are the eventIDs of all pages of a lookup.
func ids(t testing.TB, h *History, l trails.Lookup) []string {
	t.Helper()
	var all []string
	for {
		records, next, err := h.Lookup(t.Context(), l)
		if err != nil {
			t.Fatal(err)
		}
		if len(records) > l.Limit {
			t.Fatalf("a page of %d events, more than %d", len(records), l.Limit)
		}
		for _, raw := range records {
			r, err := events.Parse(raw)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, r.String(events.EventID))
		}
		if next == "" {
			return all
		}
		l.After = next
	}
}

func fill(t testing.TB, h *History, n int, at func(i int) time.Time) {
	t.Helper()
	for i := range n {
		if err := h.Append(parsed(t, event(i, at(i)))); err != nil {
			t.Fatal(err)
		}
	}
}

func TestEventsAreFoundByEachAttribute(t *testing.T) {
	c := newClock()
	h := open(t, testConfig(t.TempDir(), c))
	fill(t, h, 1000, func(i int) time.Time { return c.at.Add(time.Duration(i) * time.Second) })
	tests := map[string]struct {
		attribute, value string
		want             int
	}{
		"all of them":                          {"", "", 1000},
		"one by its eventID":                   {"EventId", "id-17", 1},
		"by name":                              {"EventName", "Call3", 91},
		"by source":                            {"EventSource", "dynamodb.amazonaws.com", 1000},
		"by another source":                    {"EventSource", "s3.amazonaws.com", 0},
		"reads":                                {"ReadOnly", "true", 500},
		"by user":                              {"Username", "user-6", 142},
		"by access key":                        {"AccessKeyId", "AKIA0", 200},
		"by a resource that it names twice":    {"ResourceName", "table-1", 77},
		"by the type of one of two resources":  {"ResourceType", "AWS::DynamoDB::Stream", 1000},
		"a value of one attribute for another": {"Username", "Call3", 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := ids(t, h, lookup(test.attribute, test.value)); len(got) != test.want {
				t.Errorf("%d events, want %d", len(got), test.want)
			}
		})
	}
}

func TestOneAccountRegionAndKindIsLookedUp(t *testing.T) {
	h := open(t, testConfig(t.TempDir(), newClock()))
	fill(t, h, 1, func(int) time.Time { return newClock().at })
	other := lookup("", "")
	other.Region = "eu-west-1"
	foreign := lookup("", "")
	foreign.AccountID = "210987654321"
	insight := lookup("", "")
	insight.Insight = true
	for _, l := range []trails.Lookup{other, foreign, insight} {
		if got := ids(t, h, l); len(got) != 0 {
			t.Errorf("%+v finds %q", l, got)
		}
	}
}

func TestAnInsightEventIsFoundByWhatItIsAbout(t *testing.T) {
	h := open(t, testConfig(t.TempDir(), newClock()))
	insight := `{"eventVersion":"1.11","eventTime":"2026-03-02T09:00:00Z","awsRegion":"us-east-1","eventID":"i","eventType":"AwsCloudTrailInsight",` +
		`"recipientAccountId":"123456789012","insightDetails":{"state":"Start","eventSource":"ssm.amazonaws.com","eventName":"UpdateInstanceInformation"},"eventCategory":"Insight"}`
	if err := h.Append(parsed(t, []byte(insight))); err != nil {
		t.Fatal(err)
	}
	l := lookup("EventName", "UpdateInstanceInformation")
	if got := ids(t, h, l); len(got) != 0 {
		t.Errorf("it is among the management events: %q", got)
	}
	l.Insight = true
	if got := ids(t, h, l); !slices.Equal(got, []string{"i"}) {
		t.Errorf("found %q", got)
	}
}

func TestTheSameEventIsKeptOnce(t *testing.T) {
	c := newClock()
	h := open(t, testConfig(t.TempDir(), c))
	for range 3 {
		fill(t, h, 2, func(int) time.Time { return c.at })
	}
	if h.Len() != 2 {
		t.Errorf("%d events, want 2", h.Len())
	}
}

// In whatever order events come, every lookup is that of a plain list.
func TestPagesAndTimesAreThoseOfAPlainList(t *testing.T) {
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 3))
		c := newClock()
		cfg := testConfig(t.TempDir(), c)
		h := open(t, cfg)
		times := make([]time.Time, 500)
		for i := range times {
			times[i] = c.at.Add(-time.Duration(r.IntN(3600)) * time.Second)
		}
		fill(t, h, len(times), func(i int) time.Time { return times[i] })
		if seed%2 == 0 {
			h = open(t, cfg)
		}
		l := lookup("ReadOnly", "true")
		l.Limit = 1 + r.IntN(50)
		l.From, l.To = c.at.Add(-time.Duration(r.IntN(3600))*time.Second), c.at.Add(-time.Duration(r.IntN(600))*time.Second)
		var want []int
		for i, at := range times {
			if i%2 == 0 && !at.Before(l.From) && !at.After(l.To) {
				want = append(want, i)
			}
		}
		slices.SortStableFunc(want, func(a, b int) int { return times[a].Compare(times[b]) })
		slices.Reverse(want)
		got := ids(t, h, l)
		if len(got) != len(want) {
			t.Fatalf("seed %d: %d events, want %d", seed, len(got), len(want))
		}
		for i, n := range want {
			if got[i] != fmt.Sprintf("id-%d", n) {
				t.Fatalf("seed %d: event %d is %s, want id-%d", seed, i, got[i], n)
			}
		}
	}
}

func TestEventsComeBackAfterAProcessDiedInTheMiddleOfOne(t *testing.T) {
	c := newClock()
	cfg := testConfig(t.TempDir(), c)
	h := open(t, cfg)
	fill(t, h, 100, func(i int) time.Time { return c.at.Add(time.Duration(i) * time.Second) })
	names, err := filepath.Glob(filepath.Join(cfg.Dir, "*"+recordSuffix))
	if err != nil || len(names) != 1 {
		t.Fatalf("segments %q, %v", names, err)
	}
	info, err := os.Stat(names[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(names[0], info.Size()-10); err != nil {
		t.Fatal(err)
	}
	h = open(t, cfg)
	if err := h.Append(parsed(t, event(100, c.at))); err != nil {
		t.Fatal(err)
	}
	h = open(t, cfg)
	if got := ids(t, h, lookup("", "")); len(got) != 100 || slices.Contains(got, "id-99") || !slices.Contains(got, "id-100") {
		t.Errorf("%d events, want 99 and the one that came after", len(got))
	}
}

func TestEventsGoAfterNinetyDaysAndBeforeThatWhenThereAreTooMany(t *testing.T) {
	c := newClock()
	cfg := testConfig(t.TempDir(), c)
	cfg.MaxEvents = 50
	h := open(t, cfg)
	for day := range 100 {
		if err := h.Append(parsed(t, event(day, c.at))); err != nil {
			t.Fatal(err)
		}
		if h.Len() > cfg.MaxEvents+1 {
			t.Fatalf("%d events, more than %d", h.Len(), cfg.MaxEvents)
		}
		c.at = c.at.AddDate(0, 0, 1)
	}
	cfg.MaxEvents = 1000
	h = open(t, cfg)
	before := h.Len()
	c.at = c.at.AddDate(0, 0, 85)
	if err := h.Append(parsed(t, event(1000, c.at))); err != nil {
		t.Fatal(err)
	}
	if before < 50 || h.Len() > 10 {
		t.Errorf("%d events and %d after 85 days; want 50 or so, and then those of the last five", before, h.Len())
	}
	left, err := filepath.Glob(filepath.Join(cfg.Dir, "*"))
	if err != nil || len(left) != 2*len(h.segments) {
		t.Errorf("%d files of %d segments are left (%v)", len(left), len(h.segments), err)
	}
	want := lookup("", "")
	want.From, want.To = c.at.Add(-retention), c.at
	if got := ids(t, h, want); len(got) != h.Len() {
		t.Errorf("%d of %d events are found", len(got), h.Len())
	}
}

func TestARecordWithoutWhatTheHistoryNeedsIsRefused(t *testing.T) {
	h := open(t, testConfig(t.TempDir(), newClock()))
	for _, record := range []string{`{}`, `{"eventID":"1"}`, `{"eventTime":"2026-03-02T09:00:00Z"}`} {
		if err := h.Append(parsed(t, []byte(record))); err == nil {
			t.Errorf("%s was taken", record)
		}
	}
}

// Len is how many events are kept.
func (h *History) Len() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.index.entries)
}
