package delivery

import (
	"context"
	"errors"

	"github.com/trailhand/trailhand/pkg/events"
)

// Faults that no retry helps against.
var (
	// ErrUnknownShape says that a message is none of the shapes that Messages reads.
	ErrUnknownShape = errors.New("unknown shape")
	// ErrGone says that the object, its version or its bucket does not exist.
	ErrGone = errors.New("the object does not exist")
	// ErrDenied says that reading or writing was refused.
	ErrDenied = errors.New("access denied")
	// ErrOverLimit says that a file has more of something than may be held of one file.
	ErrOverLimit = errors.New("over limit")
)

// Permanent tells faults that will be the same at the next attempt (a damaged
// file, an object that is gone, a refusal) from those that may pass: throttling,
// timeouts, broken connections. What is not known to be permanent may pass.
func Permanent(err error) bool {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return false
	}
	for _, fault := range []error{ErrUnknownShape, ErrGone, ErrDenied, ErrOverLimit} {
		if errors.Is(err, fault) {
			return true
		}
	}
	var damaged *events.FileError
	return errors.As(err, &damaged) && damaged.Fault != events.Unreadable
}
