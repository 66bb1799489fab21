package events

import (
	"bytes"
	"encoding/binary"
	"unicode/utf16"
	"unicode/utf8"
)

// text gives what a JSON value says: a string without quotes and escapes, the
// literal of a number or boolean, nothing for null, an object or an array.
// Only a string with escapes or invalid UTF-8 is copied.
func text(value []byte) []byte {
	if len(value) == 0 {
		return nil
	}
	switch value[0] {
	case '{', '[', 'n':
		return nil
	case '"':
		s, _ := unescape(nil, value[1:len(value)-1])
		return s
	}
	return value
}

// unescape appends to dst what the inside of a JSON string says, as
// encoding/json reads it: a lone surrogate and each byte that is not UTF-8
// become U+FFFD. When there is nothing to change it gives s itself and false.
// s must have been scanned.
func unescape(dst, s []byte) ([]byte, bool) {
	if isPlain(s) || bytes.IndexByte(s, '\\') < 0 && utf8.Valid(s) {
		return s, false
	}
	for i := 0; i < len(s); {
		switch c := s[i]; {
		case c != '\\' && c < utf8.RuneSelf:
			dst = append(dst, c)
			i++
		case c != '\\':
			r, n := utf8.DecodeRune(s[i:])
			dst = utf8.AppendRune(dst, r)
			i += n
		case s[i+1] == 'u':
			r, n := escapedRune(s[i:])
			dst = utf8.AppendRune(dst, r)
			i += n
		default:
			dst = append(dst, escaped(s[i+1]))
			i += 2
		}
	}
	return dst, true
}

// isPlain says whether s is ASCII without a backslash, as nearly every string
// is.
func isPlain(s []byte) bool {
	for len(s) >= 8 {
		w := binary.LittleEndian.Uint64(s)
		if ((w^slash)-lows|w)&highs != 0 {
			return false
		}
		s = s[8:]
	}
	for _, c := range s {
		if c == '\\' || c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// escaped gives the character that a backslash and c stand for.
func escaped(c byte) byte {
	switch c {
	case 'b':
		return '\b'
	case 'f':
		return '\f'
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	}
	return c
}

// escapedRune decodes \uXXXX, or a surrogate pair of two, and says how many
// bytes that were.
func escapedRune(s []byte) (rune, int) {
	r := hexRune(s[2:6])
	if !utf16.IsSurrogate(r) {
		return r, 6
	}
	if len(s) >= 12 && s[6] == '\\' && s[7] == 'u' {
		if pair := utf16.DecodeRune(r, hexRune(s[8:12])); pair != utf8.RuneError {
			return pair, 12
		}
	}
	return utf8.RuneError, 6
}

// hexRune reads four hexadecimal digits.
func hexRune(s []byte) rune {
	var r rune
	for _, c := range s {
		r <<= 4
		switch {
		case c <= '9':
			r |= rune(c - '0')
		default:
			r |= rune(c|0x20-'a') + 10
		}
	}
	return r
}
