package trail

import "github.com/trailhand/trailhand/pkg/events"

// Concern tells which trail an EventBridge event may have changed, and by what
// call. It is false for calls that failed, calls that only read, other services,
// and other kinds of events. The error is for an event that cannot be read.
func Concern(e events.Envelope) (Ref, Cause, bool, error) { return Ref{}, Cause{}, false, nil }
