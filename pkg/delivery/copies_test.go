package delivery

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/trailhand/trailhand/pkg/events"
	"github.com/trailhand/trailhand/pkg/insights"
)

type sent struct{ batches []insights.Batch }

func (s *sent) Send(_ context.Context, batches []insights.Batch) error {
	s.batches = append(s.batches, batches...)
	return nil
}

// twoTrails are the log files that two trails make of the same n calls, 7 and 11 calls each.
func twoTrails(t testing.TB, n int, sink Tallies) {
	t.Helper()
	p := Pipeline{Sinks: []Sink{sink}}
	for _, size := range []int{7, 11} {
		for from := 0; from < n; from += size {
			var records []string
			for i := from; i < min(n, from+size); i++ {
				records = append(records, callOf(i))
			}
			text := `{"Records":[` + strings.Join(records, ",") + "]}"
			f := File{Bucket: "b", Key: fmt.Sprintf("trail%d/%d", size, from)}
			if _, err := p.Read(t.Context(), f, events.NewReader(strings.NewReader(text), events.Limits{})); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// callOf is a call every ten seconds, by three callers; each fourth one fails.
func callOf(i int) string {
	at := time.Date(2026, 3, 2, 0, 0, 10*i, 0, time.UTC)
	code := ""
	if i%4 == 0 {
		code = `"errorCode":"AccessDenied",`
	}
	return fmt.Sprintf(`{"eventTime":%q,"eventID":"id-%d","eventType":"AwsApiCall","eventCategory":"Management","readOnly":false,
		"eventSource":"s3.amazonaws.com","eventName":"DeleteBucket",%s"recipientAccountId":"1","awsRegion":"r","userIdentity":{"arn":"caller%d"}}`,
		at.Format(time.RFC3339), i, code, i%3)
}

// Whatever the order, and however often a batch comes.
func TestAnEventInTheFilesOfTwoTrailsCountsOnceWithItsID(t *testing.T) {
	const calls = 300
	for _, ids := range []bool{false, true} {
		to := &sent{}
		twoTrails(t, calls, Tallies{To: to, EventIDs: ids})
		want := map[bool]int{false: 2 * calls, true: calls}[ids]
		for seed := range uint64(20) {
			rnd := rand.New(rand.NewPCG(seed, 1))
			order := append(slices.Clone(to.batches), to.batches[:20]...)
			rnd.Shuffle(len(order), func(a, b int) { order[a], order[b] = order[b], order[a] })
			s := insights.NewState("1", "r", insights.DefaultConfig())
			counted, copies := 0, 0
			for i, b := range order {
				a := s.Add(b)
				counted, copies = counted+a.Calls, copies+a.Copies
				if len(a.Bad) > 0 {
					t.Fatal(a.Bad)
				}
				if i%10 == 0 {
					s = stored(t, s)
				}
			}
			if counted != want || counted+copies != 2*calls {
				t.Errorf("IDs %v, seed %d: %d calls and %d copies counted, want %d calls", ids, seed, counted, copies, want)
			}
		}
	}
}

// stored is the state after it was written and read again.
func stored(t *testing.T, s *insights.State) *insights.State {
	t.Helper()
	data, err := s.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if s, err = insights.Decode(data, insights.DefaultConfig()); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestATallyOfManyEventIDsIsToldAsSeveral(t *testing.T) {
	const calls = 3*keptIDs + 5
	c := NewCounter(File{Key: "f"})
	c.EventIDs = true
	r := many(calls, `{"eventID":"id-%[1]d","eventTime":"2024-01-02T03:04:05Z","eventType":"AwsApiCall","eventCategory":"Management","eventName":"N","userIdentity":{"arn":"a"}}`)
	for rec, err := range r.All() {
		if err != nil {
			t.Fatal(err)
		}
		c.Add(rec)
	}
	batches := c.Batches()
	count, callers, ids := 0, 0, map[string]bool{}
	for _, b := range batches {
		size := 0
		for _, tally := range b.Tallies {
			count, callers, size = count+tally.Count, callers+tally.UserIdentityARNs["a"], size+encodedSize(tally)
			for id := range slices.Chunk(tally.EventIDs, insights.EventIDBytes) {
				ids[string(id)] = true
			}
		}
		if size > maxBatchBytes {
			t.Errorf("a batch of %d bytes", size)
		}
	}
	if count != calls || callers != calls || len(ids) != calls || len(batches) != 2 {
		t.Errorf("%d calls by %d callers with %d IDs in %d batches, want %d", count, callers, len(ids), len(batches), calls)
	}
}

// What a call with its ID takes of a queue's message, beside one without.
func BenchmarkEventIDs(b *testing.B) {
	for _, ids := range []bool{false, true} {
		b.Run(fmt.Sprint(ids), func(b *testing.B) {
			c := NewCounter(File{Key: "f"})
			c.EventIDs = ids
			var all []*events.Record
			for i := range 10_000 {
				rec, err := events.Parse([]byte(callOf(i)))
				if err != nil {
					b.Fatal(err)
				}
				all = append(all, &rec)
			}
			for b.Loop() {
				c = NewCounter(File{Key: "f"})
				c.EventIDs = ids
				for _, rec := range all {
					c.Add(rec)
				}
			}
			bytes := 0
			for _, tally := range c.Tallies() {
				bytes += encodedSize(tally)
			}
			b.ReportMetric(float64(bytes)/float64(len(all)), "bytes/call")
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(all)), "ns/call")
		})
	}
}
