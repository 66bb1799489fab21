package pattern

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
)

// object is a pattern for a JSON object. A group says what must hold; slots
// number the names that it and its alternatives speak of, so that an event's
// object is looked through once.
type object struct {
	slots map[string]int
	group group
}

// group holds when all its fields do and, of each $or, one alternative does.
type group struct {
	fields []fieldPattern
	ors    [][]group
}

// fieldPattern is what one field must be: an object, or a leaf value.
type fieldPattern struct {
	slot   int
	nested *object
	leaf   *leaf
}

func decode(raw []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("more than one JSON value")
	}
	return v, nil
}

func compileObject(path string, fields map[string]any) (object, error) {
	o := object{slots: map[string]int{}}
	g, err := o.compileGroup(path, fields)
	o.group = g
	return o, err
}

func (o *object) compileGroup(path string, fields map[string]any) (group, error) {
	var g group
	if len(fields) == 0 {
		return g, &InvalidError{path, "empty objects are not allowed"}
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		at := join(path, name)
		var err error
		if name == "$or" {
			err = o.compileOr(&g, at, fields[name])
		} else {
			err = o.compileField(&g, at, name, fields[name])
		}
		if err != nil {
			return g, err
		}
	}
	return g, nil
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// compileOr reads alternatives; their fields are those of the object that $or
// stands in.
func (o *object) compileOr(g *group, at string, value any) error {
	list, ok := value.([]any)
	if !ok || len(list) < 2 {
		return &InvalidError{at, "$or takes an array of at least two objects"}
	}
	var alternatives []group
	for i, v := range list {
		where := fmt.Sprintf("%s[%d]", at, i)
		fields, ok := v.(map[string]any)
		if !ok {
			return &InvalidError{where, "an alternative of $or is an object"}
		}
		a, err := o.compileGroup(where, fields)
		if err != nil {
			return err
		}
		alternatives = append(alternatives, a)
	}
	g.ors = append(g.ors, alternatives)
	return nil
}

func (o *object) compileField(g *group, at, name string, value any) error {
	f := fieldPattern{slot: o.slot(name)}
	switch v := value.(type) {
	case map[string]any:
		nested, err := compileObject(at, v)
		if err != nil {
			return err
		}
		f.nested = &nested
	case []any:
		leaf, err := compileLeaf(at, v)
		if err != nil {
			return err
		}
		f.leaf = leaf
	default:
		return &InvalidError{at, "a field's pattern is an object or an array"}
	}
	g.fields = append(g.fields, f)
	return nil
}

func (o *object) slot(name string) int {
	i, ok := o.slots[name]
	if !ok {
		i = len(o.slots)
		o.slots[name] = i
	}
	return i
}
