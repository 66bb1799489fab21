package pattern

import (
	"unicode"
	"unicode/utf8"
)

// Strings whose letters match in either case, as the runes that foldRune gives.
type (
	foldedString []rune
	foldedPrefix []rune
	foldedSuffix []rune
)

func fold(s string) []rune {
	folded := []rune(s)
	for i, r := range folded {
		folded[i] = foldRune(r)
	}
	return folded
}

// foldRune gives the same rune for all that differ in case only: the smallest
// that Unicode's simple case folding leads to.
func foldRune(r rune) rune {
	if r < utf8.RuneSelf && (r < 'a' || r > 'z') {
		return r
	}
	least := r
	for o := unicode.SimpleFold(r); o != r; o = unicode.SimpleFold(o) {
		least = min(least, o)
	}
	return least
}

// cutFolded cuts the runes off the beginning of the text.
func cutFolded(text []byte, runes []rune) (rest []byte, ok bool) {
	for _, want := range runes {
		r, n := utf8.DecodeRune(text)
		if n == 0 || foldRune(r) != want {
			return nil, false
		}
		text = text[n:]
	}
	return text, true
}

func (s foldedString) matches(v scalar) bool {
	if v.kind != isString {
		return false
	}
	rest, ok := cutFolded(v.text, s)
	return ok && len(rest) == 0
}

func (p foldedPrefix) matches(v scalar) bool {
	if v.kind != isString {
		return false
	}
	_, ok := cutFolded(v.text, p)
	return ok
}

func (s foldedSuffix) matches(v scalar) bool {
	if v.kind != isString {
		return false
	}
	text := v.text
	for i := len(s) - 1; i >= 0; i-- {
		r, n := utf8.DecodeLastRune(text)
		if n == 0 || foldRune(r) != s[i] {
			return false
		}
		text = text[:len(text)-n]
	}
	return true
}
