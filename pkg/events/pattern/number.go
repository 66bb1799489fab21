package pattern

import (
	"bytes"
	"cmp"
	"strconv"
)

// number is a JSON number in a form that equal values share:
// ±0.digits × 10^exponent, the digits beginning and ending with one that is
// not 0. Zero has no digits. Nothing is lost, however many digits there are.
type number struct {
	negative bool
	digits   []byte
	exponent int
}

// maxExponent bounds exponents, so that they can be added.
const maxExponent = 1 << 40

// numberOf reads a valid JSON number.
func numberOf(literal []byte) number {
	var n number
	literal, n.negative = bytes.CutPrefix(literal, []byte("-"))
	mantissa := literal
	if i := bytes.IndexAny(literal, "eE"); i >= 0 {
		mantissa = literal[:i]
		n.exponent = exponentOf(string(literal[i+1:]))
	}
	whole, fraction, _ := bytes.Cut(mantissa, []byte("."))
	n.exponent += len(whole)
	digits := whole
	if len(fraction) > 0 {
		digits = append(append(make([]byte, 0, len(whole)+len(fraction)), whole...), fraction...)
	}
	significant := bytes.TrimLeft(digits, "0")
	n.exponent -= len(digits) - len(significant)
	n.digits = bytes.TrimRight(significant, "0")
	if len(n.digits) == 0 {
		return number{}
	}
	return n
}

// exponentOf gives the nearest exponent that is within bounds.
func exponentOf(s string) int {
	e, _ := strconv.ParseInt(s, 10, 64) // out of range gives the nearest int64
	return int(max(-maxExponent, min(maxExponent, e)))
}

// compare gives -1, 0 or 1 for less, equal and greater.
func (n number) compare(o number) int {
	if s, t := n.sign(), o.sign(); s != t {
		return cmp.Compare(s, t)
	}
	if n.negative {
		n, o = o, n
	}
	if n.exponent != o.exponent {
		return cmp.Compare(n.exponent, o.exponent)
	}
	return bytes.Compare(n.digits, o.digits)
}

func (n number) sign() int {
	switch {
	case len(n.digits) == 0:
		return 0
	case n.negative:
		return -1
	default:
		return 1
	}
}
