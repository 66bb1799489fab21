package insights_test

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	"github.com/trailhand/trailhand/pkg/insights"
)

const million = 1_000_000

// crowd is a state of a million keys after eight days: nine in ten called three times, eight in
// a hundred thirty times, two in a hundred a hundred times, by a thousand principals.
func crowd(b *testing.B) *insights.State {
	b.Helper()
	rnd := rand.New(rand.NewPCG(1, 1))
	calls := make([][]int32, 8*1440)
	for key := range int32(million) {
		n := 3
		switch {
		case key%50 == 0:
			n = 100
		case key%12 == 0:
			n = 30
		}
		for range n {
			m := rnd.IntN(len(calls))
			calls[m] = append(calls[m], key)
		}
	}
	s := insights.NewState(account, region, insights.DefaultConfig())
	for m, keys := range calls {
		at := monday().Add(time.Duration(m) * time.Minute)
		s.Add(batch("", crowdTallies(at, keys)...))
		s.Close(at.Add(time.Minute))
	}
	return s
}

func crowdTallies(at time.Time, keys []int32) []insights.Tally {
	tallies := make([]insights.Tally, 0, len(keys))
	for _, key := range keys {
		tallies = append(tallies, insights.Tally{
			AccountID: account, Region: region, Minute: at, Category: insights.Management, Count: 1 + int(key)%3,
			EventSource:      fmt.Sprintf("service%d.amazonaws.com", key%250),
			EventName:        fmt.Sprintf("Action%d", key/250),
			UserIdentityARNs: map[string]int{fmt.Sprintf("arn:aws:iam::123456789012:role/App%d", key%1000): 1},
			UserAgents:       map[string]int{"aws-sdk-go-v2": 1},
		})
	}
	return tallies
}

// BenchmarkAMinuteOfAMillionKeys closes a minute in which 2 % of a million keys called. It also
// tells, and bounds, what the state takes: at most 400 MB of memory and 100 MB stored.
func BenchmarkAMinuteOfAMillionKeys(b *testing.B) {
	s := crowd(b)
	heap := float64(heapInUse()) / 1e6
	data := encode(b, s)
	rnd := rand.New(rand.NewPCG(2, 2))
	at := monday().Add(8 * 24 * time.Hour)
	b.ResetTimer()
	for range b.N {
		b.StopTimer()
		keys := make([]int32, million/50)
		for i := range keys {
			keys[i] = int32(rnd.IntN(million))
		}
		s.Add(batch("", crowdTallies(at, keys)...))
		at = at.Add(time.Minute)
		b.StartTimer()
		s.Close(at)
	}
	b.StopTimer()
	b.ReportMetric(heap, "heap-MB")
	b.ReportMetric(float64(len(data))/1e6, "stored-MB")
	if stored := float64(len(data)) / 1e6; heap > 400 || stored > 100 {
		b.Fatalf("a million keys take %.0f MB of memory and %.0f MB stored, more than 400 and 100", heap, stored)
	}
	runtime.KeepAlive(s)
}

// BenchmarkABurstOfAMillionKeys has all of a million keys call ten times as often for three
// minutes. It bounds what memory the state takes at most: 600 MB.
func BenchmarkABurstOfAMillionKeys(b *testing.B) {
	for range b.N {
		b.StopTimer()
		s := crowd(b)
		at, heap, told := monday().Add(8*24*time.Hour), uint64(0), 0
		b.StartTimer()
		for range 3 {
			for from := int32(0); from < million; from += 10_000 {
				keys := make([]int32, 10_000)
				for i := range keys {
					keys[i] = from + int32(i)
				}
				tallies := crowdTallies(at, keys)
				for i := range tallies {
					tallies[i].Count = 100
				}
				s.Add(batch("", tallies...))
			}
			at = at.Add(time.Minute)
			b.StopTimer()
			heap = max(heap, heapInUse())
			b.StartTimer()
			told += len(s.Advance(at))
		}
		b.StopTimer()
		heap = max(heap, heapInUse())
		told += len(s.Close(at))
		b.ReportMetric(float64(heap)/1e6, "heap-MB")
		b.ReportMetric(float64(told), "Starts")
		if heap > 600e6 || told > 10_000 {
			b.Fatalf("%d MB of memory and %d Starts", heap/1e6, told)
		}
		runtime.KeepAlive(s)
	}
}

func heapInUse() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
