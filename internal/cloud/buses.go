package cloud

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/trailhand/trailhand/internal/cloud/bus"
	"github.com/trailhand/trailhand/internal/cloud/trails"
	"github.com/trailhand/trailhand/internal/cloud/wire"
)

// buses are the default event buses of the Regions, each with rules of its own.
// The stack's is there from the beginning, another as soon as somebody calls
// EventBridge in its Region. Functions and queues are the stack's: a rule of
// any Region may have them as targets, or the bus of another Region.
type buses struct {
	home string // the stack's Region
	make func(region string) *bus.Bus

	mu sync.Mutex
	in map[string]*bus.Bus // by Region
}

// startBuses makes the bus of the stack, and those that were there before.
func (c *Cloud) startBuses() error {
	cfg := c.cfg
	c.buses = &buses{home: cfg.Region, in: map[string]*bus.Bus{}, make: func(region string) *bus.Bus {
		return bus.New(bus.Config{
			AccountID: cfg.AccountID, Region: region, Functions: c.host, Queues: c.queues, Forward: c.forward, Now: cfg.Now, Log: cfg.Log,
		})
	}}
	home := c.buses.of(cfg.Region)
	if err := c.restore("events.amazonaws.com"); err != nil {
		return err
	}
	return home.Wire(c.wiring.Rules)
}

// serveEvents lets the bus of the caller's Region answer.
func (c *Cloud) serveEvents(w http.ResponseWriter, r *http.Request, caller wire.Caller) wire.Call {
	return c.buses.of(caller.Region).Service().Serve(w, r, caller)
}

// forward hands an event to the bus with the given ARN.
func (c *Cloud) forward(ctx context.Context, busARN string, event []byte) error {
	parts := strings.Split(busARN, ":")
	if len(parts) == 6 && parts[4] == c.cfg.AccountID && parts[5] == "event-bus/default" {
		if b := c.buses.heard(parts[3]); b != nil {
			return b.Receive(ctx, event)
		}
	}
	return fmt.Errorf("there is no event bus %s", busARN)
}

// of gives the bus of a Region; that of the stack, if there is no such Region.
func (b *buses) of(region string) *bus.Bus {
	if region != b.home && !slices.Contains(trails.Regions(), region) {
		region = b.home
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.in[region] == nil {
		b.in[region] = b.make(region)
	}
	return b.in[region]
}

// heard gives the bus of a Region in which somebody has called EventBridge, or nil.
func (b *buses) heard(region string) *bus.Bus {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.in[region]
}

// all are the buses, in the order of their Regions.
func (b *buses) all() []*bus.Bus {
	b.mu.Lock()
	defer b.mu.Unlock()
	var all []*bus.Bus
	for _, region := range slices.Sorted(maps.Keys(b.in)) {
		all = append(all, b.in[region])
	}
	return all
}

func (b *buses) idle(ctx context.Context) error {
	for _, one := range b.all() {
		if err := one.Idle(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (b *buses) quiet() bool {
	return !slices.ContainsFunc(b.all(), func(one *bus.Bus) bool { return !one.Quiet() })
}

func (b *buses) close() {
	for _, one := range b.all() {
		one.Close()
	}
}

// snapshot gives the rules of each Region.
func (b *buses) snapshot() ([]byte, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	state := map[string]json.RawMessage{}
	for region, one := range b.in {
		rules, err := one.Snapshot()
		if err != nil {
			return nil, err
		}
		state[region] = rules
	}
	return json.Marshal(state)
}

// restore takes a snapshot. One that is a list has the stack's rules alone, as
// all had at first.
func (b *buses) restore(snapshot []byte) error {
	if bytes.HasPrefix(snapshot, []byte("[")) {
		return b.of(b.home).Restore(snapshot)
	}
	var state map[string]json.RawMessage
	if err := json.Unmarshal(snapshot, &state); err != nil {
		return fmt.Errorf("restoring rules: %w", err)
	}
	for region, rules := range state {
		if err := b.of(region).Restore(rules); err != nil {
			return fmt.Errorf("%s: %w", region, err)
		}
	}
	return nil
}
