package inflate

import "math/bits"

// entry says what the next bits of a stream stand for.
//
//	bits 0-5    how many bits they are, extra bits included
//	bits 8-11   how many of them are the code
//	bits 16-30  a literal, the base of a length or distance, or the start of a subtable
//
// Of a link the bits 0-5 are those of the table's index, 8-11 of the subtable's.
type entry uint32

// Marks of entries. One with special alone stands for no code.
const (
	literal  entry = 1 << 31
	special  entry = 1 << 15 // not a literal, a length or a distance
	link     entry = 1 << 14 // to a subtable
	blockEnd entry = 1 << 13 // of the block
)

func (e entry) width() uint { return uint(e & 63) }
func (e entry) code() uint  { return uint(e >> 8 & 15) }
func (e entry) value() int  { return int(e &^ literal >> 16) }

// plus gives the base and the extra bits, which are in b behind the code.
func (e entry) plus(b uint64) int {
	return int(e>>16) + int(b&(1<<e.width()-1)>>e.code())
}

const (
	literalBits = 10
	distBits    = 8
	maxCode     = 15
)

// Each table has room for the subtables of the worst code: two codes at least
// share a link, and a subtable is as wide as the longest code needs.
type (
	literalTable [1 << 13]entry
	distTable    [1 << 12]entry
)

// codes are the tables of a block.
type codes struct {
	literals  literalTable // literals, lengths and the end
	distances distTable
}

// builder fills a table.
type builder struct {
	table     []entry
	indexBits uint
	next      [maxCode + 1]int // code of each length
	longest   uint
	used      int // entries, subtables included
}

// build fills a table from the length of each symbol's code. It says whether
// the code is complete. No code at all is, until one is needed, and so is one
// code of one bit.
func build(table []entry, indexBits uint, lengths []uint8, meaning func(symbol int) entry) bool {
	t := builder{table: table, indexBits: indexBits, used: 1 << indexBits}
	for i := range table[:t.used] {
		table[i] = special
	}
	if !t.begin(lengths) {
		return false
	}
	for symbol, n := range lengths {
		if n > 0 {
			code := uint(t.next[n])
			t.next[n]++
			t.add(uint(bits.Reverse16(uint16(code))>>(16-n)), uint(n), meaning(symbol))
		}
	}
	return true
}

// begin finds the first code of each length.
func (t *builder) begin(lengths []uint8) bool {
	var count [maxCode + 1]int
	for _, n := range lengths {
		count[n]++
	}
	count[0] = 0
	left := 1 // codes of this length that are not taken
	for n := 1; n <= maxCode; n++ {
		left = left<<1 - count[n]
		if left < 0 {
			return false
		}
		t.next[n] = (t.next[n-1] + count[n-1]) << 1
		if count[n] > 0 {
			t.longest = uint(n)
		}
	}
	return left == 0 || t.longest == 0 || t.longest == 1
}

// add enters a code of n bits, the first one lowest.
func (t *builder) add(code, n uint, e entry) {
	at, bits := t.table[:1<<t.indexBits], t.indexBits
	if n > t.indexBits {
		at, bits = t.subtable(code & (1<<t.indexBits - 1))
		code >>= t.indexBits
		n -= t.indexBits
	}
	e += entry(n)<<8 | entry(n)
	for i := code; i < 1<<bits; i += 1 << n {
		at[i] = e
	}
}

// subtable gives the one that a table's entry links to, a new one if need be.
func (t *builder) subtable(index uint) ([]entry, uint) {
	bits := t.longest - t.indexBits
	e := t.table[index]
	if e&link == 0 {
		e = special | link | entry(t.used)<<16 | entry(bits)<<8 | entry(t.indexBits)
		t.table[index] = e
		t.used += 1 << bits
		for i := range 1 << bits {
			t.table[e.value()+i] = special
		}
	}
	return t.table[e.value():][:1<<bits], bits
}

// literalOf gives the entry of a symbol of the literal alphabet, without the
// code's bits.
func literalOf(symbol int) entry {
	switch {
	case symbol < 256:
		return literal | entry(symbol)<<16
	case symbol == 256:
		return special | blockEnd
	case symbol == 285:
		return maxMatch << 16
	case symbol > 285:
		return special
	}
	s := symbol - 257
	if s < 8 {
		return entry(s+3) << 16
	}
	extra := s/4 - 1
	return entry((4+s%4)<<extra+3)<<16 | entry(extra)
}

// distanceOf does the same for the alphabet of distances.
func distanceOf(symbol int) entry {
	switch {
	case symbol > 29:
		return special
	case symbol < 4:
		return entry(symbol+1) << 16
	}
	extra := symbol/2 - 1
	return entry((2+symbol%2)<<extra+1)<<16 | entry(extra)
}
