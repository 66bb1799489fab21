package functions

import (
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/google/uuid"

	"github.com/trailhand/trailhand/internal/cloud/queues"
	"github.com/trailhand/trailhand/internal/cloud/template"
)

// InvokeAsync accepts an event for a function (by logical id, name or ARN). A
// failed event is tried again as often as the function's configuration says,
// then sent to its dead-letter queue.
func (h *Host) InvokeAsync(function string, payload []byte) error {
	f, err := h.find(function)
	if err != nil {
		return err
	}
	h.work.begin()
	if h.taking.Err() != nil {
		h.work.end()
		return ErrClosed
	}
	go func() {
		defer h.work.end()
		h.deliver(f, payload)
	}()
	return nil
}

// deliver tries an event until it succeeds, has had its retries, is too old, or
// the host closes.
func (h *Host) deliver(f *function, payload []byte) {
	requestID := uuid.NewString()
	accepted := time.Now()
	for attempt := 1; ; attempt++ {
		_, err := h.run(h.running, f, requestID, payload)
		if err == nil {
			return
		}
		h.cfg.Log.Warn("a function failed on an event", "function", f.LogicalID, "requestId", requestID, "attempt", attempt, "error", err)
		again := attempt <= f.Retries && time.Since(accepted)+h.retryAfter(attempt) < f.MaximumAge
		if !again || !h.pause(h.retryAfter(attempt)) {
			h.giveUp(f, requestID, payload, err)
			return
		}
	}
}

// giveUp sends an event to the function's dead-letter queue, in Lambda's form:
// the event is the body, and the attributes say why.
func (h *Host) giveUp(f *function, requestID string, payload []byte, cause error) {
	log := h.cfg.Log.With("function", f.LogicalID, "requestId", requestID)
	if f.DeadLetter == "" {
		log.Error("an event is given up: the function has no dead-letter queue", "error", cause)
		return
	}
	_, err := h.cfg.Queues.Send(f.DeadLetter, queues.Outgoing{
		Body: string(payload),
		Attributes: map[string]types.MessageAttributeValue{
			"RequestID":    text(requestID),
			"ErrorCode":    {DataType: new("Number"), StringValue: new("200")},
			"ErrorMessage": text(fmt.Sprintf("%.1024s", cause.Error())),
		},
	})
	if err != nil {
		log.Error("an event is given up: sending it to the dead-letter queue failed", "queue", f.DeadLetter, "error", err, "cause", cause)
		return
	}
	log.Error("an event is given up and sent to the dead-letter queue", "queue", f.DeadLetter, "error", cause)
}

func text(s string) types.MessageAttributeValue {
	return types.MessageAttributeValue{DataType: new("String"), StringValue: &s}
}

// Fire invokes the function of a schedule (by the schedule's logical id), asynchronously.
func (h *Host) Fire(schedule string) error {
	s, ok := h.schedules[schedule]
	if !ok {
		return fmt.Errorf("firing schedule %s: it is not in the template", schedule)
	}
	return h.InvokeAsync(s.FunctionARN, []byte(s.Input))
}

// startTimers fires each enabled schedule at its rate.
func (h *Host) startTimers() {
	for _, s := range h.cfg.Wiring.Schedules {
		if s.Enabled {
			h.loops.Go(func() { h.fireEvery(s) })
		}
	}
}

func (h *Host) fireEvery(s template.Schedule) {
	for h.pause(s.Rate) {
		if err := h.Fire(s.LogicalID); err != nil {
			h.cfg.Log.Error("firing a schedule", "schedule", s.LogicalID, "error", err)
		}
	}
}
