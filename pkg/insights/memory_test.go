package insights_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/trailhand/trailhand/pkg/insights"
)

// memory is a store and a publisher that fail as often as they are told, before or after the
// effect, and that let another worker in between a load and a save.
type memory struct {
	config    insights.Config
	mu        sync.Mutex // of rand and parts
	rand      *rand.Rand
	faults    float64
	data      []byte
	version   int
	between   func()
	parts     map[string][]byte
	written   int               // parts
	published map[string][]byte // records by eventID
	torn      int               // publications of other bytes under an id that was told already
}

// newMemory is a store with a snapshot, whose states are in parts of partKeys keys.
func newMemory(snapshot []byte, partKeys int) *memory {
	m := &memory{config: insights.DefaultConfig(), data: snapshot, version: 1, parts: map[string][]byte{}, published: map[string][]byte{}}
	m.config.PartKeys = partKeys
	return m
}

func (m *memory) runner(now *time.Time) insights.Runner {
	return insights.Runner{
		Store: m, Publisher: m, Config: m.config,
		Now: func() time.Time { return *now }, Log: slog.New(slog.DiscardHandler),
	}
}

func (m *memory) faulty() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.rand != nil && m.rand.Float64() < m.faults
}

func (m *memory) overtake() {
	m.mu.Lock()
	now := m.between != nil && m.rand.Float64() < 0.1
	m.mu.Unlock()
	if now {
		m.between()
	}
}

func (m *memory) Load(context.Context, string, string) ([]byte, string, error) {
	if m.faulty() {
		return nil, "", errFault
	}
	if m.version == 0 {
		return nil, "", nil
	}
	data, version := m.data, m.version
	m.overtake()
	return data, strconv.Itoa(version), nil
}

func (m *memory) Part(_ context.Context, _, _, name string) ([]byte, error) {
	if m.faulty() {
		return nil, errFault
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.parts[name], nil
}

func (m *memory) SavePart(_ context.Context, _, _, name string, data []byte) error {
	if m.faulty() {
		return errFault
	}
	m.mu.Lock()
	m.parts[name] = slices.Clone(data)
	m.written++
	m.mu.Unlock()
	if m.faulty() {
		return errFault
	}
	return nil
}

func (m *memory) PartNames(context.Context, string, string) ([]string, error) {
	if m.faulty() {
		return nil, errFault
	}
	return slices.Sorted(maps.Keys(m.parts)), nil
}

func (m *memory) DeletePart(_ context.Context, _, _, name string) error {
	if m.faulty() {
		return errFault
	}
	delete(m.parts, name)
	return nil
}

// whole is the stored state as one snapshot.
func (m *memory) whole(t testing.TB) []byte {
	t.Helper()
	s, err := insights.Load(t.Context(), m, m.data, m.config)
	if err != nil {
		t.Fatal(err)
	}
	return encode(t, s)
}

func (m *memory) Save(_ context.Context, _, _ string, data []byte, ifVersion string) (string, error) {
	if m.faulty() {
		return "", errFault
	}
	m.overtake()
	have := strconv.Itoa(m.version)
	if m.version == 0 {
		have = ""
	}
	if ifVersion != have {
		return "", fmt.Errorf("412: %w", insights.ErrConflict)
	}
	m.data, m.version = slices.Clone(data), m.version+1
	if m.faulty() {
		return "", errFault // failed, but applied
	}
	return strconv.Itoa(m.version), nil
}

func (m *memory) Publish(_ context.Context, ts []insights.Transition) error {
	if m.faulty() {
		return errFault
	}
	for _, t := range ts {
		if was, ok := m.published[t.EventID]; ok && !bytes.Equal(was, t.Record()) {
			m.torn++
		}
		m.published[t.EventID] = t.Record()
		if m.faulty() {
			return errFault // this one and those before it were told
		}
	}
	return nil
}

// crashing fails once, at one step of the first run.
type crashing struct {
	*memory
	step    string
	saves   int
	crashed string
	done    bool
}

func (c *crashing) at(step string) bool {
	if c.crashed == "" && c.step == step {
		c.crashed = step
		return true
	}
	return false
}

func (c *crashing) SavePart(ctx context.Context, a, r, name string, data []byte) error {
	if c.at("before a part") {
		return errFault
	}
	err := c.memory.SavePart(ctx, a, r, name, data)
	if c.at("after a part") {
		return errFault
	}
	return err
}

func (c *crashing) PartNames(ctx context.Context, a, r string) ([]string, error) {
	if c.at("before the sweep") {
		return nil, errFault
	}
	return c.memory.PartNames(ctx, a, r)
}

func (c *crashing) Save(ctx context.Context, a, r string, data []byte, v string) (string, error) {
	c.saves++
	which := map[bool]string{true: "save", false: "the second save"}[c.saves%2 == 1]
	if c.at("before " + which) {
		return "", errFault
	}
	v, err := c.memory.Save(ctx, a, r, data, v)
	if c.at("after " + which) {
		return "", errFault
	}
	return v, err
}

func (c *crashing) Publish(ctx context.Context, ts []insights.Transition) error {
	if c.at("before publish") {
		return errFault
	}
	err := c.memory.Publish(ctx, ts)
	if c.at("after publish") {
		return errFault
	}
	return err
}
