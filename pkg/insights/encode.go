package insights

import (
	"cmp"
	"fmt"
)

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
		if a >= uint64(attributes) || int(value) >= len(r.values) {
			r.fail()
			return nil
		}
		callers[i] = callerOf(attribute(a), r.values[value], calls)
	}
	return callers
}

func (s *series) encode(w *writer, o *order) {
	o.encodeID(w, s.id)
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

// id reads which key it is.
func (r *reader) id() keyID {
	kind, source, name, code := uint8(r.uint()), r.u32(), r.u32(), r.u32()
	if last := uint32(len(r.names)); source >= last || name >= last || code >= last {
		r.err = cmp.Or(r.err, fmt.Errorf("a key names string %d of %d", max(source, name, code), last))
		return keyID{}
	}
	return keyID{kind, r.names[source], r.names[name], r.names[code]}
}

// decodeSeries reads a key of a part, 0 being the snapshot itself, and gives its number. A key
// that was read already is passed over: what is newer is read first.
func (s *State) decodeSeries(r *reader, part uint32) uint32 {
	k := &series{id: r.id(), part: part}
	k.decode(r)
	if n, known := s.index[k.id]; known || r.err != nil {
		return n
	}
	n := s.find(k.id)
	s.series[n] = k
	if k.profile != nil {
		s.profiles++
		s.watch = append(s.watch, watched{key: n})
	}
	if k.open != nil {
		s.open = append(s.open, n)
	}
	return n
}

func (s *series) decode(r *reader) {
	for _, m := range []*int32{&s.day, &s.lastCall, &s.cleared, &s.startDay, &s.starts} {
		*m = r.time()
	}
	for i := range s.days {
		s.days[i] = r.u32()
	}
	s.decodePeaks(r)
	s.recent = r.counts(s.lastCall)
	s.callers = decodeCallers(r)
	if r.bool() {
		s.profile = decodeProfile(r)
	}
	if r.bool() {
		s.open = decodeIncident(r)
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
