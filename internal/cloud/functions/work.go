package functions

import (
	"context"
	"sync"
)

// work counts what is being done: invocations, events that wait for one or for
// a retry, and handlers that run on after their timeout.
type work struct {
	mu      sync.Mutex
	active  int
	begun   uint64
	changed chan struct{} // closed and replaced whenever active falls
}

func (w *work) begin() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.active++
	w.begun++
}

func (w *work) end() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.active--
	close(w.changed)
	w.changed = make(chan struct{})
}

func (w *work) count() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.active
}

// state returns how much is active, how much was ever begun, and the channel
// of the next end.
func (w *work) state() (active int, begun uint64, changed <-chan struct{}) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.active, w.begun, w.changed
}

// wait waits until nothing is active.
func (w *work) wait(ctx context.Context) error {
	for {
		active, _, changed := w.state()
		if active == 0 {
			return nil
		}
		if err := await(ctx, changed); err != nil {
			return err
		}
	}
}

func await(ctx context.Context, changed <-chan struct{}) error {
	select {
	case <-changed:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Idle waits until no invocation is running or waiting for a retry, and no
// queue with a mapping has a message.
func (h *Host) Idle(ctx context.Context) error {
	for {
		changed, err := h.busy()
		if err != nil || changed == nil {
			return err
		}
		if err := await(ctx, changed); err != nil {
			return err
		}
	}
}

// busy returns the channel of the change to wait for, or nil if there is
// nothing to do. It looks at the work, at the queues, and at the work again:
// what a message set off began before that message was deleted.
func (h *Host) busy() (<-chan struct{}, error) {
	active, begun, changed := h.work.state()
	if active > 0 {
		return changed, nil
	}
	for _, m := range h.cfg.Wiring.Mappings {
		changed, err := h.cfg.Queues.Changed(m.QueueARN)
		if err != nil {
			return nil, err
		}
		empty, err := h.cfg.Queues.Empty(m.QueueARN)
		if err != nil {
			return nil, err
		}
		if !empty {
			return changed, nil
		}
	}
	if _, after, _ := h.work.state(); after != begun {
		return closed(), nil
	}
	return nil, nil
}

func closed() <-chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}
