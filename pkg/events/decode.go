package events

import "encoding/json"

// Event is a decoded record.
type Event struct {
	EventVersion string
	// Unknown holds the fields that have no name here, as written.
	Unknown map[string]json.RawMessage
}
