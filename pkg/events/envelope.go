package events

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"
)

// Envelope is what EventBridge puts around an event.
//
// https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html
type Envelope struct {
	Version    string          // version
	ID         string          // id
	DetailType string          // detail-type
	Source     string          // source
	Account    string          // account
	Time       time.Time       // time, RFC 3339, UTC
	Region     string          // region
	Resources  []string        // resources
	Detail     json.RawMessage // detail, as it was written
}

// ParseEnvelope parses an event as EventBridge delivers it. Key names match
// exactly, other keys are ignored, the last of two equal ones counts, and
// what is absent or null stays zero. Detail is a part of b.
func ParseEnvelope(b []byte) (Envelope, error) {
	r, err := Parse(b)
	if err != nil {
		return Envelope{}, fmt.Errorf("parsing an event: %w", err)
	}
	var e Envelope
	for name, value := range members(r.raw) {
		if err := e.set(name, value); err != nil {
			return Envelope{}, fmt.Errorf("parsing an event: %s: %w", name, err)
		}
	}
	return e, nil
}

// set takes over one key.
func (e *Envelope) set(name string, value json.RawMessage) error {
	switch name {
	case "version":
		return json.Unmarshal(value, &e.Version)
	case "id":
		return json.Unmarshal(value, &e.ID)
	case "detail-type":
		return json.Unmarshal(value, &e.DetailType)
	case "source":
		return json.Unmarshal(value, &e.Source)
	case "account":
		return json.Unmarshal(value, &e.Account)
	case "time":
		return json.Unmarshal(value, &e.Time)
	case "region":
		return json.Unmarshal(value, &e.Region)
	case "resources":
		return json.Unmarshal(value, &e.Resources)
	case "detail":
		e.Detail = value
	}
	return nil
}

// members gives the keys and values of an object that has been scanned, the
// last of equal keys. The values are parts of b.
func members(b []byte) map[string]json.RawMessage {
	m := make(map[string]json.RawMessage)
	eachMember(b, func(key, value []byte) bool {
		name, _ := unescape(nil, key)
		m[string(name)] = value[:len(value):len(value)]
		return true
	})
	return m
}

// Encode gives the envelope as EventBridge writes it, with Detail byte for
// byte. An empty Detail becomes {}.
func (e Envelope) Encode() ([]byte, error) {
	detail, resources := e.Detail, e.Resources
	if len(detail) == 0 {
		detail = json.RawMessage("{}")
	}
	if resources == nil {
		resources = []string{}
	}
	out := []byte("{")
	for _, m := range [...]struct {
		name  string
		value any
	}{
		{"version", e.Version}, {"id", e.ID}, {"detail-type", e.DetailType}, {"source", e.Source},
		{"account", e.Account}, {"time", e.Time.UTC().Format(time.RFC3339)}, {"region", e.Region},
		{"resources", resources},
	} {
		value, err := plainJSON(m.value)
		if err != nil {
			return nil, fmt.Errorf("encoding %s: %w", m.name, err)
		}
		out = fmt.Appendf(out, "%q:%s,", m.name, value)
	}
	return fmt.Appendf(out, `"detail":%s}`, detail), nil
}

// MarshalJSON is Encode for json.Marshal, which compacts Detail and escapes
// <, > and & in it.
func (e Envelope) MarshalJSON() ([]byte, error) { return e.Encode() }

// plainJSON is json.Marshal without escapes for HTML.
func plainJSON(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}
