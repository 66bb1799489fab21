package trail

import (
	"context"
	"fmt"
	"time"
)

// Fault is an exception that CloudTrail answered.
type Fault struct {
	Operation string // StartLogging
	Code      string // ThrottlingException
	Message   string
}

// Error gives operation, code and CloudTrail's message.
func (f *Fault) Error() string { return fmt.Sprintf("%s: %s: %s", f.Operation, f.Code, f.Message) }

// Backoff is how calls that are throttled are tried again.
type Backoff struct {
	// Attempts is how often a call is made at most; 0 is 6.
	Attempts int
	// Base doubles with each attempt up to Cap; 0 are 200 ms and 5 s.
	Base, Cap time.Duration
	// Sleep waits, or returns the context's error.
	Sleep func(context.Context, time.Duration) error
	// Jitter gives the part of the delay that is waited, in [0, 1).
	Jitter func() float64
}
