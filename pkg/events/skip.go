package events

// skipper finds the end of a bad record, whatever is in it, by strings and
// brackets alone. It keeps no bytes, so a record may be of any size.
type skipper struct {
	open     []byte // the closing brackets that are awaited
	deeper   int    // brackets beyond maxDepth, of which only the number is kept
	inString bool
	escaped  bool
	lost     bool // a bracket closes what it did not open: no one can say where the record ends
}

// skip gives how many bytes of b belong to the record, and whether its end was
// found among them. The end is the comma or bracket that follows it.
func (s *skipper) skip(b []byte) (int, bool) {
	for i, c := range b {
		switch {
		case s.inString:
			s.string(c)
		case c == '"':
			s.inString = true
		case c == '{':
			s.push('}')
		case c == '[':
			s.push(']')
		case len(s.open) == 0 && (c == ',' || c == ']'):
			return i, true
		case c == '}' || c == ']':
			if s.pop(c); s.lost {
				return i, true
			}
		}
	}
	return len(b), false
}

func (s *skipper) string(c byte) {
	switch {
	case s.escaped:
		s.escaped = false
	case c == '\\':
		s.escaped = true
	case c == '"':
		s.inString = false
	}
}

func (s *skipper) push(closing byte) {
	if len(s.open) == maxDepth {
		s.deeper++
		return
	}
	s.open = append(s.open, closing)
}

func (s *skipper) pop(c byte) {
	switch last := len(s.open) - 1; {
	case s.deeper > 0:
		s.deeper--
	case last < 0 || s.open[last] != c:
		s.lost = true
	default:
		s.open = s.open[:last]
	}
}
