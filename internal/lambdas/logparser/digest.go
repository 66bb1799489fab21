package logparser

import (
	"context"
	"errors"
	"fmt"

	"github.com/trailhand/trailhand/pkg/delivery"
	"github.com/trailhand/trailhand/pkg/digest"
	"github.com/trailhand/trailhand/pkg/events"
)

// digest verifies one digest file. What is wrong is told and set aside at once,
// whatever else could not be checked yet.
func (h *handler) digest(ctx context.Context, n delivery.Notice, place events.Key, out *outcome) error {
	c, err := h.verify.verify(ctx, n, place)
	out.valid += c.valid
	whole := n
	whole.Files = nil
	if len(c.wrong) > 0 {
		if err := h.fault(ctx, bodyOf(whole), fmt.Errorf("verifying %s: %w", n, &c.wrong), out); err != nil {
			return err // all of it comes again
		}
	}
	if len(c.later) > 0 {
		err = fmt.Errorf("%d files could not be checked yet: %s", len(c.later), c.later.Error())
	}
	if err != nil {
		return h.rest(ctx, n, c, fmt.Errorf("verifying %s: %w", n, err))
	}
	return nil
}

// rest sends on the log files that could not be checked yet, so that they come
// again alone: what was told is not told again, and an hour of any size comes to
// its end. A message of which nothing could be checked is returned as it is, and
// its queue bounds how often it comes.
func (h *handler) rest(ctx context.Context, n delivery.Notice, c checked, why error) error {
	if h.queue == nil || !c.progressed() {
		h.log.Warn("to be tried again", "requestId", requestID(ctx), "error", why.Error())
		return why
	}
	n.Files = c.files
	if err := h.queue.Post(ctx, bodyOf(n)); err != nil {
		return errors.Join(why, err)
	}
	h.log.Info("the rest is sent on", "requestId", requestID(ctx), "files", len(c.files), "reason", why.Error())
	return nil
}

// tell tells each file that is not as it was delivered, or that nobody may read.
func (h *handler) tell(ctx context.Context, wrong findings, out *outcome) {
	for _, f := range wrong {
		verdict, what := digest.Verdict(f.Err), "tampered"
		if verdict == "" {
			verdict, what = "unchecked", "not checked"
		} else {
			out.tampered++
		}
		h.log.Error(what, "requestId", requestID(ctx), "verdict", verdict, "bucket", f.Bucket, "file", f.Key,
			"digest", f.Digest, "error", f.Err.Error())
	}
}
