package insights_test

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/trailhand/trailhand/pkg/insights"
)

const (
	account = "123456789012"
	region  = "eu-west-1"
)

var errFault = errors.New("fault injected")

// monday is 00:00 UTC of the first day of every test's history.
func monday() time.Time { return time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC) }

func tally(at time.Time, name string, count int) insights.Tally {
	return insights.Tally{
		AccountID: account, Region: region, Minute: at, EventSource: "s3.amazonaws.com", EventName: name,
		Category: insights.Management, Count: count,
		UserIdentityARNs: map[string]int{"arn:aws:sts::123456789012:assumed-role/App/i-0123": count},
		UserAgents:       map[string]int{"aws-sdk-go-v2": count},
	}
}

func batch(id string, tallies ...insights.Tally) insights.Batch {
	return insights.Batch{ID: id, AccountID: account, Region: region, Tallies: tallies}
}

// history is a snapshot after 30 hours of two calls a minute of five APIs.
func history(t testing.TB) []byte {
	t.Helper()
	s := insights.NewState(account, region, insights.DefaultConfig())
	for m := range 30 * 60 {
		at := monday().Add(time.Duration(m) * time.Minute)
		b := batch(at.String())
		for api := range 5 {
			b.Tallies = append(b.Tallies, tally(at, fmt.Sprintf("Act%d", api), 2))
		}
		s.Add(b)
	}
	if ts := s.Close(monday().Add(30 * time.Hour)); len(ts) > 0 {
		t.Fatalf("steady calls made %d transitions", len(ts))
	}
	data, err := s.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// incidents are the batches of the hour after history: three APIs call unusually often for a
// while, each minute's tallies split over two log files.
func incidents() (batches []insights.Batch) {
	for m := range 60 {
		at := monday().Add(30*time.Hour + time.Duration(m)*time.Minute)
		for part := range 2 {
			b := batch(fmt.Sprintf("bucket/key%d@v1#%d", m, part))
			for api := range 5 {
				count := 1
				if api < 3 && m >= 10+5*api && m < 18+6*api {
					count = 60 + 7*api
				}
				b.Tallies = append(b.Tallies, tally(at, fmt.Sprintf("Act%d", api), count))
			}
			batches = append(batches, b)
		}
	}
	return batches
}

// deliver runs the batches as a queue would: each until it succeeded, some once more later, a few
// out of order, up to ten together.
func deliver(t *testing.T, m *memory, batches []insights.Batch) {
	t.Helper()
	now := monday().Add(31 * time.Hour)
	r := m.runner(&now)
	queue := slices.Clone(batches)
	if m.rand != nil {
		for i := 0; i+8 <= len(queue); i += 8 {
			part := queue[i : i+8]
			m.rand.Shuffle(8, func(a, b int) { part[a], part[b] = part[b], part[a] })
		}
	}
	take := func() []insights.Batch {
		n := 1
		if m.rand != nil {
			n = 1 + m.rand.IntN(10)
		}
		some := queue[:min(n, len(queue))]
		queue = queue[len(some):]
		return some
	}
	until := func(r *insights.Runner, some []insights.Batch) {
		for try := 0; ; try++ {
			if _, err := r.Run(t.Context(), account, region, some); err == nil {
				return
			} else if !errors.Is(err, errFault) && !errors.Is(err, insights.ErrConflict) {
				t.Fatal(err)
			} else if try == 1000 {
				t.Fatal("a thousand tries were not enough")
			}
		}
	}
	overtaken := false
	if m.rand != nil {
		m.between = func() {
			if !overtaken { // another worker takes the next messages, once: more would be too late
				overtaken = true
				other := m.runner(&now)
				until(&other, take())
			}
		}
	}
	for len(queue) > 0 {
		some := take()
		overtaken = false
		until(&r, some)
		if m.rand != nil && m.rand.Float64() < 0.2 {
			until(&r, some)
		}
	}
	now = now.Add(time.Hour)
	for range 5 { // the clock, often enough for what a crash has left unsent
		until(&r, nil)
	}
}

// Whatever fails, and whenever, the calls count once, and every insight is told under the ids and
// with the bytes of a run in which nothing fails. Stored as one object, in a part that is written
// anew by every save, and in parts some of which are.
func TestFaultsLoseNothingAndCountNothingTwice(t *testing.T) {
	for _, keys := range []int{0, 1, 3} {
		t.Run(fmt.Sprintf("parts of %d keys", keys), func(t *testing.T) { t.Parallel(); faults(t, keys) })
	}
}

func faults(t *testing.T, partKeys int) {
	start := history(t)
	want := newMemory(start, 0)
	deliver(t, want, incidents())
	if n := len(want.published); n != 6 {
		t.Fatalf("the run without faults told %d transitions, want three Starts and three Ends", n)
	}
	for seed := range schedules(t) {
		t.Run(strconv.Itoa(seed), func(t *testing.T) {
			t.Parallel()
			rnd := rand.New(rand.NewPCG(uint64(seed), 6))
			got := newMemory(start, partKeys)
			got.rand, got.faults = rnd, 0.3*rnd.Float64()
			if partKeys > 0 {
				got.faults /= 4 // a run makes more calls
			}
			deliver(t, got, incidents())
			if got.torn > 0 {
				t.Errorf("%d records were told again with other bytes", got.torn)
			}
			for id, record := range want.published {
				if !bytes.Equal(got.published[id], record) {
					t.Errorf("event %s:\n got %s\nwant %s", id, got.published[id], record)
				}
			}
			if n := len(got.published); n != len(want.published) {
				t.Errorf("%d transitions, want %d", n, len(want.published))
			}
			got.rand, got.between = nil, nil
			if !bytes.Equal(got.whole(t), want.whole(t)) {
				t.Error("the last state differs from that of a run without faults")
			}
			noOrphans(t, got)
		})
	}
}

// noOrphans has one more save write parts: then there are none but those that are named.
func noOrphans(t *testing.T, m *memory) {
	t.Helper()
	at := monday().Add(33 * time.Hour)
	r := m.runner(&at)
	var b insights.Batch
	for api := range 5 {
		b.Tallies = append(b.Tallies, tally(at, fmt.Sprintf("Act%d", api), 2))
	}
	for range 2 {
		if _, err := r.Run(t.Context(), account, region, []insights.Batch{b}); err != nil {
			t.Fatal(err)
		}
		at = at.Add(time.Hour)
	}
	names, err := insights.PartNames(m.data)
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(names)
	if have := slices.Sorted(maps.Keys(m.parts)); !slices.Equal(have, names) {
		t.Errorf("%d parts are stored, %d are named", len(have), len(names))
	}
	if m.config.PartKeys > 0 && m.written == 0 {
		t.Error("no part was written")
	}
}

// schedules is how many random schedules of faults to try: TRAILHAND_SCHEDULES, or a few.
func schedules(t *testing.T) int {
	if n, err := strconv.Atoi(os.Getenv("TRAILHAND_SCHEDULES")); err == nil {
		return n
	}
	if testing.Short() {
		return 20
	}
	return 100
}

// The four places at which a run can end early, one by one.
func TestACrashAtEachStepIsMadeGood(t *testing.T) {
	start, batches := history(t), incidents()
	want := newMemory(start, 0)
	deliver(t, want, batches)
	for _, step := range []string{"before a part", "after a part", "before the sweep", "before save", "after save", "before publish", "after publish", "before the second save", "after the second save"} {
		t.Run(step, func(t *testing.T) {
			m := &crashing{memory: newMemory(start, 3), step: step}
			now := monday().Add(31 * time.Hour)
			r := m.runner(&now)
			r.Store, r.Publisher = m, m
			for len(m.crashed) == 0 || !m.done {
				_, err := r.Run(t.Context(), account, region, batches)
				m.done = err == nil
			}
			now = now.Add(time.Hour)
			if _, err := r.Run(t.Context(), account, region, nil); err != nil {
				t.Fatal(err)
			}
			if len(m.published) != len(want.published) {
				t.Fatalf("%d transitions, want %d", len(m.published), len(want.published))
			}
			for id, record := range want.published {
				if !bytes.Equal(m.published[id], record) {
					t.Errorf("event %s:\n got %s\nwant %s", id, m.published[id], record)
				}
			}
		})
	}
}
