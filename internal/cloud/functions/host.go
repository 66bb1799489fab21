// Package functions runs Lambda functions in the process: asynchronous
// invocations with retries, SQS event source mappings and schedules, with the
// payloads exactly as Lambda hands them over.
package functions

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/trailhand/trailhand/internal/cloud/queues"
	"github.com/trailhand/trailhand/internal/cloud/template"
)

// Function makes the handler of a function from its environment, as the
// deployed main does. A handler that is also an io.Closer is closed with the
// host: that is how a process behind the Runtime API can be a Function.
type Function func(ctx context.Context, env map[string]string) (lambda.Handler, error)

// Config is what a host needs.
type Config struct {
	Wiring    *template.Wiring
	Functions map[string]Function // by the template's logical id
	// Environment adds to the template's variables what Lambda itself sets:
	// AWS_REGION, the credentials of the function's role, and AWS_ENDPOINT_URL.
	Environment func(template.Function) map[string]string
	Queues      *queues.Queues
	Timers      bool // schedules fire by themselves; else only by Fire
	// RetryAfter is the pause after the given failed attempt (1, 2, …). Nil: as
	// Lambda does, 1 and 2 minutes, and the visibility timeout of a queue.
	RetryAfter func(attempt int) time.Duration
	Now        func() time.Time
	Log        *slog.Logger
}

// Host runs the functions of one template.
type Host struct{}

var errNotYet = errors.New("functions: not yet")

// New checks that wiring and functions fit each other. Nothing runs yet.
func New(cfg Config) (*Host, error) { return nil, errNotYet }

// Start makes every function's handler, and starts pollers and timers.
func (h *Host) Start(ctx context.Context) error { return errNotYet }

// Invoke runs a function (by logical id, name or ARN) and returns its answer.
func (h *Host) Invoke(ctx context.Context, function string, payload []byte) ([]byte, error) {
	return nil, errNotYet
}

// InvokeAsync accepts an event for a function; it is retried as Lambda does.
func (h *Host) InvokeAsync(function string, payload []byte) error { return errNotYet }

// Fire invokes the function of a schedule (by the schedule's logical id), asynchronously.
func (h *Host) Fire(schedule string) error { return errNotYet }

// Idle waits until no invocation is running or waiting for a retry, and no
// queue with a mapping has a message.
func (h *Host) Idle(ctx context.Context) error { return errNotYet }

// Close stops taking work, lets what runs finish until ctx ends, then cancels
// it, and returns when nothing of the host is running any more.
func (h *Host) Close(ctx context.Context) error { return errNotYet }
