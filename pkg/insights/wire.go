package insights

import (
	"encoding/binary"
	"errors"
	"math"
)

var errShort = errors.New("it ends too early")

// writer appends a snapshot's numbers and strings.
type writer struct{ b []byte }

func (w *writer) uint(x uint64)     { w.b = binary.AppendUvarint(w.b, x) }
func (w *writer) int(x int32)       { w.b = binary.AppendVarint(w.b, int64(x)) }
func (w *writer) u16(x uint16)      { w.b = binary.LittleEndian.AppendUint16(w.b, x) }
func (w *writer) float(x float64)   { w.b = binary.LittleEndian.AppendUint64(w.b, math.Float64bits(x)) }
func (w *writer) float32(x float32) { w.b = binary.LittleEndian.AppendUint32(w.b, math.Float32bits(x)) }
func (w *writer) bytes(x []byte)    { w.uint(uint64(len(x))); w.b = append(w.b, x...) }
func (w *writer) string(x string)   { w.uint(uint64(len(x))); w.b = append(w.b, x...) }

func (w *writer) bool(x bool) {
	if x {
		w.b = append(w.b, 1)
	} else {
		w.b = append(w.b, 0)
	}
}

// reader takes them off again. After the first error it returns zeros.
type reader struct {
	b       []byte
	version byte     // of the snapshot
	names   []uint32 // symbols of the strings of keys
	values  []uint32 // and of attributions
	err     error
}

func (r *reader) fail() { r.b, r.err = nil, errShort }

func (r *reader) uint() uint64 {
	x, n := binary.Uvarint(r.b)
	if n <= 0 {
		r.fail()
		return 0
	}
	r.b = r.b[n:]
	return x
}

func (r *reader) int() int32 {
	x, n := binary.Varint(r.b)
	if n <= 0 {
		r.fail()
		return 0
	}
	r.b = r.b[n:]
	return int32(x)
}

// time is a minute, an hour or a day since the epoch, not negative.
func (r *reader) time() int32 {
	x := r.int()
	if x < 0 {
		r.fail()
		return 0
	}
	return x
}

// raw is the next n bytes; at the end of the input they are zeros.
func (r *reader) raw(n uint64) []byte {
	if n > uint64(len(r.b)) {
		r.fail()
		return make([]byte, min(n, 16))
	}
	x := r.b[:n]
	r.b = r.b[n:]
	return x
}

func (r *reader) u16() uint16      { return binary.LittleEndian.Uint16(r.raw(2)) }
func (r *reader) float() float64   { return math.Float64frombits(binary.LittleEndian.Uint64(r.raw(8))) }
func (r *reader) float32() float32 { return math.Float32frombits(binary.LittleEndian.Uint32(r.raw(4))) }
func (r *reader) bool() bool       { return r.raw(1)[0] != 0 }
func (r *reader) u32() uint32      { return uint32(r.uint()) }

func (r *reader) bytes() []byte {
	n := r.uint()
	if n > uint64(len(r.b)) {
		r.fail()
		return nil
	}
	return r.raw(n)
}

// count is a number of things of at least one byte each.
func (r *reader) count() int {
	n := r.uint()
	if n > uint64(len(r.b)) {
		r.fail()
		return 0
	}
	return int(n)
}
