package insights_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"

	"github.com/trailhand/trailhand/pkg/insights"
)

// memory is a store and a publisher that fail as often as they are told, before or after the
// effect, and that let another worker in between a load and a save.
type memory struct {
	rand      *rand.Rand
	faults    float64
	data      []byte
	version   int
	between   func()
	published map[string][]byte // records by eventID
	torn      int               // publications of other bytes under an id that was told already
}

func (m *memory) faulty() bool { return m.rand != nil && m.rand.Float64() < m.faults }

func (m *memory) Load(context.Context, string, string) ([]byte, string, error) {
	if m.faulty() {
		return nil, "", errFault
	}
	if m.version == 0 {
		return nil, "", nil
	}
	return m.data, strconv.Itoa(m.version), nil
}

func (m *memory) Save(_ context.Context, _, _ string, data []byte, ifVersion string) (string, error) {
	if m.faulty() {
		return "", errFault
	}
	if m.between != nil && m.rand.Float64() < 0.2 {
		m.between()
	}
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
	memory
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
