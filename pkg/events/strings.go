package events

import (
	"encoding/binary"
	"math/bits"
)

// Masks for eight bytes at a time.
const (
	lows   = 0x0101010101010101
	highs  = 0x8080808080808080
	quotes = lows * '"'
	slash  = lows * '\\'
	blanks = lows * ' '
)

// special marks the bytes of w that end the plain part of a string: quotes,
// backslashes and control characters. The lowest mark is exact; higher ones
// may be false.
func special(w uint64) uint64 {
	return (((w ^ quotes) - lows) | ((w ^ slash) - lows) | (w - blanks)) &^ w & highs
}

// skipPlain gives the index of the next byte that special marks, or one of the
// last eight if there is none before them.
func skipPlain(b []byte, i int) int {
	for s := b[i:]; len(s) >= 8; s = s[8:] {
		if m := special(binary.LittleEndian.Uint64(s)); m != 0 {
			return len(b) - len(s) + bits.TrailingZeros64(m)>>3
		}
	}
	return len(b) - (len(b)-i)&7
}

// skipString gives the index behind a string's closing quote. i is the index
// behind its opening quote.
func skipString(b []byte, i int) (int, status) {
	if i = skipPlain(b, i); i < len(b) && b[i] == '"' {
		return i + 1, ok
	}
	return skipSpecial(b, i)
}

// skipSpecial is skipString for a string that is not all plain.
func skipSpecial(b []byte, i int) (int, status) {
	for i < len(b) {
		switch c := b[i]; {
		case c == '"':
			return i + 1, ok
		case c == '\\' || c < ' ':
			var st status
			if i, st = skipEscape(b, i); st != ok {
				return i, st
			}
			i = skipPlain(b, i)
		default:
			i++
		}
	}
	return i, more
}

// skipEscape gives the index behind an escape sequence. Anything else that
// special marks is a control character, which may not stand in a string.
func skipEscape(b []byte, i int) (int, status) {
	if b[i] != '\\' {
		return i, malformed
	}
	if i+1 >= len(b) {
		return i, more
	}
	switch b[i+1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return i + 2, ok
	case 'u':
	default:
		return i + 1, malformed
	}
	for k := i + 2; k < i+6; k++ {
		if k >= len(b) {
			return i, more
		}
		if !isHex(b[k]) {
			return k, malformed
		}
	}
	return i + 6, ok
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'f'
}
