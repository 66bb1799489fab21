package history

import (
	"runtime"
	"testing"
	"time"
)

const million = 1 << 20

// filled is a history of many events, 300 a second.
func filled(b *testing.B, n int) (Config, *History) {
	b.Helper()
	c := newClock()
	cfg := testConfig(b.TempDir(), c)
	cfg.MaxEvents = 2 * n
	h := open(b, cfg)
	fill(b, h, n, func(i int) time.Time { return c.at.Add(time.Duration(i) * time.Second / 300) })
	return cfg, h
}

func BenchmarkLookupsInAMillionEvents(b *testing.B) {
	before := heap()
	cfg, h := filled(b, million)
	perEvent := float64(heap()-before) / million
	for name, l := range map[string][2]string{"all": {}, "name": {"EventName", "Call3"}, "id": {"EventId", "id-77777"}} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, _, err := h.Lookup(b.Context(), lookup(l[0], l[1])); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(perEvent, "heapB/event")
		})
	}
	b.Run("open", func(b *testing.B) {
		for b.Loop() {
			again, err := Open(cfg)
			if err != nil {
				b.Fatal(err)
			}
			again.Close()
		}
	})
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

func BenchmarkAppend(b *testing.B) {
	c := newClock()
	h := open(b, testConfig(b.TempDir(), c))
	n := 0
	for b.Loop() {
		if err := h.Append(parsed(b, event(n, c.at))); err != nil {
			b.Fatal(err)
		}
		n++
	}
}
