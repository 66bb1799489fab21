package events

// shapes makes scanning fast by prediction. Records of one API call differ in
// their strings and numbers only; all between these, keys and brackets, is the
// same: call it glue. A trie holds the glue of records that were scanned
// before. Where a record follows a path of the trie it is compared, not
// scanned, but for its strings and numbers; and as the glue before was the
// same too, the grammar holds and the fields lie where they lay. Where it
// leaves every path it is scanned from its start. The rest of its own path is
// added if its eventName was met before: many calls come once only.
type shapes struct {
	root   step
	spare  []step     // made at once, and not yet used
	size   int        // of the trie in bytes
	met    [64]uint64 // a bit for each hash of an eventName that was met
	credit int        // hits less misses; none left: records here are too unlike
	off    bool
}

// step is a step of a path: glue, and what is behind it.
type step struct {
	glue    string
	marks   []mark
	child   *step // the first step behind it
	sibling *step // the next one behind the same step
	then    variable
}

// variable is what follows glue.
type variable uint8

const (
	theEnd  variable = iota // of the record
	aString                 // glue ends with its opening quote
	aNumber
)

// mark says which bound of a field lies at an offset of glue.
type mark struct {
	bound  uint8 // index into Record.bounds
	offset uint32
}

// Bounds of the trie.
const (
	maxShapes    = 1 << 20 // bytes, and a record's more
	maxChildren  = 32
	maxLearnable = 16 << 10
	fullCredit   = 256
	moreSteps    = 64 // made at once
	stepSize     = 64 // bytes
	markSize     = 8  // bytes
)

// scan is Record.scan by prediction.
func (s *shapes) scan(r *Record, b []byte) (int, status) {
	if s.off {
		return r.scan(b)
	}
	r.bounds = bounds{}
	left, at, hit := s.follow(r, b)
	if hit {
		s.credit = min(s.credit+1, fullCredit)
		return left, ok
	}
	n, st := r.scan(b)
	if st == ok {
		s.miss(r, b[:n], left, at)
	}
	return n, st
}

// refresh makes ready for another file: what is full or was turned off begins
// anew.
func (s *shapes) refresh() {
	if s.off || s.size > maxShapes {
		*s = shapes{}
	}
}

// miss learns from a record that left the path behind the step at. One with a
// field twice is not learned: that the first one is void shows only behind
// steps that other records may share.
func (s *shapes) miss(r *Record, raw []byte, left int, at *step) {
	if s.credit--; s.credit < -fullCredit {
		*s = shapes{off: true}
		return
	}
	again := s.meet(raw[r.bounds[2*EventName]:r.bounds[2*EventName+1]])
	if again && !r.twice && len(raw) <= maxLearnable && s.size <= maxShapes && at.children() < maxChildren {
		s.learn(raw[left:], at, r.marks(left))
	}
}

// meet says whether a name was met before, or one with the same hash: FNV-1a,
// folded.
func (s *shapes) meet(name []byte) bool {
	h := uint64(0xcbf29ce484222325)
	for _, c := range name {
		h = (h ^ uint64(c)) * 0x100000001b3
	}
	h ^= h >> 32
	word, bit := &s.met[h>>6%64], uint64(1)<<(h%64)
	before := *word&bit != 0
	*word |= bit
	return before
}

// follow goes along a path, and notes the bounds of the fields. It gives where
// the path was left, behind which step, and whether that is the record's end.
func (s *shapes) follow(r *Record, b []byte) (left int, at *step, hit bool) {
	i, at := 0, &s.root
	for {
		next := at.choose(b[i:])
		if next == nil {
			return i, at, false
		}
		at = next
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
			return i, at, true
		}
		if st != ok {
			return i, at, false
		}
	}
}

// choose gives the next step, whose glue b begins with, and moves it to the
// front. No glue is the beginning of another, except where a number is behind
// the shorter one.
func (s *step) choose(b []byte) *step {
	var before *step
	for n := s.child; n != nil; before, n = n, n.sibling {
		if len(b) <= len(n.glue) && n.then != theEnd || !hasPrefix(b, n.glue) {
			continue
		}
		if n.then == aNumber && !isNumberStart(b[len(n.glue)]) {
			continue
		}
		if before != nil {
			before.sibling, n.sibling, s.child = n.sibling, s.child, n
		}
		return n
	}
	return nil
}

func hasPrefix(b []byte, s string) bool { return len(b) >= len(s) && string(b[:len(s)]) == s }

func isNumberStart(c byte) bool { return c == '-' || '0' <= c && c <= '9' }

func (s *step) children() int {
	n := 0
	for c := s.child; c != nil; c = c.sibling {
		n++
	}
	return n
}

// marks gives the bounds from start on, with offsets behind it, in order. They
// are few and nearly so: each is put in its place as it comes.
func (r *Record) marks(start int) []mark {
	marks := make([]mark, 0, len(r.bounds))
	for b, at := range r.bounds {
		if at == 0 || int(at) < start {
			continue
		}
		m := mark{uint8(b), at - uint32(start)}
		marks = append(marks, m)
		i := len(marks) - 1
		for ; i > 0 && marks[i-1].offset > m.offset; i-- {
			marks[i] = marks[i-1]
		}
		marks[i] = m
	}
	return marks
}

// learn adds the path of a record's rest behind the step at.
func (s *shapes) learn(rest []byte, at *step, marks []mark) {
	l := learner{shapes: s, at: at, text: string(rest), marks: marks}
	i := 0
	if at.then == aString {
		i = 1 // behind the closing quote
	}
	for i < len(rest) {
		switch c := rest[i]; {
		case c == '"':
			end, _ := skipString(rest, i+1)
			if after, _ := next(rest, end); rest[after] != ':' { // no key
				l.add(i+1, aString, end-1)
			}
			i = end
		case isNumberStart(c):
			end, _ := skipNumber(rest, i)
			l.add(i, aNumber, end)
			i = end
		default:
			i++
		}
	}
	l.add(len(rest), theEnd, len(rest))
	s.size += len(rest) + markSize*cap(marks)
}

// learner adds the steps of a path. They share one string and one slice.
type learner struct {
	*shapes
	at    *step
	text  string
	start int // in text, of the next step's glue
	marks []mark
}

// add adds the step whose glue ends at end. The next one's begins at next.
func (l *learner) add(end int, then variable, next int) {
	n := 0
	for n < len(l.marks) && int(l.marks[n].offset) <= end {
		l.marks[n].offset -= uint32(l.start)
		n++
	}
	if len(l.spare) == 0 {
		l.spare = make([]step, moreSteps)
		l.size += moreSteps * stepSize
	}
	added := &l.spare[0]
	*added = step{glue: l.text[l.start:end], marks: l.marks[:n:n], sibling: l.at.child, then: then}
	l.at.child = added
	l.at, l.start, l.marks, l.spare = added, next, l.marks[n:], l.spare[1:]
}
