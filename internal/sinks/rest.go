package sinks

import (
	"bytes"
	"encoding/json"

	"github.com/trailhand/trailhand/pkg/events"
)

// asWritten gives values as JSON, with <, > and & as they are.
func asWritten(value any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(value)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// rest gives the fields of a record without those named, as they were written.
func rest(r *events.Record, without []string) (map[string]json.RawMessage, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(r.Raw(), &fields); err != nil {
		return nil, err
	}
	for _, name := range without {
		delete(fields, name)
	}
	return fields, nil
}
