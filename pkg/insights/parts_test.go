package insights_test

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/trailhand/trailhand/pkg/insights"
)

// ofKeys is a store whose state has so many keys, each of which called twice, in parts of 50.
func ofKeys(t testing.TB, keys int) *memory {
	t.Helper()
	s := insights.NewState(account, region, insights.DefaultConfig())
	for m := range 2 {
		s.Add(calling(monday().Add(time.Duration(m)*time.Hour), 0, keys))
	}
	s.Close(monday().Add(2 * time.Hour))
	return newMemory(encode(t, s), 50)
}

// calling is a call of each of the keys from first on.
func calling(at time.Time, first, keys int) insights.Batch {
	b := batch(fmt.Sprint(at, first))
	for key := range keys {
		b.Tallies = append(b.Tallies, tally(at, fmt.Sprintf("Act%d", first+key), 1))
	}
	return b
}

func run(t *testing.T, m *memory, at time.Time, batches ...insights.Batch) {
	t.Helper()
	r := m.runner(&at)
	if _, err := r.Run(t.Context(), account, region, batches); err != nil {
		t.Fatal(err)
	}
}

func TestASaveWritesThePartsThatChanged(t *testing.T) {
	m := ofKeys(t, 500)
	at := monday().Add(3 * time.Hour)
	saves := []struct {
		what         string
		calls        int
		parts, whole int
	}{
		{"the first save divides the state", 0, 10, 10},
		{"few keys that call are in the snapshot", 20, 0, 10},
		{"the same keys are, however often they call", 20, 0, 10},
		{"nothing is written when nothing called", 0, 0, 10},
		{"many keys make parts of their own", 120, 3, 13},
		{"and more", 260, 6, 19},
		{"all is written anew when a third is stale", 0, 10, 10},
	}
	for _, save := range saves {
		before := m.written
		run(t, m, at, calling(at, 0, save.calls))
		run(t, m, at.Add(time.Hour)) // closes the minute
		if n := m.written - before; n != save.parts || len(m.parts) != save.whole {
			t.Errorf("%s: wrote %d parts of %d, want %d of %d", save.what, n, len(m.parts), save.parts, save.whole)
		}
		at = at.Add(2 * time.Hour)
	}
	if s := decode(t, m.whole(t)); s.Keys() != 500 {
		t.Errorf("%d keys came back, want 500", s.Keys())
	}
	m.config.PartKeys = 0
	run(t, m, at)
	if len(m.parts) != 0 {
		t.Errorf("%d parts are left of a state that is to be one object", len(m.parts))
	}
	if s := decode(t, m.data); s.Keys() != 500 {
		t.Errorf("%d keys came back, want 500", s.Keys())
	}
}

// Eleven days of every kind of key, with silences and bursts, stored again and again.
func TestAStateInPartsIsTheStateInOneObject(t *testing.T) {
	rnd := rand.New(rand.NewPCG(4, 4))
	one, divided := newMemory(nil, 0), newMemory(nil, 3)
	one.version, divided.version = 0, 0
	told := 0
	for m := 0; m < 11*1440; m += 60 {
		var batches []insights.Batch
		for at := m; at < m+60; at++ {
			b := batch(fmt.Sprint(at))
			for api := range 12 {
				calls := rnd.IntN(1 + 3*api)
				switch {
				case api < 4 && rnd.IntN(200<<api) > 0:
					calls = 0
				case m > 9*1440 && at%1440 > 600 && api == 5+m/1440%7:
					calls = 0
				case rnd.IntN(3000) == 0:
					calls += 400
				}
				if calls > 0 {
					b.Tallies = append(b.Tallies, tally(monday().Add(time.Duration(at)*time.Minute), fmt.Sprintf("Act%d", api), calls))
				}
			}
			batches = append(batches, b)
		}
		at := monday().Add(time.Duration(m+60) * time.Minute)
		run(t, one, at, batches...)
		run(t, divided, at, batches...)
		if len(divided.published) > told {
			told = len(divided.published)
			if !bytes.Equal(one.whole(t), divided.whole(t)) {
				t.Fatalf("the states differ %d minutes after the beginning", m)
			}
		}
	}
	if !bytes.Equal(one.whole(t), divided.whole(t)) {
		t.Error("the states differ at the end")
	}
	if !maps.EqualFunc(one.published, divided.published, bytes.Equal) || told < 20 {
		t.Errorf("told %d and %d transitions, want the same, and twenty at least", len(one.published), told)
	}
}

func TestAPartThatIsMissingOrDamagedIsAnError(t *testing.T) {
	at := monday().Add(3 * time.Hour)
	for name, harm := range map[string]func(m *memory, name string){
		"it is missing":           func(m *memory, name string) { delete(m.parts, name) },
		"it is not what was":      func(m *memory, name string) { m.parts[name] = m.parts[name][1:] },
		"some of its keys are in": func(m *memory, _ string) { m.parts = nil },
	} {
		m := ofKeys(t, 500)
		run(t, m, at)
		harm(m, slices.Sorted(maps.Keys(m.parts))[4])
		r := m.runner(&at)
		if m.parts == nil {
			r.Store = single{m}
		}
		_, err := r.Run(t.Context(), account, region, nil)
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	m := ofKeys(t, 500)
	run(t, m, at)
	if _, err := insights.Decode(m.data, m.config); !errors.Is(err, insights.ErrParts) {
		t.Errorf("a snapshot without its parts: got %v", err)
	}
}

// single is a store that knows no parts.
type single struct{ insights.Store }

// A part that a lost save has left is deleted when the next ones are written; one that a save of
// the moment is about to name is not.
func TestOnlyWhatNoSnapshotWillNameIsDeleted(t *testing.T) {
	m := ofKeys(t, 500)
	at := monday().Add(3 * time.Hour)
	run(t, m, at)
	names, err := insights.PartNames(m.data)
	if err != nil {
		t.Fatal(err)
	}
	generation, _, _ := strings.Cut(names[0], "-")
	lost, coming := generation+"-00", fmt.Sprintf("%016x-00", at.Add(2*time.Hour).Unix())
	m.parts[lost], m.parts[coming], m.parts["notes.txt"] = nil, nil, nil
	run(t, m, at, calling(at, 0, 120))
	run(t, m, at.Add(time.Hour))
	for name, want := range map[string]bool{lost: false, coming: true, "notes.txt": true, names[0]: true} {
		if _, have := m.parts[name]; have != want {
			t.Errorf("%s is there: %v, want %v", name, have, want)
		}
	}
}
