package trails

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// snapshotVersion changes with the form of a snapshot.
const snapshotVersion = 1

type snapshot struct {
	Version int
	Trails  []kept
}

type kept struct {
	Trail  Trail
	Status Status
}

// Snapshot gives all trails and their status as JSON, for Restore.
func (ts *Trails) Snapshot() ([]byte, error) {
	ts.mu.RLock()
	defer ts.mu.RUnlock()
	s := snapshot{Version: snapshotVersion}
	for _, e := range ts.trails {
		s.Trails = append(s.Trails, kept{e.trail, e.status})
	}
	slices.SortFunc(s.Trails, func(a, b kept) int { return strings.Compare(a.Trail.ARN, b.Trail.ARN) })
	return json.Marshal(s)
}

// Restore puts the trails of a snapshot in place of all others. If it fails
// nothing is changed.
func (ts *Trails) Restore(data []byte) error {
	var s snapshot
	if err := json.Unmarshal(data, &s); err != nil {
		return fmt.Errorf("restoring trails: %w", err)
	}
	if s.Version != snapshotVersion {
		return fmt.Errorf("restoring trails: the snapshot has version %d, not %d", s.Version, snapshotVersion)
	}
	restored := make(map[string]*entry, len(s.Trails))
	for _, k := range s.Trails {
		t, err := k.Trail.selects(k.Trail.Selectors)
		if err != nil {
			return fmt.Errorf("restoring trail %s: %w", k.Trail.ARN, err)
		}
		restored[t.ARN] = &entry{trail: t, status: k.Status}
	}
	ts.changing.Lock()
	defer ts.changing.Unlock()
	ts.mu.Lock()
	defer ts.mu.Unlock()
	ts.trails = restored
	return nil
}
