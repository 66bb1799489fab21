package events

import "encoding/json"

// Event is a decoded record.
type Event struct {
	EventVersion string
	// Unknown holds the fields that have no name here, as written.
	Unknown map[string]json.RawMessage
}

// Decode gives all fields of the record.
func (r *Record) Decode() (*Event, error) { return &Event{Unknown: members(r.raw)}, nil }
