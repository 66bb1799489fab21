package delivery

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/trailhand/trailhand/pkg/events"
	"github.com/trailhand/trailhand/pkg/insights"
)

// many is a log file of n records that format makes of their numbers.
func many(n int, format string) *events.Reader {
	var b strings.Builder
	b.WriteString(`{"Records":[`)
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, format, i)
	}
	b.WriteString("]}")
	return events.NewReader(strings.NewReader(b.String()), events.Limits{})
}

type nowhere struct{}

func (nowhere) Send(context.Context, []insights.Batch) error { return nil }

const named = `{"eventTime":"2024-01-02T03:04:05Z","eventType":"AwsApiCall","eventCategory":"Management","eventName":"N%d"}`

func TestAFileThatWouldTakeTheMemoryOfOthersFailsAndSaysWhy(t *testing.T) {
	tests := map[string]struct {
		file  *events.Reader
		sinks []Sink
		says  string
	}{
		"too many names":       {file: many(maxNames+1, `{"eventName":"%d"}`), says: "262144 different names"},
		"too many bytes":       {file: many(40, `{"eventName":"%d`+strings.Repeat("x", 1<<20)+`"}`), says: "33554432 bytes of different names"},
		"too many tallies":     {file: many(1001, named), sinks: []Sink{Tallies{Most: 1000}}, says: "1000 APIs and minutes"},
		"as much as there may": {file: many(1000, named), sinks: []Sink{Tallies{To: nowhere{}, Most: 1000}}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			p := Pipeline{Sinks: test.sinks}
			sum, err := p.Read(t.Context(), File{Key: "f"}, test.file)
			if test.says == "" {
				if err != nil || sum.Records != 1000 {
					t.Fatalf("%v, %d records", err, sum.Records)
				}
				return
			}
			if !errors.Is(err, ErrOverLimit) || !Permanent(err) || sum.Records != 0 || len(sum.Failed) != 1 || !strings.Contains(sum.Failed[0].Error, test.says) {
				t.Errorf("%v, %d records", err, sum.Records)
			}
		})
	}
}

func TestOfBadRecordsAHundredAreTold(t *testing.T) {
	sum, err := (&Pipeline{}).Read(t.Context(), File{Key: "f"}, many(5000, "%d"))
	if err != nil || sum.Bad != 5000 || len(sum.BadRecords) != maxBadRecords {
		t.Fatalf("%v, %d bad, %d told", err, sum.Bad, len(sum.BadRecords))
	}
	total := NewSummary()
	total.Merge(sum)
	total.Merge(sum)
	if total.Bad != 10000 || len(total.BadRecords) != 2*maxBadRecords {
		t.Errorf("of two files %d bad, %d told", total.Bad, len(total.BadRecords))
	}
}

// A caller chooses the user agent: a new one a call must not fill the memory.
func TestAttributionsHoldFewBytesHoweverManyThereAre(t *testing.T) {
	c := NewCounter(File{})
	agent := `"userAgent":"%d` + strings.Repeat("x", 1000) + `",`
	r := many(30_000, `{`+agent+named[1:len(named)-4]+`"}`)
	for rec, err := range r.All() {
		if err != nil {
			t.Fatal(err)
		}
		c.Add(rec)
	}
	count := 0
	for _, tally := range c.Tallies() {
		count += tally.Count
	}
	if count != 30_000 || c.shares.bytes > maxShareBytes+2000 {
		t.Errorf("%d calls, %d bytes of attributions", count, c.shares.bytes)
	}
}

func TestEventsAreToldApartInBoundedMemory(t *testing.T) {
	c := NewCounter(File{})
	for i := range maxEventIDs - 1 {
		var id digest
		binary.BigEndian.PutUint64(id[:], uint64(i))
		c.seen[id] = struct{}{}
	}
	if !c.first([]byte("early")) || c.first([]byte("early")) {
		t.Error("an early event does not count once")
	}
	for range 2 {
		if !c.first([]byte("late")) || len(c.seen) != maxEventIDs {
			t.Errorf("%d are told apart; a late event must count each time", len(c.seen))
		}
	}
}
