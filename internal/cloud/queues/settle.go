package queues

import "time"

// Delete removes a received message. A message that is gone already, or whose
// receipt is not its last, is left: SQS answers success to both.
func (q *Queues) Delete(queue, receiptHandle string) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	qu, m, err := q.held(queue, receiptHandle)
	if err != nil || m == nil {
		return err
	}
	if qu.settings.fifo && !m.visibleAt.After(q.cfg.Now()) {
		return fault(codeInvalidValue, "Value %s for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired.", receiptHandle)
	}
	qu.drop(m)
	return nil
}

// ChangeVisibility hides a received message for d from now; zero shows it.
func (q *Queues) ChangeVisibility(queue, receiptHandle string, d time.Duration) error {
	if d < 0 || d > 12*time.Hour {
		return fault(codeInvalidValue, "Value %d for parameter VisibilityTimeout is invalid. Reason: VisibilityTimeout must be an integer between 0 and 43200.", int(d.Seconds()))
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	qu, m, err := q.held(queue, receiptHandle)
	if err != nil {
		return err
	}
	if m == nil {
		return fault(codeInvalidValue, "Value %s for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available for visibility timeout change.", receiptHandle)
	}
	now := q.cfg.Now()
	if !m.visibleAt.After(now) {
		return fault(codeNotInFlight, "The specified message isn't in flight.")
	}
	qu.hide(m, now.Add(d))
	qu.wake()
	return nil
}

// held finds the message of a receipt: nil if it is gone, or if it was received
// again since. The lock is held.
func (q *Queues) held(named, receiptHandle string) (*queue, *message, error) {
	qu, err := q.find(named)
	if err != nil {
		return nil, nil, err
	}
	h, err := parseHandle(qu.name, receiptHandle)
	if err != nil {
		return nil, nil, err
	}
	e, ok := qu.byID[h.id]
	if !ok {
		return qu, nil, nil
	}
	if m := e.Value.(*message); m.receives == h.receives {
		return qu, m, nil
	}
	return qu, nil, nil
}
