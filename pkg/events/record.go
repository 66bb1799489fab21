package events

import (
	"errors"
	"time"
)

// Record is one CloudTrail record: its exact bytes and where its fields are.
type Record struct {
	raw []byte
}

var errTODO = errors.New("not written yet")

// Parse reads one complete JSON object.
func Parse(raw []byte) (Record, error) { return Record{raw: raw}, errTODO }

// Raw gives the record's exact bytes.
func (r *Record) Raw() []byte { return r.raw }

// Text gives the unescaped text of a string field, or the literal of a number
// or boolean; nil if the field is absent or null. It allocates only when the
// string is escaped.
func (r *Record) Text(f Field) []byte { return nil }

// String is Text as a string.
func (r *Record) String(f Field) string { return string(r.Text(f)) }

// Category gives the kind of event.
func (r *Record) Category() Category { return Management }

// Time parses eventTime.
func (r *Record) Time() (time.Time, error) { return time.Time{}, errTODO }

// EachResource calls visit with the type and ARN of each element of resources,
// until it answers false.
func (r *Record) EachResource(visit func(typ, arn []byte) bool) {}

// Clone gives a record that stays valid when the reader goes on.
func (r *Record) Clone() Record { return *r }

// Decode gives all fields of the record.
func (r *Record) Decode() (*Event, error) { return nil, errTODO }
