package insights

import (
	"encoding/binary"
	"maps"
	"slices"
)

// maxSeen is how many IDs the open minutes of an account and Region keep, 8 bytes each stored.
const maxSeen = 1 << 20

// idSet is the hashes of the eventIDs of one minute.
type idSet map[uint64]struct{}

// firstCopies is a tally without the calls whose events came before, if it has their IDs. Who
// made the calls is then scaled, as a tally does not say whose event is whose.
func (s *State) firstCopies(t *Tally, a *Added) *Tally {
	if len(t.EventIDs) == 0 {
		return t
	}
	minute, kept := minuteOf(t.Minute), 0
	for _, set := range s.seen {
		kept += len(set)
	}
	set := s.seen[minute]
	if set == nil {
		set = idSet{}
		s.seen[minute] = set
	}
	copies := 0
	for ids := t.EventIDs; len(ids) > 0; ids = ids[EventIDBytes:] {
		id := binary.LittleEndian.Uint64(ids)
		if _, again := set[id]; again {
			copies++
		} else if kept < maxSeen {
			set[id] = struct{}{}
			kept++
		} else {
			a.Unchecked++
		}
	}
	a.Copies += copies
	if copies == 0 {
		return t
	}
	first := *t
	first.Count -= copies
	first.UserIdentityARNs = scaled(t.UserIdentityARNs, first.Count, t.Count)
	first.UserAgents = scaled(t.UserAgents, first.Count, t.Count)
	return &first
}

// scaled takes part of the whole of each count, rounded up: who called is not lost.
func scaled(counts map[string]int, part, whole int) map[string]int {
	less := make(map[string]int, len(counts))
	for text, n := range counts {
		less[text] = (n*part + whole - 1) / whole
	}
	return less
}

func (s *State) encodeSeen(w *writer) {
	w.uint(uint64(len(s.seen)))
	for _, minute := range slices.Sorted(maps.Keys(s.seen)) {
		w.int(minute)
		w.uint(uint64(len(s.seen[minute])))
		for _, id := range slices.Sorted(maps.Keys(s.seen[minute])) {
			w.b = binary.LittleEndian.AppendUint64(w.b, id)
		}
	}
}

func (s *State) decodeSeen(r *reader) {
	for range r.count() {
		minute, n := r.time(), r.count()
		set := make(idSet, n)
		for range n {
			set[binary.LittleEndian.Uint64(r.raw(EventIDBytes))] = struct{}{}
		}
		s.seen[minute] = set
	}
}
