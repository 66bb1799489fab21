package events

import (
	"bytes"
	"fmt"
	"time"
)

// Record is one CloudTrail record: its exact bytes and where its fields are.
// The zero Record has no bytes and no fields.
type Record struct {
	raw    []byte
	bounds bounds
	twice  bool // a field occurs twice, as far as scan saw it
}

// Parse reads one complete JSON object, with white space around it or not.
// The Record keeps raw. The error is a *RecordError.
func Parse(raw []byte) (Record, error) {
	var r Record
	start := skipSpace(raw, 0)
	if start == len(raw) || raw[start] != '{' {
		return Record{}, &RecordError{Fault: NotObject, Err: errNoObject}
	}
	b := raw[start:]
	end, st := r.scan(b)
	if st != ok {
		return Record{}, recordError(0, 0, b, end, st)
	}
	if rest := skipSpace(b, end); rest < len(b) {
		return Record{}, recordError(0, 0, b, rest, malformed)
	}
	r.raw = b[:end]
	return r, nil
}

// Raw gives the record's exact bytes.
func (r *Record) Raw() []byte { return r.raw }

// value gives the JSON of a field; empty if absent or null.
func (r *Record) value(f Field) []byte {
	return r.raw[r.bounds[2*f]:r.bounds[2*f+1]]
}

// Text gives the unescaped text of a string field, or the literal of a number
// or boolean; nil if the field is absent or null, or an object or array where
// a text should be. Of Resources and InsightDetails it gives the JSON. It
// allocates only when the string is escaped or not UTF-8. The text is valid as
// long as the record and must not be changed.
func (r *Record) Text(f Field) []byte {
	v := r.value(f)
	if f == Resources || f == InsightDetails {
		if len(v) == 0 {
			return nil
		}
		return v
	}
	return text(v)
}

// String is Text as a string.
func (r *Record) String(f Field) string { return string(r.Text(f)) }

// Time parses eventTime: RFC 3339, in CloudTrail always UTC and whole seconds.
func (r *Record) Time() (time.Time, error) {
	s := r.Text(EventTime)
	if s == nil {
		return time.Time{}, fmt.Errorf("record has no eventTime")
	}
	t, err := time.Parse(time.RFC3339, string(s))
	if err != nil {
		return time.Time{}, fmt.Errorf("eventTime %q is no time: %w", s, err)
	}
	return t, nil
}

// EachResource calls visit with the type and ARN of each object in resources,
// until it answers false. One that is absent is nil. Both may be overwritten
// by the next call. The names are "type" and "ARN"; "accountId" of resources
// is left to Decode.
func (r *Record) EachResource(visit func(typ, arn []byte) bool) {
	b := r.value(Resources)
	if len(b) == 0 || b[0] != '[' {
		return
	}
	eachElement(b, func(element []byte) bool {
		if element[0] != '{' {
			return true
		}
		return visit(resource(element))
	})
}

// resource gives the texts of type and ARN in one element of resources.
func resource(b []byte) (typ, arn []byte) {
	eachMember(b, func(key, value []byte) bool {
		name, _ := unescape(nil, key)
		switch string(name) {
		case "type":
			typ = text(value)
		case "ARN":
			arn = text(value)
		}
		return true
	})
	return typ, arn
}

// eachMember calls visit with the inside of each key of an object that has
// been scanned, and with its value, until it answers false.
func eachMember(b []byte, visit func(key, value []byte) bool) {
	for i := skipSpace(b, 1); b[i] != '}'; {
		keyEnd, _ := skipString(b, i+1)
		start, _ := skipColon(b, keyEnd)
		end, _ := skipValue(b, start, 0)
		if !visit(b[i+1:keyEnd-1], b[start:end]) {
			return
		}
		i = skipSpace(b, end)
		if b[i] == ',' {
			i = skipSpace(b, i+1)
		}
	}
}

// eachElement calls visit with each element of an array that has been scanned,
// until it answers false.
func eachElement(b []byte, visit func(element []byte) bool) {
	for i := skipSpace(b, 1); b[i] != ']'; {
		end, _ := skipValue(b, i, 0)
		if !visit(b[i:end]) {
			return
		}
		i = skipSpace(b, end)
		if b[i] == ',' {
			i = skipSpace(b, i+1)
		}
	}
}

// Clone gives a record that stays valid when the reader goes on.
func (r *Record) Clone() Record {
	c := *r
	c.raw = bytes.Clone(r.raw)
	return c
}
