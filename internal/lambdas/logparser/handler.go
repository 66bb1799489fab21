package logparser

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/trailhand/trailhand/internal/lambdas/emf"
	"github.com/trailhand/trailhand/pkg/delivery"
	"github.com/trailhand/trailhand/pkg/events"
)

// deadLetters takes what no retry helps, with the reason. A message that it
// takes is done with.
type deadLetters interface {
	SetAside(ctx context.Context, body, reason string) error
}

// postbox is the queue that invokes the function.
type postbox interface {
	Post(ctx context.Context, body string) error
}

// handler is a lambda.Handler.
type handler struct {
	objects  delivery.Opener
	pipeline *delivery.Pipeline
	dead     deadLetters // nil: messages are returned
	queue    postbox     // nil: what is left of a digest file comes again with the whole of it
	verify   *integrity  // nil: digest files are skipped
	answers  bool        // a file that is not readable is in the answer alone: sent back to a queue, it would be read as delivered
	limits   events.Limits
	idle     chan *events.Reader // one that is used again: to make one takes longer than to read a small file
	now      func() time.Time
	log      *slog.Logger
}

// outcome is what one invocation did.
type outcome struct {
	queued   bool // the answer has no totals
	totals   *delivery.Summary
	ignored  int
	aside    int
	valid    int // digest files, and log files that they name
	tampered int
	failures []itemFailure
	err      error // of the messages that are returned
}

type itemFailure struct {
	ItemIdentifier string `json:"itemIdentifier"`
}

// Invoke reads the log files that payload names. A queue's messages succeed and
// fail one by one; for every other payload the answer is the summary, or the
// error that asks for a retry.
func (h *handler) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	begin := h.now()
	ctx, cancel := early(ctx)
	defer cancel()
	p := delivery.Messages(payload)
	out := &outcome{queued: p.Queue, totals: delivery.NewSummary(), failures: []itemFailure{}}
	unnamed := false
	for _, m := range p.Messages {
		out.ignored += len(m.Ignored)
		if err := h.message(ctx, m, out); err != nil {
			out.err = errors.Join(out.err, err)
			out.failures = append(out.failures, itemFailure{m.ID})
			unnamed = unnamed || m.ID == ""
		}
	}
	h.report(ctx, len(p.Messages), out, begin)
	if !p.Queue || unnamed {
		if out.err != nil {
			return nil, out.err
		}
		return out.totals.MarshalJSON() // json.Marshal would escape <, > and &
	}
	return json.Marshal(map[string][]itemFailure{"batchItemFailures": out.failures})
}

// margin is left of the function's time to answer which messages are done.
const margin = 2 * time.Second

// early ends a little before the function's time does: a slow object must not
// send back the messages that were done before it.
func early(ctx context.Context) (context.Context, context.CancelFunc) {
	if end, limited := ctx.Deadline(); limited {
		return context.WithDeadline(ctx, end.Add(-margin))
	}
	return ctx, func() {}
}

// message reads what one message names. An error means that the message is to
// come again; what was done by then is done again without effect. Only a queue's
// message is set aside when it is not understood: whoever invokes the function
// is to be told.
func (h *handler) message(ctx context.Context, m delivery.Message, out *outcome) error {
	again := m.Err
	if m.Err != nil && out.queued {
		again = h.fault(ctx, m.Body, fmt.Errorf("message %q: %w", m.ID, m.Err), out)
	}
	for _, n := range m.Notices {
		again = errors.Join(again, h.object(ctx, n, out))
	}
	return again
}

// object does what is to be done for one object: a log file is read, a digest
// file is verified if that was asked for, and all others are skipped.
func (h *handler) object(ctx context.Context, n delivery.Notice, out *outcome) error {
	place, reason := delivery.LogFile(n.Key)
	switch {
	case reason == "":
		sum, err := h.file(ctx, n, place)
		if out.queued {
			sum.Forget() // the names of ten files may be more than the memory holds
		}
		out.totals.Merge(sum)
		if err != nil {
			return h.fault(ctx, bodyOf(n), err, out)
		}
		return nil
	case place.Kind == events.KeyDigest && h.verify != nil:
		return h.digest(ctx, n, place, out)
	}
	out.totals.Skip(n.Key, reason)
	return nil
}

// bodyOf gives a notice as a message that Messages reads.
func bodyOf(n delivery.Notice) string {
	body, _ := json.Marshal(n) // texts and numbers can always be encoded
	return string(body)
}

// fault sets aside what no retry helps, and returns what is to come again.
func (h *handler) fault(ctx context.Context, body string, err error, out *outcome) error {
	var wrong *findings
	switch {
	case errors.As(err, &wrong):
		h.tell(ctx, *wrong, out)
	case delivery.Permanent(err):
		h.log.Error("not readable", "requestId", requestID(ctx), "error", err.Error())
	default:
		h.log.Warn("to be tried again", "requestId", requestID(ctx), "error", err.Error())
		return err
	}
	if h.answers && !errors.Is(err, delivery.ErrDenied) { // who may not read one file may read none
		return nil
	}
	if h.dead == nil {
		return err
	}
	if errAside := h.dead.SetAside(ctx, body, err.Error()); errAside != nil {
		return errors.Join(err, errAside)
	}
	out.aside++
	return nil
}

// file reads one log file.
func (h *handler) file(ctx context.Context, n delivery.Notice, place events.Key) (*delivery.Summary, error) {
	o, err := h.objects.Open(ctx, n)
	if err != nil {
		sum := delivery.NewSummary()
		sum.Fail(n.Key, 0, err)
		return sum, err
	}
	defer func() { _ = o.Body.Close() }() // read to its end, or given up
	r := h.reader(o.Body)
	defer func() {
		select {
		case h.idle <- r:
		default:
		}
	}()
	return h.pipeline.Read(ctx, delivery.FileOf(n, o, place), r)
}

// reader reads a log file by the Reader that is idle, or by a new one.
func (h *handler) reader(body io.Reader) *events.Reader {
	select {
	case r := <-h.idle:
		r.Reset(body)
		return r
	default:
		return events.OpenGzip(body, h.limits)
	}
}

// report writes the one line of the invocation, which carries its metrics.
func (h *handler) report(ctx context.Context, messages int, out *outcome, begin time.Time) {
	now, t := h.now(), out.totals
	h.log.Info("log files read", "requestId", requestID(ctx), "messages", messages,
		emf.Attr(now, "logparser", emf.Count("Ignored", out.ignored),
			emf.Count("Files", t.Files), emf.Count("Records", t.Records), emf.Count("BadRecords", t.Bad),
			emf.Count("Dropped", t.Dropped), emf.Count("Skipped", len(t.Skipped)), emf.Count("Failed", len(t.Failed)),
			emf.Count("SetAside", out.aside), emf.Count("Returned", len(out.failures)),
			emf.Count("Verified", out.valid), emf.Count("Tampered", out.tampered),
			emf.Metric{Name: "Bytes", Unit: "Bytes", Value: float64(t.Bytes)},
			emf.Metric{Name: "Elapsed", Unit: "Milliseconds", Value: float64(now.Sub(begin).Milliseconds())}))
	for _, bad := range t.BadRecords {
		h.log.Warn("bad record", "requestId", requestID(ctx), "file", bad.File, "record", bad.Record, "error", bad.Error)
	}
	for _, s := range t.Skipped {
		h.log.Debug("skipped", "requestId", requestID(ctx), "file", s.File, "reason", s.Reason)
	}
}

func requestID(ctx context.Context) string {
	if lc, ok := lambdacontext.FromContext(ctx); ok {
		return lc.AwsRequestID
	}
	return ""
}
