// Package queues is Amazon SQS in the process: standard and FIFO queues with
// visibility timeouts, long polling, deduplication and dead-letter queues,
// behind the AWS JSON 1.0 protocol.
//
// Source: Amazon SQS Developer Guide and API Reference (2012-11-05).
package queues

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/trailhand/trailhand/internal/cloud/template"
	"github.com/trailhand/trailhand/internal/cloud/wire"
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
type Queues struct {
	cfg Config

	mu      sync.Mutex
	queues  map[string]*queue // by name
	journal journal
}

// depth counts a queue's messages.
type depth struct{ Visible, InFlight, Delayed int }

// New returns the account's queues, none yet.
func New(cfg Config) *Queues {
	return &Queues{cfg: cfg, queues: map[string]*queue{}}
}

// Wire makes the queues of a template, or sets the attributes of those that
// are there, such as after Restore.
func (q *Queues) Wire(queues []template.Queue) error {
	for _, t := range queues {
		err := q.Create(t.Name, t.Attributes)
		if wire.IsFault(err, codeNameExists) {
			err = q.setAttributes(t.Name, t.Attributes)
		}
		if err != nil {
			return fmt.Errorf("making queue %s (%s): %w", t.LogicalID, t.Name, err)
		}
	}
	return nil
}

// Create makes a queue, with attributes as CreateQueue takes them. A queue
// that is there with the same attributes is left as it is.
func (q *Queues) Create(name string, attributes map[string]string) error {
	return q.create(name, attributes, nil)
}

func (q *Queues) create(name string, attributes, tags map[string]string) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if there, ok := q.queues[name]; ok {
		for key, value := range attributes {
			if there.attributes[key] != value {
				return fault(codeNameExists, "A queue already exists with the same name and a different value for attribute %s", key)
			}
		}
		return nil
	}
	made, err := newQueue(name, q.arn(name), attributes, q.cfg.Now())
	if err != nil {
		return err
	}
	if err := made.tag(tags); err != nil {
		return err
	}
	q.adopt(made)
	q.journal.dirty = true
	return nil
}

func (q *Queues) setAttributes(name string, attributes map[string]string) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	qu, err := q.find(name)
	if err != nil {
		return err
	}
	q.journal.dirty = true
	return qu.configure(attributes, q.cfg.Now())
}

// adopt takes a queue, whose changes are noted from now on.
func (q *Queues) adopt(qu *queue) {
	qu.note = q.journal.note
	q.queues[qu.name] = qu
}

// remove deletes a queue with its messages.
func (q *Queues) remove(name string) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	qu, err := q.find(name)
	if err != nil {
		return err
	}
	qu.clear()
	delete(q.queues, qu.name)
	q.journal.dirty = true
	return nil
}

// purge deletes a queue's messages.
func (q *Queues) purge(name string) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	qu, err := q.find(name)
	if err != nil {
		return err
	}
	qu.clear()
	return nil
}

// find returns a queue by name, URL or ARN. The lock is held.
func (q *Queues) find(named string) (*queue, error) {
	name := named
	if rest, ok := strings.CutPrefix(named, "arn:aws:sqs:"); ok {
		name = rest[strings.LastIndex(rest, ":")+1:]
	} else if strings.Contains(named, "/") {
		name = named[strings.LastIndex(named, "/")+1:]
	}
	if qu, ok := q.queues[name]; ok {
		return qu, nil
	}
	return nil, fault(codeNoQueue, "The specified queue does not exist.")
}

// Empty says whether a queue has no message at all, seen or hidden.
func (q *Queues) Empty(queue string) (bool, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	qu, err := q.find(queue)
	if err != nil {
		return false, err
	}
	return qu.waiting.Len() == 0, nil
}

// Changed returns a channel that is closed at a queue's next change.
func (q *Queues) Changed(queue string) (<-chan struct{}, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	qu, err := q.find(queue)
	if err != nil {
		return nil, err
	}
	return qu.changed, nil
}

// names lists the queues with a prefix, in order.
func (q *Queues) names(prefix string) []string {
	q.mu.Lock()
	defer q.mu.Unlock()
	var out []string
	for _, name := range slices.Sorted(maps.Keys(q.queues)) {
		if strings.HasPrefix(name, prefix) {
			out = append(out, name)
		}
	}
	return out
}

func (q *Queues) arn(name string) string {
	return "arn:aws:sqs:" + q.cfg.Region + ":" + q.cfg.AccountID + ":" + name
}

func (q *Queues) url(name string) string {
	return q.cfg.Endpoint + "/" + q.cfg.AccountID + "/" + name
}
