package events

// shapes makes scanning fast by prediction. Records of one API call differ in
// their strings and numbers only; all between these, keys and brackets, is the
// same: call it glue. A trie holds the glue of records that were scanned
// before. Where a record follows a path of the trie it is compared, not
// scanned, but for its strings and numbers; and as the glue before was the
// same too, the grammar holds and the fields lie where they lay. Where it
// leaves every path it is scanned from its start, and its own path is added.
type shapes struct {
	root   shape
	size   int // of the trie, in bytes of glue and overhead
	credit int // hits less misses; none left: records here are too unlike
	off    bool
}

// shape is a step of a path: glue, and what is behind it.
type shape struct {
	glue  string
	then  variable
	marks []mark
	next  []*shape // the often used ones tend to the front
}

// variable is what follows glue.
type variable uint8

const (
	aString variable = iota // glue ends with its opening quote
	aNumber
	theEnd // of the record
)

// mark says which bound of a field lies at an offset of glue.
type mark struct {
	bound  uint8 // index into Record.bounds
	offset uint32
}

// Bounds of the trie.
const (
	maxShapes    = 1 << 20 // bytes
	shapeSize    = 200     // bytes of a step beside its glue, about
	maxNext      = 32      // paths that leave one another at one place
	maxLearnable = 16 << 10
	fullCredit   = 256
)

// scan is Record.scan by prediction.
func (s *shapes) scan(r *Record, b []byte) (int, status) {
	if s.off {
		return r.scan(b)
	}
	r.bounds = bounds{}
	if n, hit := s.follow(r, b); hit {
		s.credit = min(s.credit+1, fullCredit)
		return n, ok
	}
	n, st := r.scan(b)
	if st == ok {
		s.miss(r, b[:n])
	}
	return n, st
}

// miss learns from a record that took a way of its own. One with a field twice
// is not learned: that the first one is void shows only behind steps that other
// records may share.
func (s *shapes) miss(r *Record, raw []byte) {
	if s.credit--; s.credit < -fullCredit {
		*s = shapes{off: true}
		return
	}
	if len(raw) <= maxLearnable && !r.twice {
		s.learn(raw, &r.bounds)
	}
}

// follow goes along a path to the record's end, and notes the bounds of its
// fields.
func (s *shapes) follow(r *Record, b []byte) (int, bool) {
	i, at := 0, &s.root
	for {
		if at = at.choose(b[i:]); at == nil {
			return 0, false
		}
		for _, m := range at.marks {
			r.bounds[m.bound] = uint32(i) + m.offset
		}
		i += len(at.glue)
		var st status
		switch at.then {
		case aString:
			i, st = skipString(b, i)
			i-- // the closing quote is glue again
		case aNumber:
			i, st = skipNumber(b, i)
		case theEnd:
			return i, true
		}
		if st != ok {
			return 0, false
		}
	}
}

// choose gives the step whose glue b begins with. No glue is the beginning of
// another, except where a number is behind the shorter one.
func (s *shape) choose(b []byte) *shape {
	for i, n := range s.next {
		if len(b) <= len(n.glue) && n.then != theEnd || !hasPrefix(b, n.glue) {
			continue
		}
		if n.then == aNumber && !isNumberStart(b[len(n.glue)]) {
			continue
		}
		if i > 0 {
			s.next[i-1], s.next[i] = n, s.next[i-1]
		}
		return n
	}
	return nil
}

func hasPrefix(b []byte, s string) bool { return len(b) >= len(s) && string(b[:len(s)]) == s }

func isNumberStart(c byte) bool { return c == '-' || '0' <= c && c <= '9' }

// learn adds the path of a record that has been scanned.
func (s *shapes) learn(raw []byte, known *bounds) {
	at, start := &s.root, 0
	for i := 0; i < len(raw) && at != nil; {
		switch c := raw[i]; {
		case c == '"':
			end, _ := skipString(raw, i+1)
			if raw[skipSpace(raw, end)] != ':' {
				at = s.step(at, raw, start, i+1, aString, known)
				start = end - 1
			}
			i = end
		case isNumberStart(c):
			at = s.step(at, raw, start, i, aNumber, known)
			start, _ = skipNumber(raw, i)
			i = start
		default:
			i++
		}
	}
	if at != nil {
		s.step(at, raw, start, len(raw), theEnd, known)
	}
}

// step gives the step from at with the glue raw[start:end], a new one if need
// be; nil if there is no room.
func (s *shapes) step(at *shape, raw []byte, start, end int, then variable, known *bounds) *shape {
	glue := raw[start:end]
	for _, n := range at.next {
		if n.then == then && string(glue) == n.glue {
			return n
		}
	}
	s.size += shapeSize + len(glue)
	if s.size > maxShapes || len(at.next) == maxNext {
		return nil
	}
	n := &shape{glue: string(glue), then: then}
	for b, pos := range known {
		if pos != 0 && start <= int(pos) && int(pos) <= end {
			n.marks = append(n.marks, mark{uint8(b), pos - uint32(start)})
		}
	}
	at.next = append(at.next, n)
	return n
}
