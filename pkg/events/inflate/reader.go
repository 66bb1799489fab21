// Package inflate reads gzip: RFC 1952 around RFC 1951. It does what
// compress/gzip does, at half as much speed again: a bit buffer of 64 bits,
// tables as wide as most codes are long, and output that is copied 16 bytes at
// a time.
package inflate

import (
	"bufio"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
)

// ErrCorrupt says that a deflate stream cannot be.
var ErrCorrupt = errors.New("corrupt deflate stream")

const (
	window   = 32 << 10           // how far back a match may reach
	outSize  = window + 224<<10   // where decoding pauses
	maxMatch = 258                // bytes of the longest match
	slack    = 64 + maxMatch + 16 // behind outSize: what one turn of fast may write
)

// Reader inflates one member of a gzip file. It takes no byte of in behind
// the member's trailer.
type Reader struct {
	in   *bufio.Reader
	next []byte // what in has buffered, from the byte that is not yet in bits
	fail error  // of in

	bits  uint64 // of the stream, the next one lowest; none above count
	count uint

	out       []byte
	read, end int // out[read:end] is not yet given out
	crc       uint32
	size      uint32

	step   func(*Reader) // decodes a piece: sets err, or moves end or step on
	final  bool          // the block is the last one
	stored int           // bytes left of a stored block
	codes  codes
	err    error
}

// Reset begins the member at the beginning of in. Its errors are those of
// compress/gzip.
func (r *Reader) Reset(in *bufio.Reader) error {
	out := r.out
	if out == nil {
		out = make([]byte, outSize+slack)
		r.codes.begin()
	}
	r.in, r.next, r.fail, r.bits, r.count = in, nil, nil, 0, 0
	r.out, r.read, r.end, r.crc, r.size = out, 0, 0, 0, 0
	r.step, r.final, r.err = (*Reader).block, false, nil
	r.err = header(in)
	return r.err
}

// Read implements io.Reader. It gives io.EOF when the trailer is that of the
// data, gzip.ErrChecksum when it is not, io.ErrUnexpectedEOF when the input
// ends before it, and ErrCorrupt.
func (r *Reader) Read(p []byte) (int, error) {
	if r.read == r.end && r.err == nil && len(p) > 0 {
		r.decode()
	}
	if r.read == r.end && len(p) > 0 {
		return 0, r.err
	}
	n := copy(p, r.out[r.read:r.end])
	r.read += n
	return n, nil
}

// decode makes output until there is much of it, or an error.
func (r *Reader) decode() {
	if r.end >= outSize {
		copy(r.out, r.out[r.end-window:r.end])
		r.read, r.end = window, window
	}
	r.peek()
	for r.end < outSize && r.err == nil && r.step != nil {
		r.step(r)
	}
	r.discard()
	fresh := r.out[r.read:r.end]
	r.crc = crc32.Update(r.crc, crc32.IEEETable, fresh)
	r.size += uint32(len(fresh))
	if r.step == nil && r.err == nil {
		r.trailer()
	}
}

// peek looks at what the input has buffered.
func (r *Reader) peek() { r.next, _ = r.in.Peek(r.in.Buffered()) }

// discard gives up what has been read of next.
func (r *Reader) discard() {
	r.in.Discard(r.in.Buffered() - len(r.next))
	r.next = nil
}

// more reads on when next is empty, and says whether there is more.
func (r *Reader) more() bool {
	if r.fail != nil {
		return false
	}
	r.discard()
	if _, r.fail = r.in.Peek(1); r.fail != nil {
		return false
	}
	r.peek()
	return true
}

// need wants n bits, at most 56, and says whether there are so many.
func (r *Reader) need(n uint) bool {
	return r.count >= n || r.load(n)
}

// load reads as many bytes as bits has room for.
func (r *Reader) load(n uint) bool {
	if len(r.next) < 8 {
		return r.loadBytes(n)
	}
	r.bits |= binary.LittleEndian.Uint64(r.next) << r.count
	whole := (63 - r.count) >> 3
	r.next = r.next[whole:]
	r.count += whole << 3
	r.bits &= 1<<r.count - 1
	return true
}

// loadBytes reads no byte more than n bits need.
func (r *Reader) loadBytes(n uint) bool {
	for r.count < n {
		if len(r.next) == 0 && !r.more() {
			return false
		}
		r.bits |= uint64(r.next[0]) << r.count
		r.next = r.next[1:]
		r.count += 8
	}
	return true
}

// take gives the next n bits, which need has found.
func (r *Reader) take(n uint) uint {
	v := uint(r.bits & (1<<n - 1))
	r.bits >>= n
	r.count -= n
	return v
}

// cut sets the error for input that ends too early.
func (r *Reader) cut() {
	r.err = r.fail
	if r.err == io.EOF {
		r.err = io.ErrUnexpectedEOF
	}
}

// trailer checks CRC-32 and size. Of its eight bytes bits holds at most seven,
// so nothing behind it has been read.
func (r *Reader) trailer() {
	r.peek()
	defer r.discard()
	r.take(r.count & 7)
	var got [2]uint32
	for i := range got {
		if !r.loadBytes(32) {
			r.cut()
			return
		}
		got[i] = uint32(r.take(32))
	}
	if r.err = io.EOF; got != [2]uint32{r.crc, r.size} {
		r.err = gzip.ErrChecksum
	}
}
