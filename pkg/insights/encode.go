package insights

import (
	"cmp"
	"fmt"
	"slices"
)

// order numbers keys and strings by their text, so that a snapshot does not depend on the order
// in which they came.
type order struct {
	state         *State
	keys          []uint32 // the keys that are written, sorted
	rank          []uint32 // of each key, its place among them
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

func (s *State) order() *order {
	o := &order{state: s, rank: make([]uint32, len(s.series))}
	names, values := make([]bool, len(s.names.text)), make([]bool, len(s.values.text))
	use := func(callers []caller) {
		for _, c := range callers {
			values[c.value()] = true
		}
	}
	waiting := map[uint32]bool{}
	for _, b := range s.buckets {
		for n, c := range b {
			waiting[n] = true
			use(c.callers)
		}
	}
	for n, k := range s.series {
		if k.dead(s.next) && !waiting[uint32(n)] {
			continue
		}
		o.keys = append(o.keys, uint32(n))
		names[k.id.source], names[k.id.name], names[k.id.code] = true, true, true
		use(k.callers)
		if k.open != nil {
			use(k.open.callers)
			use(k.open.baseline)
		}
	}
	o.names, o.values = rankSymbols(s.names, names), rankSymbols(s.values, values)
	slices.SortFunc(o.keys, func(x, y uint32) int { return o.compare(s.series[x].id, s.series[y].id) })
	for i, n := range o.keys {
		o.rank[n] = uint32(i)
	}
	return o
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

// dead tells whether nothing of a key is worth keeping.
func (s *series) dead(now int32) bool {
	return s.open == nil && s.lastCall < now-memoryDays*dayMinutes
}

func (o *order) encodeCallers(w *writer, callers []caller) {
	w.uint(uint64(len(callers)))
	for _, c := range callers {
		w.uint(uint64(c.attribute()))
		w.uint(uint64(o.values.rank[c.value()]))
		w.uint(uint64(c.calls))
	}
}

func decodeCallers(r *reader) []caller {
	n := r.count()
	if n == 0 {
		return nil
	}
	callers := make([]caller, n)
	for i := range callers {
		a, value, calls := r.uint(), r.u32(), r.u32()
		if a >= uint64(attributes) || int(value) >= r.values {
			r.fail()
			return nil
		}
		callers[i] = callerOf(attribute(a), value, calls)
	}
	return callers
}

func (s *series) encode(w *writer, o *order) {
	w.uint(uint64(s.id.kind))
	w.uint(uint64(o.names.rank[s.id.source]))
	w.uint(uint64(o.names.rank[s.id.name]))
	w.uint(uint64(o.names.rank[s.id.code]))
	for _, m := range []int32{s.day, s.lastCall, s.cleared, s.startDay, s.starts} {
		w.int(m)
	}
	for _, d := range s.days {
		w.uint(uint64(d))
	}
	w.uint(uint64(len(s.peaks)))
	for _, p := range s.peaks {
		w.int(s.day - p.day)
		for _, u := range p.u {
			w.uint(uint64(u))
		}
	}
	recent := s.recent
	for len(recent) > 0 && recent[0].minute < o.state.next-longest {
		recent = recent[1:]
	}
	w.counts(recent, s.lastCall)
	o.encodeCallers(w, s.callers)
	w.bool(s.profile != nil)
	if s.profile != nil {
		s.profile.encode(w)
	}
	w.bool(s.open != nil)
	if s.open != nil {
		s.open.encode(w, o)
	}
}

func (w *writer) counts(counts []count, from int32) {
	w.uint(uint64(len(counts)))
	for _, c := range counts {
		w.int(from - c.minute)
		w.uint(uint64(c.calls))
	}
}

func (r *reader) counts(from int32) []count {
	n := r.count()
	if n == 0 {
		return nil
	}
	counts := make([]count, n)
	for i := range counts {
		counts[i] = count{from - r.int(), r.u32()}
	}
	return counts
}

func (s *State) decodeSeries(r *reader) {
	id := keyID{uint8(r.uint()), r.u32(), r.u32(), r.u32()}
	if last := uint32(len(s.names.text)); id.source >= last || id.name >= last || id.code >= last {
		r.err = cmp.Or(r.err, fmt.Errorf("a key names string %d of %d", max(id.source, id.name, id.code), last))
		return
	}
	n := s.find(id)
	k := s.series[n]
	for _, m := range []*int32{&k.day, &k.lastCall, &k.cleared, &k.startDay, &k.starts} {
		*m = r.time()
	}
	for i := range k.days {
		k.days[i] = r.u32()
	}
	k.decodePeaks(r)
	k.recent = r.counts(k.lastCall)
	k.callers = decodeCallers(r)
	if r.bool() {
		k.profile = decodeProfile(r)
		s.profiles++
		s.watch = append(s.watch, watched{key: n})
	}
	if r.bool() {
		k.open = decodeIncident(r)
		s.open = append(s.open, n)
	}
}

func (s *series) decodePeaks(r *reader) {
	if n := r.count(); n > 0 {
		s.peaks = make([]peak, n)
	}
	for i := range s.peaks {
		p := &s.peaks[i]
		p.day = s.day - r.int()
		for j := range p.u {
			p.u[j] = uint16(r.uint())
		}
	}
}

func (p *profile) encode(w *writer) {
	w.int(p.hour)
	w.uint(uint64(p.calls))
	for i, m := range p.mean {
		w.float32(m)
		w.uint(uint64(p.seen[i]))
	}
	w.bool(p.spoilt)
	w.uint(uint64(p.all))
	w.uint(p.again)
	w.float(p.squares)
	for _, v := range p.spread {
		w.float32(v.excess)
		w.float32(v.squared)
		w.float32(v.mean)
	}
	for _, h := range p.hours {
		w.u16(h)
	}
}

func decodeProfile(r *reader) *profile {
	p := &profile{hour: r.time(), calls: r.u32()}
	for i := range p.mean {
		p.mean[i] = r.float32()
		p.seen[i] = uint8(r.uint())
	}
	if r.version == 1 {
		p.decodeVersion1(r)
		return p
	}
	p.spoilt, p.all, p.again, p.squares = r.bool(), r.u32(), r.uint(), r.float()
	for i := range p.spread {
		p.spread[i] = spread{r.float32(), r.float32(), r.float32()}
	}
	for i := range p.hours {
		p.hours[i] = r.u16()
	}
	return p
}

// decodeVersion1 skips the minutes with calls of each hour, which no rule came to need.
func (p *profile) decodeVersion1(r *reader) {
	r.uint()
	for i := range p.hours {
		p.hours[i] = r.u16()
		r.uint()
	}
}

func (i *incident) encode(w *writer, o *order) {
	w.string(string(i.direction))
	for _, m := range []int32{i.start, i.decided, i.lastHot, i.baselineDuration, i.verdict.window} {
		w.int(m)
	}
	for _, n := range []uint64{uint64(i.usual), i.calls, i.hotCalls, i.baselineCalls, i.verdict.calls} {
		w.uint(n)
	}
	w.bool(i.mute)
	for _, x := range []float64{i.score, i.best, i.verdict.expected, i.verdict.evidence, i.verdict.threshold} {
		w.float(x)
	}
	o.encodeCallers(w, i.callers)
	o.encodeCallers(w, i.baseline)
	w.counts(i.hours, 0)
}

func decodeIncident(r *reader) *incident {
	i := &incident{direction: Direction(r.bytes())}
	for _, m := range []*int32{&i.start, &i.decided, &i.lastHot, &i.baselineDuration, &i.verdict.window} {
		*m = r.time()
	}
	i.usual = r.u32()
	for _, n := range []*uint64{&i.calls, &i.hotCalls, &i.baselineCalls, &i.verdict.calls} {
		*n = r.uint()
	}
	i.mute = r.bool()
	for _, x := range []*float64{&i.score, &i.best, &i.verdict.expected, &i.verdict.evidence, &i.verdict.threshold} {
		*x = r.float()
	}
	i.callers, i.baseline = decodeCallers(r), decodeCallers(r)
	i.hours = r.counts(0)
	return i
}
