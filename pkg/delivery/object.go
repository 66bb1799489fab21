package delivery

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// object is a JSON object whose keys match exactly; encoding/json would take
// "eventname" for "eventName" in a struct, and does not in a map.
type object struct {
	raw    string
	fields map[string]json.RawMessage
}

func parseObject(b []byte) (object, error) {
	o := object{raw: string(b)}
	if err := json.Unmarshal(b, &o.fields); err != nil {
		return o, fmt.Errorf("%w: %s: %w", ErrUnknownShape, excerpt(o.raw), err)
	}
	if o.fields == nil {
		return o, fmt.Errorf("%w: null", ErrUnknownShape)
	}
	return o, nil
}

func (o object) has(key string) bool { return o.fields[key] != nil }

func (o object) isString(key string) bool { return strings.HasPrefix(string(o.fields[key]), `"`) }

// text gives a string field, empty if it is absent or something else.
func (o object) text(key string) string {
	var s string
	if json.Unmarshal(o.fields[key], &s) != nil {
		return ""
	}
	return s
}

func (o object) object(key string) (object, error) {
	inner, err := parseObject(o.fields[key])
	if err != nil {
		return inner, fmt.Errorf("%w: %q is no object in %s", ErrUnknownShape, key, o)
	}
	return inner, nil
}

// list gives the elements of an array, unread: one bad element must not stop
// the others.
func (o object) list(key string) ([]json.RawMessage, error) {
	var all []json.RawMessage
	if err := json.Unmarshal(o.fields[key], &all); err != nil || all == nil {
		return nil, fmt.Errorf("%w: %q is no array in %s", ErrUnknownShape, key, o)
	}
	return all, nil
}

func (o object) strings(key string) ([]string, error) {
	var all []string
	if err := json.Unmarshal(o.fields[key], &all); err != nil {
		return nil, fmt.Errorf("%w: %q is no array of strings in %s", ErrUnknownShape, key, o)
	}
	return all, nil
}

// numbers gives an array of whole numbers; nil if it is absent.
func (o object) numbers(key string) ([]int, error) {
	var all []int
	if o.has(key) && json.Unmarshal(o.fields[key], &all) != nil {
		return nil, fmt.Errorf("%w: %q is no array of whole numbers in %s", ErrUnknownShape, key, o)
	}
	return all, nil
}

// String names the object by its keys.
func (o object) String() string {
	const most = 10
	keys := slices.Sorted(maps.Keys(o.fields))
	more := ""
	if len(keys) > most {
		keys, more = keys[:most], ", …"
	}
	for i, key := range keys {
		keys[i] = excerpt(key)
	}
	return "an object with keys " + strings.Join(keys, ", ") + more
}

func unknown(o object) error { return fmt.Errorf("%w: %s", ErrUnknownShape, o) }

// excerpt shortens and quotes text of unknown origin.
func excerpt(s string) string {
	const most = 100
	if len(s) <= most {
		return strconv.Quote(s)
	}
	return strconv.Quote(strings.ToValidUTF8(s[:most], "")) + "…"
}
