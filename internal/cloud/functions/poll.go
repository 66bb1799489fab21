package functions

import (
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/trailhand/trailhand/internal/cloud/queues"
	"github.com/trailhand/trailhand/internal/cloud/template"
)

const (
	pollers     = 5 // of a mapping, as Lambda starts with
	maxPollers  = unreserved
	pollWait    = 20 * time.Second
	receiveMost = 10 // messages of one receive
)

// startPollers starts a mapping: each poller receives a batch, invokes the
// function with it, and only then receives the next. A FIFO queue gives no
// message of a group of which another is in flight, so that the groups keep
// their order.
func (h *Host) startPollers(m template.Mapping) {
	n := pollers
	if m.Concurrency > 0 {
		n = min(m.Concurrency, maxPollers)
	}
	for range n {
		h.loops.Go(func() { h.poll(m) })
	}
}

func (h *Host) poll(m template.Mapping) {
	for h.taking.Err() == nil {
		messages, err := h.gather(m)
		if err != nil && h.taking.Err() == nil {
			h.cfg.Log.Error("polling a queue", "queue", m.QueueARN, "error", err)
			h.pause(time.Second)
		}
		if len(messages) > 0 {
			h.work.begin()
			h.handOver(m, messages)
			h.work.end()
		}
	}
}

// gather receives a batch: the first messages that come, and where the mapping
// has a window, more until the batch is full or the window ends.
func (h *Host) gather(m template.Mapping) ([]queues.Message, error) {
	batch, err := h.cfg.Queues.Receive(h.taking, m.QueueARN, min(m.BatchSize, receiveMost), pollWait)
	if err != nil || len(batch) == 0 {
		return nil, err
	}
	end := time.Now().Add(m.Window)
	for len(batch) < m.BatchSize && time.Now().Before(end) {
		more, err := h.cfg.Queues.Receive(h.taking, m.QueueARN, min(m.BatchSize-len(batch), receiveMost), time.Until(end))
		if err != nil {
			return batch, nil //nolint:nilerr // what was received is handed over; the next receive meets the error again
		}
		batch = append(batch, more...)
	}
	return batch, nil
}

// handOver invokes the function with a batch and deletes what it handled. The
// rest becomes visible again.
func (h *Host) handOver(m template.Mapping, batch []queues.Message) {
	f := h.functions[m.FunctionARN]
	log := h.cfg.Log.With("function", f.LogicalID, "queue", m.QueueARN, "messages", len(batch))
	payload, err := queueEvent(m.QueueARN, batch)
	if err != nil {
		log.Error("encoding a batch", "error", err)
		return
	}
	answer, err := h.run(h.running, f, uuid.NewString(), payload)
	failed := allIDs(batch)
	if err != nil {
		log.Warn("a function failed on a batch", "error", err)
	} else if failed, err = failedIDs(m, answer, batch); err != nil {
		log.Warn("a function's answer does not name its failures: the whole batch counts as failed", "error", err)
	} else if len(failed) > 0 {
		log.Warn("a function failed on messages of a batch", "failed", len(failed))
	}
	for _, message := range batch {
		h.settle(m, message, slices.Contains(failed, message.ID))
	}
}

// settle deletes a message, or lets it be received again: when its visibility
// timeout ends, or sooner where the host's configuration says so.
func (h *Host) settle(m template.Mapping, message queues.Message, failed bool) {
	if !failed {
		if err := h.cfg.Queues.Delete(m.QueueARN, message.ReceiptHandle); err != nil {
			h.cfg.Log.Warn("deleting a message: it may be handled again", "queue", m.QueueARN, "message", message.ID, "error", err)
		}
		return
	}
	if h.cfg.RetryAfter == nil {
		return
	}
	attempt, _ := strconv.Atoi(message.Attributes["ApproximateReceiveCount"])
	h.loops.Go(func() {
		if !h.pause(h.cfg.RetryAfter(attempt)) {
			return
		}
		// Fails only if the message is gone or visible already.
		_ = h.cfg.Queues.ChangeVisibility(m.QueueARN, message.ReceiptHandle, 0)
	})
}
