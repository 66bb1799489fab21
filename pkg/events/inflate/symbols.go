package inflate

import "encoding/binary"

// fastInput is how many bytes one turn of fast may look at.
const fastInput = 16

// The most bits of a length and a distance together: with any codes, and with
// codes that are in the first part of a table.
const (
	maxSymbol = maxCode + 5 + maxCode + 13
	maxFirst  = literalBits + 5 + distBits + 13
)

// symbols decodes a piece of a block.
func (r *Reader) symbols() {
	if len(r.next) >= fastInput {
		r.fast()
	}
	if r.end < outSize {
		r.symbol()
	}
}

// fast decodes while there is input and room enough not to ask for each
// symbol, up to one that is not in the first part of a table.
func (r *Reader) fast() {
	in, out, codes := r.next, r.out, &r.codes
	bits, count, at, end := r.bits, r.count, 0, r.end
	for at <= len(in)-fastInput && end < outSize {
		bits |= binary.LittleEndian.Uint64(in[at:]) << (count & 63)
		at += int(63-count) >> 3
		count |= 56
		e := codes.literals[bits&(1<<literalBits-1)]
		for e&literal != 0 && count >= literalBits {
			out[end] = byte(e >> 16)
			end++
			bits >>= e & 63
			count -= e.width()
			e = codes.literals[bits&(1<<literalBits-1)]
		}
		if count < maxFirst {
			continue
		}
		after := bits >> (e & 63)
		d := codes.distances[after&(1<<distBits-1)]
		length, distance := e.plus(bits), d.plus(after)
		if (e|d)&special != 0 || distance > end {
			break
		}
		bits = after >> (d & 63)
		count -= e.width() + d.width()
		if distance < 16 || length > 48 {
			repeat(out[end-distance:end+length], distance)
		} else { // all at once: what is copied too far is overwritten
			for to, from := end, end-distance; to < end+length; to, from = to+16, from+16 {
				*(*[16]byte)(out[to:]) = *(*[16]byte)(out[from:])
			}
		}
		end += length
	}
	r.next, r.bits, r.count, r.end = in[at:], bits&(1<<count-1), count, end
}

// repeat fills out with its first n bytes over and over.
func repeat(out []byte, n int) {
	for n < len(out) {
		n += copy(out[n:], out[:n])
	}
}

// symbol decodes one symbol, whatever its code and however little input there is.
func (r *Reader) symbol() {
	r.need(maxSymbol)
	e, bits, used := find(r.codes.literals[:], literalBits, r.bits, 0)
	switch {
	case used > r.count || e&(special|blockEnd) == special && r.count < maxCode:
		r.cut()
	case e&literal != 0:
		r.take(used)
		r.out[r.end] = byte(e >> 16)
		r.end++
	case e&blockEnd != 0:
		r.take(used)
		r.step = (*Reader).block
	case e&special != 0:
		r.err = ErrCorrupt
	default:
		r.match(e.plus(bits), used)
	}
}

// match decodes the distance behind a length of so many bits, and copies.
func (r *Reader) match(length int, lengthBits uint) {
	e, bits, used := find(r.codes.distances[:], distBits, r.bits>>lengthBits, lengthBits)
	distance := e.plus(bits)
	switch {
	case used > r.count || e&special != 0 && r.count < lengthBits+maxCode:
		r.cut()
	case e&special != 0 || distance > r.end:
		r.err = ErrCorrupt
	default:
		r.take(used)
		repeat(r.out[r.end-distance:r.end+length], distance)
		r.end += length
	}
}

// find looks a code up. It gives its entry, the bits from where the entry
// counts, and how many bits are used after it if there were used ones before.
func find(table []entry, indexBits uint, bits uint64, used uint) (entry, uint64, uint) {
	e := table[bits&(1<<indexBits-1)]
	if e&link != 0 {
		bits >>= indexBits
		used += indexBits
		e = table[e.value()+int(bits&(1<<e.code()-1))]
	}
	return e, bits, used + e.width()
}
