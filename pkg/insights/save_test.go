package insights_test

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/trailhand/trailhand/pkg/insights"
)

// weighed counts what is written, and the time from the first write to the last.
type weighed struct {
	*memory
	bytes int
}

func (w *weighed) Save(ctx context.Context, account, region string, data []byte, version string) (string, error) {
	w.bytes += len(data)
	return w.memory.Save(ctx, account, region, data, version)
}

func (w *weighed) SavePart(ctx context.Context, account, region, name string, data []byte) error {
	w.bytes += len(data)
	return w.memory.SavePart(ctx, account, region, name, data)
}

// BenchmarkASaveOfAMillionKeys runs minutes in which 2 % of a million keys call, of all of them
// or of the same 25,000, from and to one object, or parts.
func BenchmarkASaveOfAMillionKeys(b *testing.B) {
	snapshot := encode(b, crowd(b))
	for _, partKeys := range []int{0, insights.DefaultConfig().PartKeys} {
		for _, callers := range []int32{million, 25_000} {
			b.Run(fmt.Sprintf("partKeys=%d/of=%d", partKeys, callers), func(b *testing.B) {
				store := &weighed{memory: newMemory(snapshot, partKeys)}
				rnd := rand.New(rand.NewPCG(2, 2))
				at := monday().Add(8 * 24 * time.Hour)
				r := store.runner(&at)
				r.Store, r.Publisher, r.Log = store, store, slog.New(slog.DiscardHandler)
				minute := func() {
					keys := make([]int32, million/50)
					for i := range keys {
						keys[i] = rnd.Int32N(callers)
					}
					if _, err := r.Run(context.Background(), account, region, []insights.Batch{batch(at.String(), crowdTallies(at, keys)...)}); err != nil {
						b.Fatal(err)
					}
					at = at.Add(time.Minute)
				}
				minute() // divides
				store.bytes = 0
				b.ResetTimer()
				for range b.N {
					minute()
				}
				b.ReportMetric(float64(store.bytes)/float64(b.N)/1e6, "MB-written/op")
				stored := len(store.data)
				for _, part := range store.parts {
					stored += len(part)
				}
				b.ReportMetric(float64(stored)/1e6, "stored-MB")
			})
		}
	}
}
