package wire

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"time"
)

// Marshal encodes an SDK struct as the service sends it: exact field names,
// times in epoch seconds, bytes in base64. Nil pointers, slices and maps, empty
// enums and ResultMetadata are left out; empty slices and maps are kept.
func Marshal(v any) ([]byte, error) {
	tree, err := Tree(v, wireName, epoch)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(tree); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// wireName gives the name that a field of an SDK struct has on the wire: its
// own, but for a few that begin with a small letter there.
func wireName(owner reflect.Type, field string) string {
	small := string(field[0]|0x20) + field[1:]
	switch owner.Name() {
	case "DescribeTrailsInput", "DescribeTrailsOutput": // CloudTrail
		return small
	case "CapacityProviderStrategyItem", "NetworkConfiguration", "PlacementConstraint", "PlacementStrategy": // EventBridge
		return small
	case "CreateQueueInput", "ListDeadLetterSourceQueuesOutput": // SQS
		if field == "Tags" || field == "QueueUrls" {
			return small
		}
	}
	return field
}

// epoch gives a time as the protocol sends it: seconds, with milliseconds
// where there are any.
func epoch(t time.Time) any {
	ms := t.UnixMilli()
	if ms%1000 == 0 {
		return json.Number(fmt.Sprint(ms / 1000))
	}
	return json.Number(fmt.Sprintf("%.3f", float64(ms)/1000))
}

// Tree turns an SDK struct, or maps and slices of such, into maps, slices and
// scalars that encoding/json writes as they are. name gives a field's name (""
// leaves the field out), and when gives the form of a time.
func Tree(v any, name func(owner reflect.Type, field string) string, when func(time.Time) any) (any, error) {
	e := encoder{name: name, when: when}
	return e.value(reflect.ValueOf(v))
}

type encoder struct {
	name func(reflect.Type, string) string
	when func(time.Time) any
}

func (e encoder) value(v reflect.Value) (any, error) {
	if !v.IsValid() {
		return nil, nil
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		return e.value(v.Elem())
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			return e.when(v.Interface().(time.Time)), nil
		}
		object := map[string]any{}
		return object, e.fields(v, object)
	case reflect.Slice:
		return e.slice(v)
	case reflect.Map:
		return e.mapping(v)
	case reflect.Float32, reflect.Float64:
		return float(v.Float())
	case reflect.String:
		return v.String(), nil
	case reflect.Bool:
		return v.Bool(), nil
	case reflect.Int, reflect.Int32, reflect.Int64:
		return v.Int(), nil
	}
	return nil, fmt.Errorf("a %s has no form in JSON", v.Type())
}

// fields puts a struct's fields into object, an embedded struct's among them:
// it comes first, and a field that is declared anew after it hides its own.
func (e encoder) fields(v reflect.Value, object map[string]any) error {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if !f.IsExported() || f.Name == "ResultMetadata" {
			continue
		}
		if f.Anonymous {
			if err := e.fields(v.Field(i), object); err != nil {
				return err
			}
			continue
		}
		name := e.name(v.Type(), f.Name)
		if name == "" {
			continue
		}
		if absent(v.Field(i)) {
			delete(object, name)
			continue
		}
		value, err := e.value(v.Field(i))
		if err != nil {
			return fmt.Errorf("%s: %w", f.Name, err)
		}
		object[name] = value
	}
	return nil
}

// absent reports whether a member was not given. Enums are the SDK's only
// plain strings, and an empty one is no value of any enum.
func absent(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map, reflect.Interface:
		return v.IsNil()
	case reflect.String:
		return v.Len() == 0
	}
	return false
}

func (e encoder) slice(v reflect.Value) (any, error) {
	if v.Type() == reflect.TypeFor[json.RawMessage]() {
		return v.Interface(), nil
	}
	if v.Type().Elem().Kind() == reflect.Uint8 {
		return base64.StdEncoding.EncodeToString(v.Bytes()), nil
	}
	list := make([]any, v.Len())
	for i := range list {
		item, err := e.value(v.Index(i))
		if err != nil {
			return nil, fmt.Errorf("[%d]: %w", i, err)
		}
		list[i] = item
	}
	return list, nil
}

func (e encoder) mapping(v reflect.Value) (any, error) {
	object := make(map[string]any, v.Len())
	for it := v.MapRange(); it.Next(); {
		item, err := e.value(it.Value())
		if err != nil {
			return nil, fmt.Errorf("[%q]: %w", it.Key(), err)
		}
		object[it.Key().String()] = item
	}
	return object, nil
}

// float gives a number, or the strings that the protocol has for what JSON lacks.
func float(f float64) (any, error) {
	switch {
	case math.IsNaN(f):
		return "NaN", nil
	case math.IsInf(f, 1):
		return "Infinity", nil
	case math.IsInf(f, -1):
		return "-Infinity", nil
	}
	return f, nil
}
