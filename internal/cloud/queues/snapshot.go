package queues

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// savedQueue and savedMessage are the form of a snapshot.
type savedQueue struct {
	Name       string            `json:"name"`
	Attributes map[string]string `json:"attributes"`
	Tags       map[string]string `json:"tags,omitempty"`
	Created    time.Time         `json:"created"`
	Modified   time.Time         `json:"modified"`
	Sequence   uint64            `json:"sequence,omitempty"`
	Messages   []savedMessage    `json:"messages"`
	Sent       []savedSent       `json:"sent,omitempty"` // the deduplication window
}

type savedMessage struct {
	ID              string                                 `json:"id"`
	Body            string                                 `json:"body"`
	Group           string                                 `json:"group,omitempty"`
	DeduplicationID string                                 `json:"deduplicationId,omitempty"`
	TraceHeader     string                                 `json:"traceHeader,omitempty"`
	Attributes      map[string]types.MessageAttributeValue `json:"attributes,omitempty"`
	Sender          string                                 `json:"sender"`
	Source          string                                 `json:"source,omitempty"`
	Sequence        uint64                                 `json:"sequence,omitempty"`
	SentAt          time.Time                              `json:"sentAt"`
	FirstAt         time.Time                              `json:"firstAt,omitzero"`
	VisibleAt       time.Time                              `json:"visibleAt"`
	Receives        int                                    `json:"receives"`
}

type savedSent struct {
	ID       string    `json:"id"`
	Sequence uint64    `json:"sequence"`
	Key      string    `json:"key"`
	At       time.Time `json:"at"`
}

// Snapshot returns all queues and their messages as JSON, for Restore.
func (q *Queues) Snapshot() ([]byte, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.snapshot()
}

func (q *Queues) snapshot() ([]byte, error) {
	saved := []savedQueue{}
	for _, name := range slices.Sorted(maps.Keys(q.queues)) {
		q.queues[name].forget(q.cfg.Now())
		saved = append(saved, q.queues[name].save())
	}
	return json.Marshal(saved)
}

func (qu *queue) save() savedQueue {
	s := savedQueue{Name: qu.name, Attributes: qu.attributes, Tags: qu.tags, Created: qu.created, Modified: qu.modified, Sequence: qu.sequence, Messages: []savedMessage{}}
	for e := qu.waiting.Front(); e != nil; e = e.Next() {
		s.Messages = append(s.Messages, e.Value.(*message).save())
	}
	for _, w := range qu.window {
		s.Sent = append(s.Sent, savedSent{ID: w.id, Sequence: w.sequence, Key: w.key, At: w.at})
	}
	return s
}

func (m *message) save() savedMessage {
	return savedMessage{
		ID: m.id, Body: m.body, Group: m.group, DeduplicationID: m.dedup, TraceHeader: m.traceID, Attributes: m.attributes,
		Sender: m.sender, Source: m.source, Sequence: m.sequence, SentAt: m.sentAt, FirstAt: m.firstAt, VisibleAt: m.visibleAt, Receives: m.receives,
	}
}

// Restore replaces all queues by those of a snapshot. Messages that were in
// flight stay so until their visibility timeout, with their receipts.
func (q *Queues) Restore(snapshot []byte) error {
	var saved []savedQueue
	if err := json.Unmarshal(snapshot, &saved); err != nil {
		return fmt.Errorf("restoring queues: %w", err)
	}
	var restored []*queue
	for _, s := range saved {
		qu, err := s.restore(q.arn(s.Name))
		if err != nil {
			return fmt.Errorf("restoring queue %q: %w", s.Name, err)
		}
		restored = append(restored, qu)
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, old := range q.queues {
		old.wake()
	}
	clear(q.queues)
	for _, qu := range restored {
		q.adopt(qu)
	}
	return nil
}

func (s savedQueue) restore(arn string) (*queue, error) {
	qu, err := newQueue(s.Name, arn, s.Attributes, s.Created)
	if err != nil {
		return nil, err
	}
	qu.tags, qu.modified, qu.sequence = s.Tags, s.Modified, s.Sequence
	for _, m := range s.Messages {
		qu.put(m)
	}
	qu.seen, qu.window = map[string]*sent{}, nil
	for _, w := range s.Sent {
		qu.recall(&sent{id: w.ID, sequence: w.Sequence, key: w.Key, at: w.At})
	}
	return qu, nil
}

// put brings a message back, or makes one that is there what it was.
func (qu *queue) put(s savedMessage) {
	m := &message{
		id: s.ID, body: s.Body, group: s.Group, dedup: s.DeduplicationID, traceID: s.TraceHeader, attributes: s.Attributes,
		sender: s.Sender, source: s.Source, sequence: s.Sequence, sentAt: s.SentAt, firstAt: s.FirstAt, visibleAt: s.VisibleAt, receives: s.Receives,
	}
	e, there := qu.byID[s.ID]
	switch {
	case there:
		old := e.Value.(*message)
		m.body, m.attributes = old.body, old.attributes
		*old, m = *m, old
	case s.Body == "":
		return // it is gone since
	default:
		qu.append(m)
	}
	qu.sequence = max(qu.sequence, m.sequence)
	if m.receives > 0 {
		qu.inFlight[m.id] = m
	}
	if qu.settings.fifo && m.source == "" {
		qu.recall(&sent{id: m.id, sequence: m.sequence, key: qu.key(Outgoing{GroupID: m.group, DeduplicationID: m.dedup}), at: m.sentAt})
	}
}

// recall puts a message that was sent back into the deduplication window.
func (qu *queue) recall(s *sent) {
	if known := qu.seen[s.key]; known != nil && known.id == s.id {
		return
	}
	qu.seen[s.key] = s
	qu.window = append(qu.window, s)
}
