package events

import (
	"encoding/json"
	"reflect"
)

// Decode gives all fields of the record. It never fails: see Event for what
// becomes of odd values. The free JSON in it is a part of Raw.
func (r *Record) Decode() *Event {
	var e Event
	if len(r.raw) > 0 {
		decodeObject(r.raw, reflect.ValueOf(&e).Elem())
	}
	return &e
}

// decodeObject fills a struct from an object that has been scanned. Names
// match exactly; what has no field, or does not fit it, goes to Unknown.
func decodeObject(b []byte, into reflect.Value) {
	all := members(b)
	for i := range into.NumField() {
		name, known := into.Type().Field(i).Tag.Lookup("json")
		if value, found := all[name]; known && found && decodeValue(value, into.Field(i)) {
			delete(all, name)
		}
	}
	if len(all) > 0 {
		into.FieldByName("Unknown").Set(reflect.ValueOf(all))
	}
}

// decodeValue fills one field, and says whether the value fits. null fits all.
func decodeValue(b []byte, into reflect.Value) bool {
	if b[0] == 'n' {
		return true
	}
	switch field := into.Addr().Interface().(type) {
	case *json.RawMessage:
		*field = b
		return true
	case *json.Number:
		if b[0] != '-' && (b[0] < '0' || b[0] > '9') {
			return false
		}
		*field = json.Number(b)
		return true
	case *string:
		s := text(b)
		*field = string(s)
		return s != nil
	case **bool:
		return decodeBool(b, field)
	}
	switch into.Kind() {
	case reflect.Pointer:
		return decodePointer(b, into)
	default:
		return decodeSlice(b, into)
	}
}

// decodeBool takes true and false, as literals or as strings.
func decodeBool(b []byte, into **bool) bool {
	s := string(text(b))
	if s != "true" && s != "false" {
		return false
	}
	value := s == "true"
	*into = &value
	return true
}

func decodePointer(b []byte, into reflect.Value) bool {
	if b[0] != '{' {
		return false
	}
	into.Set(reflect.New(into.Type().Elem()))
	decodeObject(b, into.Elem())
	return true
}

// decodeSlice fills a slice of structs, if every element is an object.
func decodeSlice(b []byte, into reflect.Value) bool {
	if b[0] != '[' {
		return false
	}
	all := reflect.MakeSlice(into.Type(), 0, 0)
	fits := true
	eachElement(b, func(element []byte) bool {
		if fits = element[0] == '{'; fits {
			s := reflect.New(into.Type().Elem()).Elem()
			decodeObject(element, s)
			all = reflect.Append(all, s)
		}
		return fits
	})
	if fits {
		into.Set(all)
	}
	return fits
}
