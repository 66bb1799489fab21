package insights

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/klauspost/compress/zstd"
)

const (
	// Version 2 added how far a profile's hours scatter; a profile of version 1 has yet to learn it.
	// Version 3 added parts, and the IDs of the events in open minutes.
	snapshotMagic   = "trailhand rates\x00"
	snapshotVersion = 3
	snapshotLimit   = 4 << 30 // bytes, inflated
)

// ErrParts is of a snapshot that Decode alone cannot read: a Runner does.
var ErrParts = errors.New("some of its keys are in parts")

// Encode returns the whole state as one snapshot: a magic, a version, and a zstd frame. Equal
// states give equal bytes. Keys that have said nothing for memoryDays are left out.
func (s *State) Encode() ([]byte, error) {
	return s.encode(s.orderOf(s.alive(), s.buckets), 0, nil)
}

// alive are the keys that are worth keeping.
func (s *State) alive() []uint32 {
	waiting := map[uint32]bool{}
	for _, b := range s.buckets {
		for n := range b {
			waiting[n] = true
		}
	}
	keys := make([]uint32, 0, len(s.series))
	for n, k := range s.series {
		if !k.dead(s.next) || waiting[uint32(n)] {
			keys = append(keys, uint32(n))
		}
	}
	return keys
}

// encode writes the snapshot that has the keys of o; all others are in parts.
func (s *State) encode(o *order, generation uint64, parts []part) ([]byte, error) {
	body, err := s.body(o, generation, parts)
	if err != nil {
		return nil, fmt.Errorf("encoding the state of %s %s: %w", s.account, s.region, err)
	}
	return deflate(snapshotMagic, body)
}

func (s *State) body(o *order, generation uint64, parts []part) ([]byte, error) {
	w := &writer{b: make([]byte, 0, 1<<16)}
	if err := s.encodeHead(w); err != nil {
		return nil, err
	}
	w.uint(generation)
	encodeParts(w, parts)
	o.encodeKeys(w)
	w.uint(uint64(len(o.others)))
	for _, n := range o.others {
		o.encodeID(w, s.series[n].id)
	}
	s.encodeBuckets(w, o)
	s.encodeSeen(w)
	return w.b, nil
}

// deflate puts a body behind a magic and the version.
func deflate(magic string, body []byte) ([]byte, error) {
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest))
	if err != nil {
		return nil, err
	}
	defer enc.Close()
	return enc.EncodeAll(body, append([]byte(magic), snapshotVersion)), nil
}

// inflate takes a body out again.
func inflate(magic string, data []byte) (*reader, error) {
	body, ok := bytes.CutPrefix(data, []byte(magic))
	if !ok || len(body) == 0 {
		return nil, fmt.Errorf("it does not begin with %q and a version", magic)
	}
	if v := body[0]; v < 1 || v > snapshotVersion {
		return nil, fmt.Errorf("version %d is not within 1 and %d", v, snapshotVersion)
	}
	dec, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(snapshotLimit))
	if err != nil {
		return nil, err
	}
	defer dec.Close()
	plain, err := dec.DecodeAll(body[1:], nil)
	return &reader{b: plain, version: body[0]}, err
}

// Decode reads a whole state's snapshot of this or any earlier version.
func Decode(snapshot []byte, cfg Config) (*State, error) {
	o, err := open(snapshot, cfg)
	if err != nil {
		return nil, err
	}
	if n := len(o.state.parts); n > 0 {
		return nil, fmt.Errorf("decoding a snapshot with %d parts: %w", n, ErrParts)
	}
	return o.finish()
}

// opened is a snapshot that was read up to its minutes, which may name keys of its parts.
type opened struct {
	state *State
	rest  *reader // nil: there is no snapshot
	keys  []uint32
}

func open(snapshot []byte, cfg Config) (*opened, error) {
	r, err := inflate(snapshotMagic, snapshot)
	if err != nil {
		return nil, fmt.Errorf("decoding a snapshot: %w", err)
	}
	return openBody(r, cfg)
}

func openBody(r *reader, cfg Config) (*opened, error) {
	o := &opened{state: NewState("", "", cfg), rest: r}
	s := o.state
	s.decodeHead(r)
	if r.version >= 3 {
		s.generation, s.parts = r.uint(), decodeParts(r)
	}
	o.keys = s.decodeKeys(r, 0)
	if r.err != nil {
		return nil, fmt.Errorf("decoding a snapshot: %w", r.err)
	}
	return o, nil
}

// finish reads the minutes. The parts were read.
func (o *opened) finish() (*State, error) {
	s, r := o.state, o.rest
	if r.version >= 3 {
		for range r.count() {
			id := r.id()
			n, known := s.index[id]
			if !known && r.err == nil {
				r.err = fmt.Errorf("a minute names %+v, which is nowhere", s.keyOf(id))
			}
			o.keys = append(o.keys, n)
		}
	}
	s.decodeBuckets(r, o.keys)
	if r.version >= 3 {
		s.decodeSeen(r)
	}
	if r.err != nil {
		return nil, fmt.Errorf("decoding a snapshot: %w", r.err)
	}
	return s, nil
}

// decodeKeys reads strings and keys of a part, and gives the keys' numbers.
func (s *State) decodeKeys(r *reader, part uint32) []uint32 {
	r.names, r.values = s.names.decode(r), s.values.decode(r)
	keys := make([]uint32, r.count())
	for i := range keys {
		keys[i] = s.decodeSeries(r, part)
	}
	return keys
}

func (s *State) encodeHead(w *writer) error {
	w.string(s.account)
	w.string(s.region)
	w.bool(s.begun)
	w.bool(s.fresh)
	for _, m := range []int32{s.first, s.next, s.newest, s.clock, s.arrived} {
		w.int(m)
	}
	s.silent.encode(w)
	ids := make([]batchID, 0, len(s.applied))
	for id := range s.applied {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(x, y batchID) int { return bytes.Compare(x[:], y[:]) })
	w.uint(uint64(len(ids)))
	for _, id := range ids {
		w.b = append(w.b, id[:]...)
		w.int(s.applied[id])
	}
	unsent, err := json.Marshal(s.unsent)
	w.bytes(unsent)
	return err
}

func (s *State) decodeHead(r *reader) {
	s.account, s.region = string(r.bytes()), string(r.bytes())
	s.begun, s.fresh = r.bool(), r.bool()
	for _, m := range []*int32{&s.first, &s.next, &s.newest, &s.clock, &s.arrived} {
		*m = r.time()
	}
	s.silent.decode(r)
	for range r.count() {
		s.applied[batchID(r.raw(16))] = r.int()
	}
	if err := json.Unmarshal(r.bytes(), &s.unsent); err != nil && r.err == nil {
		r.err = fmt.Errorf("its unsent transitions: %w", err)
	}
}

func (q *silences) encode(w *writer) {
	for _, x := range []int32{q.closed, q.run, q.heardTo, q.day} {
		w.int(x)
	}
	w.uint(uint64(q.total))
	for _, x := range q.longest {
		w.int(x)
	}
	for _, x := range q.heardBy {
		w.uint(uint64(x))
	}
}

func (q *silences) decode(r *reader) {
	for _, x := range []*int32{&q.closed, &q.run, &q.heardTo, &q.day} {
		*x = r.time()
	}
	q.total = r.u32()
	for i := range q.longest {
		q.longest[i] = r.int()
	}
	for i := range q.heardBy {
		q.heardBy[i] = r.u32()
	}
}

// decode reads strings, and gives the number of each.
func (s *symbols) decode(r *reader) []uint32 {
	numbers := make([]uint32, 1+r.count()) // the first is the empty string
	for i := range numbers[1:] {
		numbers[1+i] = s.of(string(r.bytes()))
	}
	return numbers
}

// encodeBuckets writes the open minutes, and the closed ones within reach.
func (s *State) encodeBuckets(w *writer, o *order) {
	minutes := make([]int32, 0, len(s.buckets))
	for m := range s.buckets {
		minutes = append(minutes, m)
	}
	slices.Sort(minutes)
	w.uint(uint64(len(minutes)))
	for _, m := range minutes {
		b := s.buckets[m]
		w.int(m)
		keys := make([]uint32, 0, len(b))
		for n := range b {
			keys = append(keys, o.rank[n])
		}
		slices.Sort(keys)
		w.uint(uint64(len(keys)))
		for _, n := range keys {
			c := b[o.key(n)]
			w.uint(uint64(n))
			w.uint(uint64(c.calls))
			o.encodeCallers(w, c.callers)
		}
	}
}

func (s *State) decodeBuckets(r *reader, keys []uint32) {
	for range r.count() {
		m, b := r.time(), bucket{}
		for range r.count() {
			n := r.u32()
			c := &cell{calls: r.u32(), callers: decodeCallers(r)}
			if int(n) < len(keys) {
				b[keys[n]] = c
			} else if r.err == nil {
				r.err = fmt.Errorf("minute %d: key %d of %d", m, n, len(keys))
			}
		}
		s.cells += len(b) - len(s.buckets[m])
		s.buckets[m] = b
	}
}
