package pattern

// matches decides on a JSON object; b begins with its brace.
func (o *object) matches(b []byte) bool {
	var few [12][]byte
	values := few[:]
	if len(o.slots) > len(few) {
		values = make([][]byte, len(o.slots))
	}
	eachMember(b, func(key, value []byte) {
		if slot, ok := o.slots[string(key)]; ok {
			values[slot] = value // of a name that occurs twice, the last counts
		}
	})
	return o.group.matches(values)
}

// matchesAbsent decides on an object that is not there: only exists: false
// can hold.
func (o *object) matchesAbsent() bool {
	return o.group.matches(make([][]byte, len(o.slots)))
}

// matches decides on the values of the object's slots; nil is absent.
func (g *group) matches(values [][]byte) bool {
	for i := range g.fields {
		f := &g.fields[i]
		if !f.matches(values[f.slot]) {
			return false
		}
	}
	for _, alternatives := range g.ors {
		if !anyMatches(alternatives, values) {
			return false
		}
	}
	return true
}

func anyMatches(alternatives []group, values [][]byte) bool {
	for i := range alternatives {
		if alternatives[i].matches(values) {
			return true
		}
	}
	return false
}

func (f *fieldPattern) matches(value []byte) bool {
	if f.nested != nil {
		return f.nested.matchesAny(value)
	}
	present, matched := f.leaf.matchesAny(value)
	return matched || f.leaf.absent && !present
}

// matchesAny decides on a value, or on an array whose elements may match. One
// element must meet the whole pattern. What is not an object has no fields.
func (o *object) matchesAny(value []byte) bool {
	switch {
	case len(value) == 0:
		return o.matchesAbsent()
	case value[0] != '[':
		return o.matchesElement(value)
	}
	matched, empty := false, true
	eachElement(value, func(element []byte) bool {
		empty = false
		matched = o.matchesElement(element)
		return !matched
	})
	return matched || empty && o.matchesAbsent()
}

func (o *object) matchesElement(element []byte) bool {
	if element[0] == '{' {
		return o.matches(element)
	}
	return o.matchesAbsent()
}

// matchesAny decides on a value, or on an array of which one element must
// match, and says whether there is any value that is no object.
func (l *leaf) matchesAny(value []byte) (present, matched bool) {
	switch {
	case len(value) == 0 || value[0] == '{':
		return false, false
	case value[0] != '[':
		return true, l.matches(scalarOf(value))
	}
	eachElement(value, func(element []byte) bool {
		p, m := l.matchesAny(element)
		present, matched = present || p, m
		return !matched
	})
	return present, matched
}
