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

// Each table has room for the subtables of the worst code. A subtable of 2^n
// entries holds a complete code with lengths up to n, so n+1 symbols at least.
const (
	maxLiterals = 288
	maxDists    = 32
	literalRoom = maxLiterals << (maxCode - literalBits) / (maxCode - literalBits + 1)
	distRoom    = maxDists << (maxCode - distBits) / (maxCode - distBits + 1)
)

// codes are the tables of a block.
type codes struct {
	literals  [1<<literalBits + literalRoom]entry // literals, lengths and the end
	distances [1<<distBits + distRoom]entry

	// What the symbols stand for.
	literalOf [maxLiterals]entry
	distOf    [maxDists]entry
	lengthOf  [19]entry
}

// begin finds what the symbols stand for, which is the same for all blocks.
func (c *codes) begin() {
	for i := range c.literalOf {
		c.literalOf[i] = literalOf(i)
	}
	for i := range c.distOf {
		c.distOf[i] = distanceOf(i)
	}
	for i := range c.lengthOf {
		c.lengthOf[i] = entry(i) << 16
	}
}

// builder fills a table in the order of the codes.
type builder struct {
	table     []entry
	indexBits uint
	subtable  []entry           // of the code before
	used      int               // entries of table, subtables included
	code      uint              // the next one, its first bit lowest
	count     [maxCode + 1]uint // codes of each length that are to come
	order     [maxLiterals]uint16
}

// build fills a table from the length of each symbol's code and from what the
// symbols stand for. It says whether the code is complete. No code at all is,
// until one is needed, and so is one code of one bit.
func build(table []entry, indexBits uint, lengths []uint8, meaning []entry) bool {
	t := builder{table: table, indexBits: indexBits, used: 1 << indexBits}
	left, longest := t.sort(lengths)
	if left < 0 || left > 0 && longest > 1 {
		return false
	}
	symbols := t.order[t.count[0]:]
	table[0] = special // to stay where there is no code
	for n := uint(1); n <= max(longest, indexBits); n++ {
		if n <= indexBits { // one more bit: what the shorter codes fill is there twice
			copy(table[1<<(n-1):1<<n], table)
		}
		for ; t.count[n] > 0; t.count[n]-- {
			t.add(n, meaning[symbols[0]])
			symbols = symbols[1:]
		}
	}
	return true
}

// sort counts the lengths and finds the order of the symbols. It gives how many
// codes of maxCode bits are left, and the longest code. A length is at most
// maxCode; the mask says so to the compiler.
func (t *builder) sort(lengths []uint8) (left int, longest uint) {
	for _, n := range lengths {
		t.count[n&maxCode]++
	}
	var next [maxCode + 1]uint // place in order, symbols without code first
	left = 1
	for n := uint(1); n <= maxCode; n++ {
		next[n] = next[n-1] + t.count[n-1]
		if left = left<<1 - int(t.count[n]); left < 0 {
			return left, n
		}
		if t.count[n] > 0 {
			longest = n
		}
	}
	for symbol, n := range lengths {
		t.order[next[n&maxCode]] = uint16(symbol)
		next[n&maxCode]++
	}
	return left, longest
}

// add enters the next code, of n bits.
func (t *builder) add(n uint, e entry) {
	if n <= t.indexBits {
		t.table[t.code] = e + entry(n)<<8 + entry(n)
	} else {
		rest, n := t.code>>t.indexBits, n-t.indexBits
		if rest == 0 {
			t.link(n)
		}
		for i := rest; i < uint(len(t.subtable)); i += 1 << n {
			t.subtable[i] = e + entry(n)<<8 + entry(n)
		}
	}
	if zeros := t.code ^ (1<<n - 1); zeros != 0 { // one more, and the carry goes down
		highest := uint(1) << (bits.Len(zeros) - 1)
		t.code = t.code&(highest-1) | highest
	}
}

// link begins a subtable for the codes that begin as the next one does. The
// first of them has n bits behind the index; the last ones fill it.
func (t *builder) link(n uint) {
	for codes := t.count[t.indexBits+n]; codes < 1<<n; codes = codes<<1 + t.count[t.indexBits+n] {
		n++
	}
	t.table[t.code] = special | link | entry(t.used)<<16 | entry(n)<<8 | entry(t.indexBits)
	t.subtable = t.table[t.used : t.used+1<<n]
	t.used += 1 << n
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
