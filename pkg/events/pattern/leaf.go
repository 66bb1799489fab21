package pattern

import (
	"encoding/json"
	"fmt"
)

// leaf is the alternatives for the value of a field that is no object.
type leaf struct {
	strings map[string]bool // exact strings
	others  []matcher
	absent  bool // {"exists": false}
}

// matcher decides on one scalar of an event.
type matcher interface{ matches(v scalar) bool }

func compileLeaf(path string, alternatives []any) (*leaf, error) {
	if len(alternatives) == 0 {
		return nil, &InvalidError{path, "empty arrays are not allowed"}
	}
	l := &leaf{strings: map[string]bool{}}
	for i, a := range alternatives {
		if err := l.add(fmt.Sprintf("%s[%d]", path, i), a); err != nil {
			return nil, err
		}
	}
	return l, nil
}

func (l *leaf) add(path string, alternative any) error {
	switch v := alternative.(type) {
	case string:
		l.strings[v] = true
	case json.Number:
		l.others = append(l.others, exactNumber{numberOf([]byte(v))})
	case bool:
		l.others = append(l.others, exactLiteral(fmt.Sprint(v)))
	case nil:
		l.others = append(l.others, exactLiteral("null"))
	case map[string]any:
		return l.addExpression(path, v)
	default:
		return &InvalidError{path, "an array in an array is not allowed"}
	}
	return nil
}

func (l *leaf) addExpression(path string, expression map[string]any) error {
	if len(expression) != 1 {
		return &InvalidError{path, "a match expression has exactly one key"}
	}
	for name, value := range expression {
		at := join(path, name)
		if name == "exists" {
			return l.addExists(at, value)
		}
		m, err := compileExpression(at, name, value)
		if err != nil {
			return err
		}
		l.others = append(l.others, m)
	}
	return nil
}

func (l *leaf) addExists(path string, value any) error {
	exists, ok := value.(bool)
	if !ok {
		return &InvalidError{path, "exists takes true or false"}
	}
	if exists {
		l.others = append(l.others, anyValue{})
	} else {
		l.absent = true
	}
	return nil
}

// matches decides on a scalar of the event.
func (l *leaf) matches(v scalar) bool {
	if v.kind == isString && l.strings[string(v.text)] {
		return true
	}
	for _, m := range l.others {
		if m.matches(v) {
			return true
		}
	}
	return false
}
