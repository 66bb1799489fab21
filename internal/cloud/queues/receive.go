package queues

import (
	"context"
	"time"
)

// Receive returns up to max messages, and waits up to wait for the first of
// them. They are hidden for the queue's visibility timeout. It returns ctx's
// error when ctx ends while it waits.
func (q *Queues) Receive(ctx context.Context, queue string, max int, wait time.Duration) ([]Message, error) {
	return q.receive(ctx, queue, request{max: max, wait: wait})
}

// request is how to receive. A visibility of nil is the queue's own.
type request struct {
	max        int
	wait       time.Duration
	visibility *time.Duration
}

func (q *Queues) receive(ctx context.Context, queue string, r request) ([]Message, error) {
	deadline := q.cfg.Now().Add(r.wait)
	for {
		messages, changed, wake, err := q.take(queue, r)
		if err != nil || len(messages) > 0 {
			return messages, err
		}
		now := q.cfg.Now()
		if !now.Before(deadline) {
			return nil, nil
		}
		if wake.IsZero() || wake.After(deadline) {
			wake = deadline
		}
		if err := pause(ctx, changed, wake.Sub(now)); err != nil {
			return nil, err
		}
	}
}

// pause waits for a change, for d, or for the end of ctx, which is its error.
func pause(ctx context.Context, changed <-chan struct{}, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-changed:
	case <-timer.C:
	case <-ctx.Done():
		return ctx.Err()
	}
	return nil
}

// take receives what is visible now. Where nothing is, it returns the channel
// of the next change and the time when a hidden message becomes visible.
func (q *Queues) take(queue string, r request) ([]Message, <-chan struct{}, time.Time, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	qu, err := q.find(queue)
	if err != nil {
		return nil, nil, time.Time{}, err
	}
	now := q.cfg.Now()
	qu.expire(now)
	visibility := qu.settings.visibility
	if r.visibility != nil {
		visibility = *r.visibility
	}
	chosen, wake := q.choose(qu, r.max, now)
	var out []Message
	for _, m := range chosen {
		m.receives++
		if m.firstAt.IsZero() {
			m.firstAt = now
		}
		qu.hide(m, now.Add(visibility))
		qu.inFlight[m.id] = m
		out = append(out, m.received(qu.name))
	}
	return out, qu.changed, wake, nil
}

// choose picks visible messages in order, and moves those that were received
// too often to the dead-letter queue. A group of which a message is in flight
// gives nothing.
func (q *Queues) choose(qu *queue, max int, now time.Time) (chosen []*message, wake time.Time) {
	blocked := qu.blockedGroups(now)
	for e := qu.waiting.Front(); e != nil && len(chosen) < max; {
		m := e.Value.(*message)
		e = e.Next()
		if m.visibleAt.After(now) {
			wake = earlier(wake, m.visibleAt)
			continue
		}
		if qu.settings.fifo && blocked[m.group] {
			continue
		}
		if q.redrive(qu, m, now) {
			continue
		}
		chosen = append(chosen, m)
	}
	return chosen, wake
}

// blockedGroups has the groups of a FIFO queue that must wait. It forgets those
// messages in flight that have become visible again.
func (qu *queue) blockedGroups(now time.Time) map[string]bool {
	blocked := map[string]bool{}
	for id, m := range qu.inFlight {
		if m.visibleAt.After(now) {
			blocked[m.group] = true
		} else {
			delete(qu.inFlight, id)
		}
	}
	return blocked
}

// redrive moves a message that has had all its receives to the dead-letter
// queue, if there is one.
func (q *Queues) redrive(qu *queue, m *message, now time.Time) bool {
	if qu.settings.deadLetter == "" || m.receives < qu.settings.maxReceives {
		return false
	}
	to, err := q.find(qu.settings.deadLetter)
	if err != nil {
		return false
	}
	qu.drop(m)
	moved := *m
	moved.source, moved.receives, moved.visibleAt, moved.firstAt = qu.arn, 0, now, time.Time{}
	if to.settings.fifo {
		to.sequence++
		moved.sequence, moved.sentAt = to.sequence, now
	}
	to.append(&moved)
	return true
}

func earlier(a, b time.Time) time.Time {
	if a.IsZero() || b.Before(a) {
		return b
	}
	return a
}
