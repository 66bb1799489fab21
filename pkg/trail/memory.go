package trail

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"
)

// ErrConflict is what a Store returns when the stored version is not the
// expected one.
var ErrConflict = errors.New("the stored state has another version")

// Store keeps what must survive a cold start, one small document a trail.
type Store interface {
	// Load returns nil data and an empty version when there is no document.
	Load(ctx context.Context, name string) (data []byte, version string, err error)
	// Save writes only if the stored version is ifVersion (empty: only if there
	// is none), and returns an error that wraps ErrConflict otherwise.
	Save(ctx context.Context, name string, data []byte, ifVersion string) (version string, err error)
}

// memory is what is remembered of one trail.
type memory struct {
	// Repairs are the times of recent repairs, for the guard.
	Repairs map[Field][]time.Time `json:"repairs,omitempty"`
	// Since is when the drifts began that are not repaired yet.
	Since map[Field]time.Time `json:"since,omitempty"`
	// Told is what was last published of the open drifts.
	Told *telling `json:"told,omitempty"`
	// ChangeHold is what a change by a break-glass principal, TagHold what a tag of
	// theirs suspends.
	ChangeHold *hold `json:"changeHold,omitempty"`
	TagHold    *hold `json:"tagHold,omitempty"`
}

// hold suspends repair.
type hold struct {
	Until   time.Time `json:"until"`
	By      string    `json:"by"`
	EventID string    `json:"eventID"`
	// Tag is the value of HoldTag.
	Tag string `json:"tag,omitempty"`
}

// document names the memory of a trail in a Store.
func (d *Desired) document() string { return d.HomeRegion + "/" + d.Name + ".json" }

// remember changes the memory of a trail and gives it as it is then. The change is
// made anew on what another has written in between, and nothing is written when it
// answers false.
func (r *Reconciler) remember(ctx context.Context, d Desired, change func(*memory) bool) (m memory, err error) {
	_, err = r.Backoff.try(ctx, func() error {
		m = memory{}
		data, version, err := r.Store.Load(ctx, d.document())
		if err != nil {
			return fmt.Errorf("state of trail %s: %w", d.Name, err)
		}
		if data != nil && json.Unmarshal(data, &m) != nil {
			r.Log.Error("the state of a trail is damaged and starts anew", "trail", d.Name, "document", d.document())
			m = memory{}
		}
		if !change(&m) {
			return nil
		}
		if data, err = json.Marshal(m); err == nil {
			_, err = r.Store.Save(ctx, d.document(), data, version)
		}
		if err != nil {
			return fmt.Errorf("state of trail %s: %w", d.Name, err)
		}
		return nil
	})
	return m, err
}

// open records the hold that a break-glass principal's call asks for.
func (m *memory) open(b BreakGlass, c *Cause) bool {
	if c == nil || !b.names(c) {
		return false
	}
	h := &hold{Until: c.Time.Add(cmp.Or(b.For, time.Hour)), By: c.Principal, EventID: c.EventID}
	if until, err := time.Parse(time.RFC3339, c.hold); err == nil {
		h.Until, h.Tag = until, c.hold
		m.TagHold = h
		return true
	}
	if m.ChangeHold != nil && !h.Until.After(m.ChangeHold.Until) {
		return false // an event that came late, or again
	}
	m.ChangeHold = h
	return true
}

// held tells why repair is suspended now; "" when it is not. A hold by tag lasts
// while the tag is there with the value that was recorded, or cannot be read.
func (m *memory) held(o *Observed, now time.Time) string {
	if h := m.ChangeHold; h.lasts(now) {
		return h.String()
	}
	h := m.TagHold
	if h.lasts(now) && o != nil && (o.Unread[Tags] != nil || o.Tags[HoldTag] == h.Tag) {
		return h.String()
	}
	return ""
}

func (h *hold) lasts(now time.Time) bool { return h != nil && now.Before(h.Until) }

func (h *hold) String() string {
	return fmt.Sprintf("held until %s by %s", h.Until.Format(time.RFC3339), h.By)
}

// count notes a repair of each field, except of those that were repaired too often
// in the guard's window; it gives these, and whether anything was noted.
func (m *memory) count(g Guard, fields []Field, now time.Time) (tooOften []Field, noted bool) {
	g = g.orDefault()
	if m.Repairs == nil {
		m.Repairs = map[Field][]time.Time{}
	}
	for f, times := range m.Repairs {
		m.Repairs[f] = slices.DeleteFunc(times, func(t time.Time) bool { return now.Sub(t) >= g.Window })
		if len(m.Repairs[f]) == 0 {
			delete(m.Repairs, f)
		}
	}
	for _, f := range fields {
		if len(m.Repairs[f]) >= g.Repairs {
			tooOften = append(tooOften, f)
			continue
		}
		m.Repairs[f] = append(m.Repairs[f], now)
		noted = true
	}
	return tooOften, noted
}

func (g Guard) orDefault() Guard {
	return Guard{Repairs: cmp.Or(g.Repairs, 10), Window: cmp.Or(g.Window, time.Hour)}
}

// settle keeps the beginnings of the drifts that are open and forgets the others;
// told is what is now published of them.
func (m *memory) settle(open map[Field]time.Time, told *telling) (changed bool) {
	changed = !told.same(m.Told)
	m.Told = told
	for f := range m.Since {
		if _, still := open[f]; !still {
			delete(m.Since, f)
			changed = true
		}
	}
	for f, t := range open {
		if _, known := m.Since[f]; known {
			continue
		}
		if m.Since == nil {
			m.Since = map[Field]time.Time{}
		}
		m.Since[f] = t
		changed = true
	}
	return changed
}
