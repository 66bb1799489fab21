// Package queues is Amazon SQS in the process: standard and FIFO queues with
// visibility timeouts, long polling, deduplication and dead-letter queues,
// behind the AWS JSON 1.0 protocol.
package queues

import (
	"context"
	"errors"
	"time"

	"github.com/trailhand/trailhand/internal/cloud/template"
)

// Config is what the queues of one account and Region need.
type Config struct {
	AccountID string
	Region    string
	Endpoint  string // of queue URLs, such as http://127.0.0.1:4566
	Now       func() time.Time
}

// Queues are the queues of one account and Region. All methods are safe for
// concurrent use. A queue is named by its name, URL or ARN.
type Queues struct{}

// Outgoing is a message to send.
type Outgoing struct {
	Body            string
	GroupID         string // FIFO only
	DeduplicationID string // FIFO only
	Delay           time.Duration
}

// Message is a received message. Attributes has all system attributes
// (SentTimestamp, ApproximateReceiveCount, MessageGroupId, …) by SQS's names.
type Message struct {
	ID            string
	ReceiptHandle string
	Body          string
	MD5OfBody     string
	Attributes    map[string]string
}

// Depth counts a queue's messages.
type Depth struct{ Visible, InFlight, Delayed int }

// New returns the account's queues, none yet.
func New(cfg Config) *Queues { return &Queues{} }

var errNotYet = errors.New("queues: not yet")

// Wire makes the queues of a template.
func (q *Queues) Wire(queues []template.Queue) error { return errNotYet }

// Create makes a queue, with attributes as CreateQueue takes them.
func (q *Queues) Create(name string, attributes map[string]string) error { return errNotYet }

// Send puts a message into a queue and returns its id.
func (q *Queues) Send(queue string, m Outgoing) (id string, err error) { return "", errNotYet }

// Receive returns up to max messages, and waits up to wait for the first of them.
func (q *Queues) Receive(ctx context.Context, queue string, max int, wait time.Duration) ([]Message, error) {
	return nil, errNotYet
}

// Delete removes a received message.
func (q *Queues) Delete(queue, receiptHandle string) error { return errNotYet }

// ChangeVisibility hides a received message for d from now.
func (q *Queues) ChangeVisibility(queue, receiptHandle string, d time.Duration) error {
	return errNotYet
}

// Depth counts the messages of a queue.
func (q *Queues) Depth(queue string) (Depth, error) { return Depth{}, errNotYet }

// Tick makes waiting receivers look at the clock again: for a clock that is set by hand.
func (q *Queues) Tick() {}

// Snapshot returns all queues and their messages as JSON, for Restore.
func (q *Queues) Snapshot() ([]byte, error) { return nil, errNotYet }

// Restore replaces all queues by those of a snapshot.
func (q *Queues) Restore(snapshot []byte) error { return errNotYet }
