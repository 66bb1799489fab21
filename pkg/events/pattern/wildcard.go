package pattern

import (
	"bytes"
	"fmt"
)

// wildcard is the literal texts between the asterisks of a pattern. With one
// text there is no asterisk.
type wildcard [][]byte

// compileWildcard reads a text in which * stands for any run of characters,
// the empty one included; \* and \\ stand for * and \.
func compileWildcard(path, s string) (matcher, error) {
	w := wildcard{nil}
	for i := 0; i < len(s); i++ {
		last := &w[len(w)-1]
		switch {
		case s[i] == '*' && i > 0 && len(w) > 1 && len(*last) == 0:
			return nil, &InvalidError{path, fmt.Sprintf("wildcard %q has two asterisks in a row", s)}
		case s[i] == '*':
			w = append(w, nil)
		case s[i] == '\\':
			i++
			if i == len(s) || s[i] != '*' && s[i] != '\\' {
				return nil, &InvalidError{path, fmt.Sprintf(`wildcard %q has a \ that is not before * or \`, s)}
			}
			fallthrough
		default:
			*last = append(*last, s[i])
		}
	}
	return w, nil
}

// matches takes each literal at its first place after the one before: where
// any way to place them fits, that one does, so nothing is tried twice.
func (w wildcard) matches(v scalar) bool {
	if v.kind != isString {
		return false
	}
	first, last := w[0], w[len(w)-1]
	if len(w) == 1 {
		return bytes.Equal(v.text, first)
	}
	if len(v.text) < len(first)+len(last) || !bytes.HasPrefix(v.text, first) || !bytes.HasSuffix(v.text, last) {
		return false
	}
	text := v.text[len(first) : len(v.text)-len(last)]
	for _, literal := range w[1 : len(w)-1] {
		i := bytes.Index(text, literal)
		if i < 0 {
			return false
		}
		text = text[i+len(literal):]
	}
	return true
}
