package inflate

// block reads a block's header, or ends the stream.
func (r *Reader) block() {
	if r.final {
		r.step = nil
		return
	}
	if !r.need(3) {
		r.cut()
		return
	}
	r.final = r.take(1) == 1
	switch r.take(2) {
	case 0:
		r.beginStored()
	case 1:
		r.fixed()
	case 2:
		r.dynamic()
	default:
		r.err = ErrCorrupt
	}
}

func (r *Reader) beginStored() {
	r.take(r.count & 7)
	if !r.need(32) {
		r.cut()
		return
	}
	n, inverse := r.take(16), r.take(16)
	if n != ^inverse&0xffff {
		r.err = ErrCorrupt
		return
	}
	r.stored = int(n)
	r.step = (*Reader).copyStored
}

// copyStored copies a piece of a stored block.
func (r *Reader) copyStored() {
	switch {
	case r.stored == 0:
		r.step = (*Reader).block
	case r.count > 0: // whole bytes
		r.out[r.end] = byte(r.take(8))
		r.end++
		r.stored--
	case len(r.next) > 0 || r.more():
		n := copy(r.out[r.end:outSize], r.next[:min(len(r.next), r.stored)])
		r.next = r.next[n:]
		r.end += n
		r.stored -= n
	default:
		r.cut()
	}
}

// fixed begins a block of the fixed code.
func (r *Reader) fixed() {
	var lengths [288]uint8
	for i := range lengths {
		switch {
		case i < 144, i >= 280:
			lengths[i] = 8
		case i < 256:
			lengths[i] = 9
		default:
			lengths[i] = 7
		}
	}
	build(r.codes.literals[:], literalBits, lengths[:], r.codes.literalOf[:])
	for i := range 32 {
		lengths[i] = 5
	}
	build(r.codes.distances[:], distBits, lengths[:32], r.codes.distOf[:])
	r.step = (*Reader).symbols
}

// lengthOrder is the order in which the code of code lengths is given.
const lengthOrder = "\x10\x11\x12\x00\x08\x07\x09\x06\x0a\x05\x0b\x04\x0c\x03\x0d\x02\x0e\x01\x0f"

const lengthBits = 7

// dynamic begins a block that describes its codes.
func (r *Reader) dynamic() {
	if !r.need(14) {
		r.cut()
		return
	}
	literals, distances, lengths := r.take(5)+257, r.take(5)+1, r.take(4)+4
	if literals > 286 || distances > 30 {
		r.err = ErrCorrupt
		return
	}
	var own [19]uint8
	for i := range lengths {
		if !r.need(3) {
			r.cut()
			return
		}
		own[lengthOrder[i]] = uint8(r.take(3))
	}
	var table [1 << lengthBits]entry
	if !build(table[:], lengthBits, own[:], r.codes.lengthOf[:]) {
		r.err = ErrCorrupt
		return
	}
	var all [286 + 30]uint8
	if !r.lengths(&table, all[:literals+distances]) {
		return
	}
	if all[256] == 0 || !build(r.codes.literals[:], literalBits, all[:literals], r.codes.literalOf[:]) ||
		!build(r.codes.distances[:], distBits, all[literals:literals+distances], r.codes.distOf[:]) {
		r.err = ErrCorrupt
		return
	}
	r.step = (*Reader).symbols
}

// lengths reads the lengths of the codes of a block, and says whether it could.
func (r *Reader) lengths(table *[1 << lengthBits]entry, all []uint8) bool {
	for i := 0; i < len(all); {
		r.need(lengthBits)
		e := table[r.bits&(1<<lengthBits-1)]
		if e.width() > r.count || e == special && r.count < lengthBits {
			r.cut()
			return false
		}
		r.take(e.width())
		n, times := uint8(e.value()), uint(1)
		switch {
		case e == special || n == 16 && i == 0:
			r.err = ErrCorrupt
			return false
		case n >= 16:
			if n, times = r.repeated(n, all[max(i-1, 0)]); times == 0 {
				r.cut()
				return false
			}
		}
		if int(times) > len(all)-i {
			r.err = ErrCorrupt
			return false
		}
		for range times {
			all[i] = n
			i++
		}
	}
	return true
}

// repeated gives what the symbols 16 to 18 repeat, and how often; never, if the
// input ends.
func (r *Reader) repeated(symbol, last uint8) (uint8, uint) {
	extra, least := uint(2), uint(3)
	switch symbol {
	case 17:
		last, extra = 0, 3
	case 18:
		last, extra, least = 0, 7, 11
	}
	if !r.need(extra) {
		return 0, 0
	}
	return last, least + r.take(extra)
}
