package wire

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"time"
)

// Unmarshal decodes a request's body into an SDK struct. Names match exactly,
// members that the struct lacks are ignored, null is an absent member. What
// cannot be decoded gives a *Fault SerializationException.
func Unmarshal(body []byte, into any) error {
	if !json.Valid(body) {
		return malformed("", "the request body is not valid JSON")
	}
	return decode(body, reflect.ValueOf(into).Elem(), "")
}

// malformed is the fault for a body, or for the member of it that path names.
func malformed(path, problem string) *Fault {
	if path != "" {
		problem = path + ": " + problem
	}
	return &Fault{Code: "SerializationException", Message: problem}
}

func decode(raw json.RawMessage, v reflect.Value, path string) error {
	raw = bytes.TrimSpace(raw)
	if string(raw) == "null" {
		return nil
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		return decode(raw, v.Elem(), path)
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			return decodeTime(raw, v, path)
		}
		return decodeStruct(raw, v, path)
	case reflect.Slice:
		return decodeSlice(raw, v, path)
	case reflect.Map:
		return decodeMap(raw, v, path)
	case reflect.Float32, reflect.Float64:
		return decodeFloat(raw, v, path)
	case reflect.String, reflect.Bool, reflect.Int, reflect.Int32, reflect.Int64:
		return decodeScalar(raw, v, path)
	}
	return fmt.Errorf("decoding %s: a %s has no form in JSON", path, v.Type())
}

// mismatch is the fault for JSON of one type where another is wanted.
func mismatch(raw json.RawMessage, path, want string) *Fault {
	return malformed(path, kindOf(raw)+" can not be converted to "+want)
}

// kindOf names the type of a JSON value as the services do.
func kindOf(raw json.RawMessage) string {
	switch raw[0] {
	case '{':
		return "START_OBJECT"
	case '[':
		return "START_ARRAY"
	case '"':
		return "STRING_VALUE"
	case 't':
		return "TRUE_VALUE"
	case 'f':
		return "FALSE_VALUE"
	}
	return "NUMBER_VALUE"
}

func decodeScalar(raw json.RawMessage, v reflect.Value, path string) error {
	if json.Unmarshal(raw, v.Addr().Interface()) != nil {
		return mismatch(raw, path, scalarName(v.Kind()))
	}
	return nil
}

func scalarName(k reflect.Kind) string {
	switch k {
	case reflect.String:
		return "String"
	case reflect.Bool:
		return "Boolean"
	case reflect.Int64:
		return "Long"
	}
	return "Integer"
}

func decodeFloat(raw json.RawMessage, v reflect.Value, path string) error {
	switch string(raw) {
	case `"NaN"`:
		v.SetFloat(math.NaN())
		return nil
	case `"Infinity"`:
		v.SetFloat(math.Inf(1))
		return nil
	case `"-Infinity"`:
		v.SetFloat(math.Inf(-1))
		return nil
	}
	if json.Unmarshal(raw, v.Addr().Interface()) != nil {
		return mismatch(raw, path, "Double")
	}
	return nil
}

// latest is the last second that a four-digit year can name.
const latest = 253402300799

func decodeTime(raw json.RawMessage, v reflect.Value, path string) error {
	seconds, err := strconv.ParseFloat(string(raw), 64)
	if err != nil || seconds < 0 || seconds > latest {
		return mismatch(raw, path, "Timestamp")
	}
	v.Set(reflect.ValueOf(time.UnixMilli(int64(math.Round(seconds * 1000))).UTC()))
	return nil
}

func decodeStruct(raw json.RawMessage, v reflect.Value, path string) error {
	var members map[string]json.RawMessage
	if raw[0] != '{' || json.Unmarshal(raw, &members) != nil {
		return mismatch(raw, path, "a structure")
	}
	return decodeMembers(members, v, path)
}

func decodeMembers(members map[string]json.RawMessage, v reflect.Value, path string) error {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		switch {
		case !f.IsExported() || f.Name == "ResultMetadata":
			continue
		case f.Anonymous:
			if err := decodeMembers(members, v.Field(i), path); err != nil {
				return err
			}
			continue
		}
		name := wireName(v.Type(), f.Name)
		member, given := members[name]
		if !given {
			continue
		}
		if err := decode(member, v.Field(i), join(path, name)); err != nil {
			return err
		}
	}
	return nil
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

func decodeSlice(raw json.RawMessage, v reflect.Value, path string) error {
	if v.Type().Elem().Kind() == reflect.Uint8 {
		return decodeBytes(raw, v, path)
	}
	var items []json.RawMessage
	if raw[0] != '[' || json.Unmarshal(raw, &items) != nil {
		return mismatch(raw, path, "a list")
	}
	list := reflect.MakeSlice(v.Type(), len(items), len(items))
	for i, item := range items {
		if err := decode(item, list.Index(i), fmt.Sprintf("%s[%d]", path, i)); err != nil {
			return err
		}
	}
	v.Set(list)
	return nil
}

func decodeBytes(raw json.RawMessage, v reflect.Value, path string) error {
	var text string
	if json.Unmarshal(raw, &text) != nil {
		return mismatch(raw, path, "Blob")
	}
	b, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return malformed(path, "not valid base64")
	}
	v.SetBytes(b)
	return nil
}

func decodeMap(raw json.RawMessage, v reflect.Value, path string) error {
	var members map[string]json.RawMessage
	if raw[0] != '{' || json.Unmarshal(raw, &members) != nil {
		return mismatch(raw, path, "a map")
	}
	m := reflect.MakeMapWithSize(v.Type(), len(members))
	for key, member := range members {
		item := reflect.New(v.Type().Elem()).Elem()
		if err := decode(member, item, fmt.Sprintf("%s[%q]", path, key)); err != nil {
			return err
		}
		m.SetMapIndex(reflect.ValueOf(key).Convert(v.Type().Key()), item)
	}
	v.Set(m)
	return nil
}
