package detector

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"maps"
	"slices"
	"time"

	awsevents "github.com/aws/aws-lambda-go/events"

	"github.com/trailhand/trailhand/pkg/insights"
)

// runner applies batches to one state; none for the tick of the clock.
type runner interface {
	Run(ctx context.Context, account, region string, batches []insights.Batch) (insights.Outcome, error)
}

// states knows the account and Region of every state.
type states interface {
	Known(ctx context.Context) iter.Seq2[[2]string, error]
}

// deadLetters takes what no retry helps, with the reason. A message that it
// takes is done with.
type deadLetters interface {
	SetAside(ctx context.Context, body, reason string) error
}

// handler is a lambda.Handler.
type handler struct {
	run    runner
	states states
	dead   deadLetters // nil: messages are returned
	warm   *learner    // nil: there are no warm starts
	now    func() time.Time
	log    *slog.Logger
}

// Invoke takes messages of the tallies' queue, the clock, or a place of a warm start.
func (h *handler) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	rep := &report{begin: h.now()}
	defer func() { h.report(ctx, rep) }()
	var fields map[string]json.RawMessage // its keys match exactly
	if err := json.Unmarshal(payload, &fields); err != nil {
		return nil, fmt.Errorf("unknown event: %w", err)
	}
	switch {
	case string(fields["trailhand"]) == `"clock"`:
		return []byte("{}"), h.clock(ctx, rep)
	case string(fields["trailhand"]) == `"baseline"`:
		return h.warm.Invoke(ctx, payload)
	case fields["Records"] != nil:
		return h.queue(ctx, payload, rep)
	}
	return nil, fmt.Errorf("unknown event: an object with keys %q", slices.Sorted(maps.Keys(fields)))
}

// queue applies the messages group by group, and answers which are to come
// again. FIFO: once a message of a group failed, so do those after it.
func (h *handler) queue(ctx context.Context, payload []byte, rep *report) ([]byte, error) {
	var event awsevents.SQSEvent
	if err := json.Unmarshal(payload, &event); err != nil {
		return nil, fmt.Errorf("unknown event: %w", err)
	}
	for _, m := range event.Records {
		if m.EventSource != "aws:sqs" || m.MessageId == "" {
			return nil, fmt.Errorf("unknown event: a record of %q with message id %q", m.EventSource, m.MessageId)
		}
	}
	ctx, cancel := early(ctx)
	defer cancel()
	answer := awsevents.SQSEventResponse{BatchItemFailures: []awsevents.SQSBatchItemFailure{}}
	for _, group := range groups(event.Records) {
		rep.messages += len(group)
		for _, m := range h.group(ctx, group, rep) {
			answer.BatchItemFailures = append(answer.BatchItemFailures, awsevents.SQSBatchItemFailure{ItemIdentifier: m.MessageId})
		}
	}
	rep.returned = len(answer.BatchItemFailures)
	return json.Marshal(answer)
}

// margin is left of the function's time to answer which messages are done.
const margin = 2 * time.Second

// early ends a little before the function's time does: a slow state must not send back the
// messages that were applied before it.
func early(ctx context.Context) (context.Context, context.CancelFunc) {
	if end, limited := ctx.Deadline(); limited {
		return context.WithDeadline(ctx, end.Add(-margin))
	}
	return ctx, func() {}
}

// groups splits messages by their message group, in the order of arrival.
func groups(messages []awsevents.SQSMessage) [][]awsevents.SQSMessage {
	index := map[string]int{}
	var all [][]awsevents.SQSMessage
	for _, m := range messages {
		id := m.Attributes["MessageGroupId"]
		i, known := index[id]
		if !known {
			i = len(all)
			index[id] = i
			all = append(all, nil)
		}
		all[i] = append(all[i], m)
	}
	return all
}

// group applies the messages of one group, and gives those that are to come again.
// Bad messages are set aside last, and only those that do not come again: one that
// did would be set aside twice.
func (h *handler) group(ctx context.Context, messages []awsevents.SQSMessage, rep *report) []awsevents.SQSMessage {
	if ctx.Err() != nil {
		return messages // not begun
	}
	var batches []insights.Batch
	var from []int // the message of each batch
	bad := map[int]error{}
	for i, m := range messages {
		b, err := parseBatch(m.Body)
		if err != nil {
			bad[i] = err
			if h.dead == nil {
				break // it is returned, and what follows it with it
			}
			continue
		}
		batches, from = append(batches, b), append(from, i)
	}
	failed := len(messages)
	if done := h.applyAll(ctx, batches, rep); done < len(batches) {
		failed = from[done]
	}
	for i, m := range messages[:failed] {
		if bad[i] == nil {
			continue
		}
		if err := h.setAside(ctx, m, bad[i], rep); err != nil {
			h.log.Error("returned with the rest of its group", "requestId", requestID(ctx), "message", m.MessageId, "error", err.Error())
			return messages[i:]
		}
	}
	return messages[failed:]
}

// applyAll applies batches in their order until one fails, and counts those applied.
func (h *handler) applyAll(ctx context.Context, batches []insights.Batch, rep *report) (done int) {
	for done < len(batches) {
		rest := batches[done:]
		n := sameState(rest)
		if h.apply(ctx, rest[0].AccountID, rest[0].Region, rest[:n], rep) != nil {
			break
		}
		done += n
	}
	return done
}

// sameState counts the batches at the beginning that are of one state.
func sameState(batches []insights.Batch) int {
	for i, b := range batches {
		if b.AccountID != batches[0].AccountID || b.Region != batches[0].Region {
			return i
		}
	}
	return len(batches)
}

func (h *handler) apply(ctx context.Context, account, region string, batches []insights.Batch, rep *report) error {
	out, err := h.run.Run(ctx, account, region, batches)
	rep.add(out)
	h.tell(ctx, out)
	if err != nil {
		h.log.Error("to be tried again", "requestId", requestID(ctx), "error", err.Error())
	}
	return err
}

func parseBatch(body string) (insights.Batch, error) {
	var b insights.Batch
	if err := json.Unmarshal([]byte(body), &b); err != nil {
		return b, fmt.Errorf("no batch of tallies: %w", err)
	}
	if b.ID == "" || b.AccountID == "" || b.Region == "" {
		return b, errors.New("no batch of tallies: id, accountId or awsRegion is missing")
	}
	return b, nil
}

func (h *handler) setAside(ctx context.Context, m awsevents.SQSMessage, reason error, rep *report) error {
	if h.dead == nil {
		return reason
	}
	h.log.Error("set aside", "requestId", requestID(ctx), "message", m.MessageId, "error", reason.Error())
	if err := h.dead.SetAside(ctx, m.Body, reason.Error()); err != nil {
		return errors.Join(reason, err)
	}
	rep.aside++
	return nil
}
