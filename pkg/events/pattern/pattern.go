// Package pattern matches events with EventBridge event patterns.
package pattern

import "errors"

// Pattern is a compiled event pattern. Several goroutines may use it at once.
type Pattern struct{}

// Compile reads an event pattern.
func Compile(raw []byte) (*Pattern, error) { return nil, errors.New("not an event pattern") }

// Match says whether an event, one JSON object, matches.
func (p *Pattern) Match(event []byte) (bool, error) { return false, nil }
