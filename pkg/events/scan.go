package events

// The scanner checks the whole grammar of JSON in one pass over a byte slice,
// and notes where the fields are. It works on what is there: when the slice
// ends inside a value it answers more, and is run again from the value's start
// once the reader has read on.

// status is how a scan ended.
type status uint8

const (
	ok        status = iota
	more             // the slice ended inside the value
	malformed        // the byte at the index is not JSON
	tooDeep          // the object or array at the index is one too many
)

// maxDepth is how many objects and arrays may be inside one another. Records
// of AWS stay below 30.
const maxDepth = 512

// skipSpace gives the index of the next byte that is not white space.
func skipSpace(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\n' || b[i] == '\t' || b[i] == '\r') {
		i++
	}
	return i
}

// next gives the index of the next byte that is not white space, or more. It
// is short enough to be inlined: between tokens there is mostly no space.
func next(b []byte, i int) (int, status) {
	if i < len(b) && b[i] > ' ' {
		return i, ok
	}
	return nextAfterSpace(b, i)
}

func nextAfterSpace(b []byte, i int) (int, status) {
	if i = skipSpace(b, i); i >= len(b) {
		return i, more
	}
	return i, ok
}

// skipValue gives the index behind the value that begins at i. depth is the
// number of objects and arrays around it.
func skipValue(b []byte, i, depth int) (int, status) {
	if i >= len(b) {
		return i, more
	}
	switch c := b[i]; c {
	case '"':
		return skipString(b, i+1)
	case '{':
		return skipObject(b, i, depth+1, nil)
	case '[':
		return skipArray(b, i, depth+1)
	case 't':
		return skipLiteral(b, i, "true")
	case 'f':
		return skipLiteral(b, i, "false")
	case 'n':
		return skipLiteral(b, i, "null")
	default:
		return skipNumber(b, i)
	}
}

// skipLiteral gives the index behind a true, false or null.
func skipLiteral(b []byte, i int, word string) (int, status) {
	if len(b)-i >= len(word) && string(b[i:i+len(word)]) == word {
		return i + len(word), ok
	}
	for k := range len(word) {
		if i+k >= len(b) {
			return i, more
		}
		if b[i+k] != word[k] {
			return i + k, malformed
		}
	}
	return i + len(word), ok
}

// skipNumber gives the index behind a number. A number at the end of b may go
// on, so that is more.
func skipNumber(b []byte, i int) (int, status) {
	if b[i] == '-' {
		i++
	}
	start := i
	i, st := skipDigits(b, i)
	if st == ok && b[start] == '0' && i > start+1 {
		return start + 1, malformed
	}
	if st == ok && b[i] == '.' {
		i, st = skipDigits(b, i+1)
	}
	if st == ok && b[i]|0x20 == 'e' {
		i++
		if i < len(b) && (b[i] == '+' || b[i] == '-') {
			i++
		}
		i, st = skipDigits(b, i)
	}
	return i, st
}

// skipDigits wants at least one digit, and a byte behind them.
func skipDigits(b []byte, i int) (int, status) {
	start := i
	for i < len(b) && '0' <= b[i] && b[i] <= '9' {
		i++
	}
	if i >= len(b) {
		return i, more
	}
	if i == start {
		return i, malformed
	}
	return i, ok
}

// skipArray gives the index behind the array that begins at i and is the
// depth-th of the objects and arrays around one another.
func skipArray(b []byte, i, depth int) (int, status) {
	if depth > maxDepth {
		return i, tooDeep
	}
	i, st := next(b, i+1)
	if st == ok && b[i] == ']' {
		return i + 1, ok
	}
	for st == ok {
		if i, st = skipValue(b, i, depth); st != ok {
			break
		}
		if i, st = next(b, i); st != ok {
			break
		}
		switch b[i] {
		case ',':
			i, st = next(b, i+1)
		case ']':
			return i + 1, ok
		default:
			return i, malformed
		}
	}
	return i, st
}

// skipObject is skipArray for an object. If r is not nil it notes its fields.
func skipObject(b []byte, i, depth int, r *Record) (int, status) {
	if depth > maxDepth {
		return i, tooDeep
	}
	i, st := next(b, i+1)
	if st == ok && b[i] == '}' {
		return i + 1, ok
	}
	for st == ok {
		if r != nil {
			i, st = r.member(b, i, depth)
		} else if i, st = skipKey(b, i); st == ok {
			i, st = skipValue(b, i, depth)
		}
		if st != ok {
			break
		}
		if i, st = next(b, i); st != ok {
			break
		}
		switch b[i] {
		case ',':
			i, st = next(b, i+1)
		case '}':
			return i + 1, ok
		default:
			return i, malformed
		}
	}
	return i, st
}

// skipKey gives the index of the value behind the key that begins at i.
func skipKey(b []byte, i int) (int, status) {
	if b[i] != '"' {
		return i, malformed
	}
	i, st := skipString(b, i+1)
	if st != ok {
		return i, st
	}
	return skipColon(b, i)
}

// skipColon gives the index of the value behind a key that ends at i.
func skipColon(b []byte, i int) (int, status) {
	i, st := next(b, i)
	if st != ok {
		return i, st
	}
	if b[i] != ':' {
		return i, malformed
	}
	return next(b, i+1)
}
