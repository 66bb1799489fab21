package insights

import (
	"cmp"
	"slices"
)

// order numbers some of a state's keys, and the strings that they use, by their text: what is
// written does not depend on the order in which they came.
type order struct {
	state         *State
	keys          []uint32 // those that are written, sorted
	others        []uint32 // those that a waiting minute names besides, sorted
	rank          []uint32 // of each key, its place among both
	names, values ranking
}

// ranking is the sorted symbols that are in use.
type ranking struct {
	used []uint32 // sorted by text; the empty string, which is 0, is not among them
	rank []uint32 // 1 + place in used
}

func rankSymbols(s symbols, used []bool) ranking {
	r := ranking{rank: make([]uint32, len(s.text))}
	for n := 1; n < len(used); n++ {
		if used[n] {
			r.used = append(r.used, uint32(n))
		}
	}
	slices.SortFunc(r.used, func(x, y uint32) int { return cmp.Compare(s.text[x], s.text[y]) })
	for i, n := range r.used {
		r.rank[n] = uint32(i + 1)
	}
	return r
}

// orderOf orders keys, with those of the minutes that wait.
func (s *State) orderOf(keys []uint32, waiting map[int32]bucket) *order {
	o := &order{state: s, keys: keys, rank: make([]uint32, len(s.series))}
	names, values := make([]bool, len(s.names.text)), make([]bool, len(s.values.text))
	use := func(callers []caller) {
		for _, c := range callers {
			values[c.value()] = true
		}
	}
	name := func(n uint32) {
		id := s.series[n].id
		names[id.source], names[id.name], names[id.code] = true, true, true
		o.rank[n] = 1
	}
	for _, n := range keys {
		k := s.series[n]
		name(n)
		use(k.callers)
		if k.open != nil {
			use(k.open.callers)
			use(k.open.baseline)
		}
	}
	for _, b := range waiting {
		for n, c := range b {
			use(c.callers)
			if o.rank[n] == 0 {
				name(n)
				o.others = append(o.others, n)
			}
		}
	}
	o.names, o.values = rankSymbols(s.names, names), rankSymbols(s.values, values)
	o.sort()
	return o
}

func (o *order) sort() {
	at := uint32(0)
	for _, keys := range [][]uint32{o.keys, o.others} {
		slices.SortFunc(keys, func(x, y uint32) int { return o.compare(o.state.series[x].id, o.state.series[y].id) })
		for _, n := range keys {
			o.rank[n] = at
			at++
		}
	}
}

// key is the key of a rank.
func (o *order) key(rank uint32) uint32 {
	if n := uint32(len(o.keys)); rank >= n {
		return o.others[rank-n]
	}
	return o.keys[rank]
}

func (o *order) compare(x, y keyID) int {
	return cmp.Or(cmp.Compare(x.kind, y.kind), cmp.Compare(o.names.rank[x.source], o.names.rank[y.source]),
		cmp.Compare(o.names.rank[x.name], o.names.rank[y.name]), cmp.Compare(o.names.rank[x.code], o.names.rank[y.code]))
}

func (o *order) encodeStrings(w *writer) {
	w.uint(uint64(len(o.names.used)))
	for _, n := range o.names.used {
		w.string(o.state.names.text[n])
	}
	w.uint(uint64(len(o.values.used)))
	for _, n := range o.values.used {
		w.string(o.state.values.text[n])
	}
}

func (o *order) encodeID(w *writer, id keyID) {
	w.uint(uint64(id.kind))
	w.uint(uint64(o.names.rank[id.source]))
	w.uint(uint64(o.names.rank[id.name]))
	w.uint(uint64(o.names.rank[id.code]))
}

// encodeKeys writes the keys, after the strings that they use.
func (o *order) encodeKeys(w *writer) {
	o.encodeStrings(w)
	w.uint(uint64(len(o.keys)))
	for _, n := range o.keys {
		o.state.series[n].encode(w, o)
	}
}
