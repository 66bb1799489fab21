package pattern

import (
	"encoding/json"
	"errors"
	"fmt"
)

// Pattern is a compiled event pattern. Several goroutines may use it at once.
type Pattern struct{ root object }

// InvalidError is what is wrong with an event pattern.
type InvalidError struct {
	Path   string // as in "detail.eventName[1]"; empty for the whole pattern
	Reason string
}

func (e *InvalidError) Error() string {
	if e.Path == "" {
		return "invalid event pattern: " + e.Reason
	}
	return fmt.Sprintf("invalid event pattern: %s: %s", e.Path, e.Reason)
}

// errEvent is the cause when Match is given something that is no event.
var errEvent = errors.New("event is not a JSON object")

// Compile reads an event pattern. The error is an [*InvalidError].
func Compile(raw []byte) (*Pattern, error) {
	v, err := decode(raw)
	if err != nil {
		return nil, &InvalidError{Reason: err.Error()}
	}
	fields, ok := v.(map[string]any)
	if !ok {
		return nil, &InvalidError{Reason: "an event pattern is a JSON object"}
	}
	root, err := compileObject("", fields)
	if err != nil {
		return nil, err
	}
	return &Pattern{root}, nil
}

// Match says whether an event, one JSON object, matches the pattern. The time
// is linear in the length of the event. The error says that the event is not
// a JSON object.
func (p *Pattern) Match(event []byte) (bool, error) {
	if !json.Valid(event) {
		return false, errEvent
	}
	start := skipSpace(event, 0)
	if event[start] != '{' {
		return false, errEvent
	}
	return p.root.matches(event[start:]), nil
}
