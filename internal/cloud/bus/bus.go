// Package bus is the default event bus of Amazon EventBridge in the process:
// rules, targets, delivery with retries, behind the AWS JSON 1.1 protocol.
package bus

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/trailhand/trailhand/internal/cloud/template"
)

// Functions invokes a function asynchronously: it returns when the event is
// accepted, not when it is handled.
type Functions interface {
	InvokeAsync(arn string, payload []byte) error
}

// Queues sends to a queue. group is empty for a standard queue.
type Queues interface {
	SendTo(arn, body, group string) error
}

// Config is what the bus of one account and Region needs.
type Config struct {
	AccountID string
	Region    string
	Functions Functions
	Queues    Queues
	Now       func() time.Time
	Log       *slog.Logger
}

// Bus is the default event bus of one account and Region. All methods are safe
// for concurrent use.
type Bus struct{}

// New returns a bus without rules.
func New(cfg Config) *Bus { return &Bus{} }

var errNotYet = errors.New("bus: not yet")

// Wire puts the rules of a template.
func (b *Bus) Wire(rules []template.Rule) error { return errNotYet }

// Publish hands an event of AWS's own (source aws.*) to every rule that matches
// it: envelope is the event in EventBridge's JSON. Each target has accepted the
// event when Publish returns, or is being retried.
func (b *Bus) Publish(ctx context.Context, envelope []byte) error { return errNotYet }

// Idle waits until no delivery is being retried.
func (b *Bus) Idle(ctx context.Context) error { return errNotYet }

// Close gives up what is being retried, says so in the log, and returns when
// nothing of the bus is running any more.
func (b *Bus) Close() {}

// Snapshot returns the rules and targets as JSON, for Restore.
func (b *Bus) Snapshot() ([]byte, error) { return nil, errNotYet }

// Restore replaces all rules by those of a snapshot.
func (b *Bus) Restore(snapshot []byte) error { return errNotYet }
