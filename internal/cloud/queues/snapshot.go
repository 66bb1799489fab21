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
	saved := []savedQueue{}
	for _, name := range slices.Sorted(maps.Keys(q.queues)) {
		saved = append(saved, q.queues[name].save())
	}
	return json.Marshal(saved)
}

func (qu *queue) save() savedQueue {
	s := savedQueue{Name: qu.name, Attributes: qu.attributes, Tags: qu.tags, Created: qu.created, Modified: qu.modified, Sequence: qu.sequence, Messages: []savedMessage{}}
	for e := qu.waiting.Front(); e != nil; e = e.Next() {
		m := e.Value.(*message)
		s.Messages = append(s.Messages, savedMessage{
			ID: m.id, Body: m.body, Group: m.group, DeduplicationID: m.dedup, TraceHeader: m.traceID, Attributes: m.attributes,
			Sender: m.sender, Source: m.source, Sequence: m.sequence, SentAt: m.sentAt, FirstAt: m.firstAt, VisibleAt: m.visibleAt, Receives: m.receives,
		})
	}
	for _, w := range qu.window {
		s.Sent = append(s.Sent, savedSent{ID: w.id, Sequence: w.sequence, Key: w.key, At: w.at})
	}
	return s
}

// Restore replaces all queues by those of a snapshot. Messages that were in
// flight stay so until their visibility timeout, with their receipts.
func (q *Queues) Restore(snapshot []byte) error {
	var saved []savedQueue
	if err := json.Unmarshal(snapshot, &saved); err != nil {
		return fmt.Errorf("restoring queues: %w", err)
	}
	restored := map[string]*queue{}
	for _, s := range saved {
		qu, err := s.restore(q.arn(s.Name))
		if err != nil {
			return fmt.Errorf("restoring queue %q: %w", s.Name, err)
		}
		restored[s.Name] = qu
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, old := range q.queues {
		old.wake()
	}
	q.queues = restored
	return nil
}

func (s savedQueue) restore(arn string) (*queue, error) {
	qu, err := newQueue(s.Name, arn, s.Attributes, s.Created)
	if err != nil {
		return nil, err
	}
	qu.tags, qu.modified, qu.sequence = s.Tags, s.Modified, s.Sequence
	for _, m := range s.Messages {
		restored := &message{
			id: m.ID, body: m.Body, group: m.Group, dedup: m.DeduplicationID, traceID: m.TraceHeader, attributes: m.Attributes,
			sender: m.Sender, source: m.Source, sequence: m.Sequence, sentAt: m.SentAt, firstAt: m.FirstAt, visibleAt: m.VisibleAt, receives: m.Receives,
		}
		if m.Receives > 0 {
			qu.inFlight[m.ID] = restored
		}
		qu.append(restored)
	}
	for _, w := range s.Sent {
		remembered := &sent{id: w.ID, sequence: w.Sequence, key: w.Key, at: w.At}
		qu.seen[w.Key] = remembered
		qu.window = append(qu.window, remembered)
	}
	return qu, nil
}
