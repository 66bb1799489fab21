package insights_test

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/trailhand/trailhand/pkg/insights"
)

// crowdedStore has the same large state in every Region, and counts those that are in memory.
type crowdedStore struct {
	of       func(region string) *memory
	now, top atomic.Int32
}

func (c *crowdedStore) Load(ctx context.Context, account, region string) ([]byte, string, error) {
	return c.of(region).Load(ctx, account, region)
}

func (c *crowdedStore) Part(ctx context.Context, account, region, name string) ([]byte, error) {
	m := c.of(region)
	m.mu.Lock()
	if m.written == 0 { // the first part that is read
		m.written = 1
		c.top.Store(max(c.top.Load(), c.now.Add(1)))
	}
	m.mu.Unlock()
	time.Sleep(time.Millisecond)
	return m.Part(ctx, account, region, name)
}

func (c *crowdedStore) Save(ctx context.Context, account, region string, data []byte, version string) (string, error) {
	c.now.Add(-1)
	return c.of(region).Save(ctx, account, region, data, version)
}

func (c *crowdedStore) SavePart(ctx context.Context, account, region, name string, data []byte) error {
	return c.of(region).SavePart(ctx, account, region, name, data)
}

func (c *crowdedStore) PartNames(ctx context.Context, account, region string) ([]string, error) {
	return c.of(region).PartNames(ctx, account, region)
}

func (c *crowdedStore) DeletePart(ctx context.Context, account, region, name string) error {
	return c.of(region).DeletePart(ctx, account, region, name)
}

// The clock runs many states side by side.
func TestOneLargeStateIsInMemoryAtATime(t *testing.T) {
	at := monday().Add(3 * time.Hour)
	regions := map[string]*memory{}
	for _, name := range []string{"eu-west-1", "eu-west-2", "eu-west-3", "eu-north-1"} {
		s := insights.NewState(account, name, insights.DefaultConfig())
		b := insights.Batch{AccountID: account, Region: name}
		for _, tl := range calling(at, 0, 200).Tallies {
			tl.Region = name
			b.Tallies = append(b.Tallies, tl)
		}
		s.Add(b)
		m := newMemory(encode(t, s), 50)
		r := m.runner(&at)
		if _, err := r.Run(t.Context(), account, name, nil); err != nil { // divides
			t.Fatal(err)
		}
		m.written = 0
		regions[name] = m
	}
	c := &crowdedStore{of: func(region string) *memory { return regions[region] }}
	cfg := insights.DefaultConfig()
	cfg.PartKeys = 50
	r := insights.Runner{Store: c, Config: cfg, Now: func() time.Time { return at }, Log: slog.New(slog.DiscardHandler)}
	var work sync.WaitGroup
	for name := range regions {
		work.Go(func() {
			if _, err := r.Run(t.Context(), account, name, nil); err != nil {
				t.Error(err)
			}
		})
	}
	work.Wait()
	if n := c.top.Load(); n != 1 {
		t.Errorf("%d large states were in memory at a time", n)
	}
}
