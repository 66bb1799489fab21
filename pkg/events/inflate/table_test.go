package inflate

import (
	"math/bits"
	"math/rand/v2"
	"testing"
)

// codeLengths draws the lengths of a complete code: it begins as one of no
// bits, and one code after another is made into two. The deeper it likes to
// go, the more subtables there are.
func codeLengths(random *rand.Rand, symbols int) []uint8 {
	lengths := make([]uint8, 1, symbols)
	deep := random.IntN(4)
	for len(lengths) < symbols {
		i := random.IntN(len(lengths))
		for range deep {
			if other := random.IntN(len(lengths)); lengths[other] > lengths[i] && lengths[other] < maxCode {
				i = other
			}
		}
		if lengths[i] < maxCode {
			lengths[i]++
			lengths = append(lengths, lengths[i])
		}
	}
	random.Shuffle(len(lengths), func(i, j int) { lengths[i], lengths[j] = lengths[j], lengths[i] })
	return lengths
}

// canonical gives the code of each symbol as RFC 1951 does in 3.2.2, its first
// bit lowest.
func canonical(lengths []uint8) []uint64 {
	codes, code := make([]uint64, len(lengths)), 0
	for n := uint8(1); n <= maxCode; n++ {
		for symbol, length := range lengths {
			if length == n {
				codes[symbol] = uint64(bits.Reverse16(uint16(code)) >> (16 - n))
				code++
			}
		}
		code <<= 1
	}
	return codes
}

func TestEveryCodeIsFoundInItsTable(t *testing.T) {
	var c codes
	c.begin()
	for seed := range streams() * 4 {
		random := rand.New(rand.NewPCG(seed, 6))
		table, indexBits, meaning := c.literals[:], uint(literalBits), c.literalOf[:]
		if seed%2 == 0 {
			table, indexBits, meaning = c.distances[:], distBits, c.distOf[:]
		}
		lengths := codeLengths(random, 2+random.IntN(len(meaning)-1))
		if !build(table, indexBits, lengths, meaning) {
			t.Fatalf("seed %d: a complete code is refused: %d", seed, lengths)
		}
		for symbol, code := range canonical(lengths) {
			n := uint(lengths[symbol])
			e, _, used := find(table, indexBits, code|random.Uint64()<<n, 0)
			if width := meaning[symbol].width(); used != n+width || e>>16 != meaning[symbol]>>16 {
				t.Fatalf("seed %d: symbol %d of %d: %x with %d bits", seed, symbol, lengths, e, used)
			}
		}
	}
}

func TestCodesThatAreNotCompleteAreRefused(t *testing.T) {
	var c codes
	c.begin()
	for _, lengths := range [][]uint8{{2}, {2, 2, 2}, {1, 1, 1}, {1, 2}, {15, 15}, {1, 1, 15}} {
		if build(c.literals[:], literalBits, lengths, c.literalOf[:]) {
			t.Errorf("%d is taken for a code", lengths)
		}
	}
	for _, lengths := range [][]uint8{{}, {0, 0}, {0, 1}, {1, 1}} {
		if !build(c.literals[:], literalBits, lengths, c.literalOf[:]) {
			t.Errorf("%d is refused", lengths)
		}
	}
}
