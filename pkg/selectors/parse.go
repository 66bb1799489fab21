package selectors

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
)

// Parse reads the JSON of PutEventSelectors or GetEventSelectors, an object
// with EventSelectors or AdvancedEventSelectors; TrailName and TrailARN may
// stand beside them. Names must match exactly, and unknown ones are errors;
// every problem is reported, with its place. The rules of CloudTrail are for
// [Set.Validate].
func Parse(raw []byte) (Set, error) {
	var s Set
	var r reader
	r.object("", raw, members{
		"EventSelectors":         list(&s.Basic, (*Basic).members),
		"AdvancedEventSelectors": list(&s.Advanced, (*Advanced).members),
		"TrailName":              ignore,
		"TrailARN":               ignore,
	})
	return s, errors.Join(r.problems...)
}

func (b *Basic) members() members {
	return members{
		"ReadWriteType":                 value(&b.ReadWriteType, "a string"),
		"IncludeManagementEvents":       value(&b.IncludeManagementEvents, "true or false"),
		"DataResources":                 list(&b.DataResources, (*DataResource).members),
		"ExcludeManagementEventSources": value(&b.ExcludeManagementEventSources, "an array of strings"),
	}
}

func (d *DataResource) members() members {
	return members{
		"Type":   value(&d.Type, "a string"),
		"Values": value(&d.Values, "an array of strings"),
	}
}

func (a *Advanced) members() members {
	return members{
		"Name":           value(&a.Name, "a string"),
		"FieldSelectors": list(&a.FieldSelectors, (*FieldSelector).members),
	}
}

func (f *FieldSelector) members() members {
	m := members{"Field": value(&f.Field, "a string")}
	for i, operator := range operatorNames() {
		m[operator] = value(f.lists()[i], "an array of strings")
	}
	return m
}

// members says how each member of a JSON object is read.
type members map[string]read

// read takes the JSON at a place.
type read func(r *reader, where string, raw json.RawMessage)

// reader collects problems. It exists because encoding/json takes names in any
// case: "equals" would do for "Equals".
type reader struct{ problems []error }

func (r *reader) add(where, message string) {
	if where == "" {
		where = "selectors"
	}
	r.problems = append(r.problems, fmt.Errorf("%s: %s", where, message))
}

func (r *reader) object(where string, raw json.RawMessage, known members) {
	var found map[string]json.RawMessage
	if err := json.Unmarshal(raw, &found); err != nil || found == nil {
		r.add(where, "must be an object")
		return
	}
	for _, name := range slices.Sorted(maps.Keys(found)) {
		at := name
		if where != "" {
			at = where + "." + name
		}
		read, ok := known[name]
		switch {
		case !ok:
			r.add(at, "unknown name")
		case string(found[name]) != "null":
			read(r, at, found[name])
		}
	}
}

func ignore(*reader, string, json.RawMessage) {}

// value reads a string, boolean or array of strings.
func value[T any](to *T, shape string) read {
	return func(r *reader, where string, raw json.RawMessage) {
		if err := json.Unmarshal(raw, to); err != nil {
			r.add(where, "must be "+shape)
		}
	}
}

// list reads an array of objects.
func list[T any](to *[]T, membersOf func(*T) members) read {
	return func(r *reader, where string, raw json.RawMessage) {
		var elements []json.RawMessage
		if err := json.Unmarshal(raw, &elements); err != nil {
			r.add(where, "must be an array")
			return
		}
		*to = make([]T, len(elements))
		for i, e := range elements {
			r.object(fmt.Sprintf("%s[%d]", where, i), e, membersOf(&(*to)[i]))
		}
	}
}
