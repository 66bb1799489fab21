package pattern

import (
	"bytes"
	"encoding/json"
	"unicode/utf8"
)

// The functions here look through JSON that is known to be valid.

type kind uint8

const (
	isString kind = iota
	isNumber
	isLiteral // true, false, null
)

// scalar is a value that is no object and no array: the unescaped text of a
// string, or the JSON of the others.
type scalar struct {
	kind kind
	text []byte
}

func scalarOf(value []byte) scalar {
	switch c := value[0]; {
	case c == '"':
		return scalar{isString, unquote(value)}
	case c == '-' || c >= '0' && c <= '9':
		return scalar{isNumber, value}
	default:
		return scalar{isLiteral, value}
	}
}

// unquote gives the text of a JSON string. What is not UTF-8 becomes U+FFFD,
// as in the strings of a pattern.
func unquote(quoted []byte) []byte {
	inside := quoted[1 : len(quoted)-1]
	if bytes.IndexByte(inside, '\\') < 0 && utf8.Valid(inside) {
		return inside
	}
	var s string
	if err := json.Unmarshal(quoted, &s); err != nil {
		return inside
	}
	return []byte(s)
}

func eachMember(object []byte, visit func(key, value []byte)) {
	for i := skipSpace(object, 1); object[i] != '}'; {
		keyEnd := skipString(object, i)
		start := skipSpace(object, skipSpace(object, keyEnd)+1)
		end := skipValue(object, start)
		visit(unquote(object[i:keyEnd]), object[start:end])
		if i = skipSpace(object, end); object[i] == ',' {
			i = skipSpace(object, i+1)
		}
	}
}

// eachElement visits the elements of an array, and those of arrays in it as if
// they were its own, until visit answers false.
func eachElement(array []byte, visit func(element []byte) bool) {
	for i, depth := 0, 0; ; {
		switch array[i] {
		case '[':
			depth++
		case ']':
			if depth--; depth == 0 {
				return
			}
		case ',', ' ', '\n', '\t', '\r':
		default:
			end := skipValue(array, i)
			if !visit(array[i:end]) {
				return
			}
			i = end
			continue
		}
		i++
	}
}

func skipSpace(b []byte, i int) int {
	for b[i] == ' ' || b[i] == '\n' || b[i] == '\t' || b[i] == '\r' {
		i++
	}
	return i
}

// skipString gives the place after the string that begins at i.
func skipString(b []byte, i int) int {
	for i++; b[i] != '"'; i++ {
		if b[i] == '\\' {
			i++
		}
	}
	return i + 1
}

// skipValue gives the place after the value that begins at i.
func skipValue(b []byte, i int) int {
	switch b[i] {
	case '"':
		return skipString(b, i)
	case '{', '[':
		return skipNested(b, i)
	}
	for i < len(b) && bytes.IndexByte([]byte(",]} \n\t\r"), b[i]) < 0 {
		i++
	}
	return i
}

// skipNested counts brackets instead of calling itself, so that a deep event
// needs no deep stack.
func skipNested(b []byte, i int) int {
	for depth := 0; ; {
		switch b[i] {
		case '"':
			i = skipString(b, i)
			continue
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
		i++
	}
}
