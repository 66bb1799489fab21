package insights

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/klauspost/compress/zstd"
)

const (
	// Version 2 added how far a profile's hours scatter; a profile of version 1 has yet to learn it.
	snapshotMagic   = "trailhand rates\x00"
	snapshotVersion = 2
	snapshotLimit   = 4 << 30 // bytes, inflated
)

// Encode returns the state as a snapshot: a magic, a version, and a zstd frame. Equal states give
// equal bytes. Keys that have said nothing for memoryDays are left out.
func (s *State) Encode() ([]byte, error) {
	w := &writer{b: make([]byte, 0, 1<<16)}
	o := s.order()
	if err := s.encodeHead(w); err != nil {
		return nil, fmt.Errorf("encoding the state of %s %s: %w", s.account, s.region, err)
	}
	o.encodeStrings(w)
	w.uint(uint64(len(o.keys)))
	for _, n := range o.keys {
		s.series[n].encode(w, o)
	}
	s.encodeBuckets(w, o)
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest))
	if err != nil {
		return nil, fmt.Errorf("encoding the state of %s %s: %w", s.account, s.region, err)
	}
	defer enc.Close()
	return enc.EncodeAll(w.b, append([]byte(snapshotMagic), snapshotVersion)), nil
}

// Decode reads a snapshot of this or any earlier version.
func Decode(snapshot []byte, cfg Config) (*State, error) {
	body, ok := bytes.CutPrefix(snapshot, []byte(snapshotMagic))
	if !ok || len(body) == 0 {
		return nil, fmt.Errorf("decoding a snapshot: it does not begin with %q and a version", snapshotMagic)
	}
	if v := body[0]; v < 1 || v > snapshotVersion {
		return nil, fmt.Errorf("decoding a snapshot: version %d is not within 1 and %d", v, snapshotVersion)
	}
	dec, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(snapshotLimit))
	if err != nil {
		return nil, fmt.Errorf("decoding a snapshot: %w", err)
	}
	defer dec.Close()
	plain, err := dec.DecodeAll(body[1:], nil)
	if err != nil {
		return nil, fmt.Errorf("decoding a snapshot: %w", err)
	}
	s, err := decodeBody(body[0], plain, cfg)
	if err != nil {
		return nil, fmt.Errorf("decoding a snapshot of %d bytes: %w", len(snapshot), err)
	}
	return s, nil
}

func decodeBody(version byte, plain []byte, cfg Config) (*State, error) {
	r := &reader{b: plain, version: version}
	s := NewState("", "", cfg)
	s.decode(r)
	return s, r.err
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

func (s *State) decode(r *reader) {
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
	s.names, s.values = decodeSymbols(r), decodeSymbols(r)
	r.values = len(s.values.text)
	for range r.count() {
		s.decodeSeries(r)
	}
	s.decodeBuckets(r)
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

func decodeSymbols(r *reader) symbols {
	s := newSymbols()
	for range r.count() {
		s.of(string(r.bytes()))
	}
	return s
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
			c := b[o.keys[n]]
			w.uint(uint64(n))
			w.uint(uint64(c.calls))
			o.encodeCallers(w, c.callers)
		}
	}
}

func (s *State) decodeBuckets(r *reader) {
	for range r.count() {
		m, b := r.time(), bucket{}
		for range r.count() {
			n := r.u32()
			c := &cell{calls: r.u32(), callers: decodeCallers(r)}
			if int(n) < len(s.series) {
				b[n] = c
			} else if r.err == nil {
				r.err = fmt.Errorf("minute %d: key %d of %d", m, n, len(s.series))
			}
		}
		s.buckets[m] = b
	}
}
