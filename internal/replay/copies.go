package replay

import "github.com/trailhand/trailhand/pkg/insights"

// once leaves out the calls whose events came before in the same minute, as the
// detector does of tallies that carry EventIDs. The entries are in order.
func (r *rates) once() {
	var minute int32
	var seen map[[insights.EventIDBytes]byte]bool
	kept := r.entries[:0]
	for _, e := range r.entries {
		if e.minute != minute || seen == nil {
			minute, seen = e.minute, map[[insights.EventIDBytes]byte]bool{}
		}
		if e.ids > 0 {
			r.first(&e, seen)
		}
		if e.count > 0 { // or its minute has those that it copies
			kept = append(kept, e)
		}
	}
	r.entries, r.ids = kept, nil
}

// first takes copies out of an entry. Who made the calls is scaled, rounded up: a
// tally does not say whose event is whose.
func (r *rates) first(e *entry, seen map[[insights.EventIDBytes]byte]bool) {
	whole := uint64(e.count)
	for ids := r.ids[e.ids-1]; len(ids) > 0; ids = ids[insights.EventIDBytes:] {
		if id := [insights.EventIDBytes]byte(ids[:insights.EventIDBytes]); seen[id] {
			e.count--
		} else {
			seen[id] = true
		}
	}
	shares := r.shares[e.from : e.from+uint64(e.arns)+uint64(e.agents)]
	for i := range shares {
		shares[i].calls = uint32((uint64(shares[i].calls)*uint64(e.count) + whole - 1) / whole)
	}
}
