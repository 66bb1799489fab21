package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/trailhand/trailhand/internal/logs"
	"github.com/trailhand/trailhand/pkg/delivery"
)

// saidError is a failure that was told in full already.
type saidError struct{ error }

// reported is what there is to tell beside the totals.
type reported struct {
	json bool
	err  error  // that ended the run
	last string // the last file that was done
}

// report tells what failed, and gives the command's error.
func report(w io.Writer, total *delivery.Summary, r reported) error {
	for _, f := range total.Failed {
		text := f.File + ": " + f.Error
		if f.Records > 0 {
			text += fmt.Sprintf(" (%d records read before)", f.Records)
		}
		r.failure(w, f, text)
	}
	for _, b := range total.BadRecords {
		r.failure(w, b, fmt.Sprintf("%s: %s", b.File, b.Error))
	}
	var ended error
	if r.err != nil {
		ended = interrupted(r.err, r.last)
	}
	if n := len(total.Failed); n > 0 {
		ended = errors.Join(ended, fmt.Errorf("%d of %d files could not be read", n, n+total.Files))
	}
	if n := total.Bad; n > 0 {
		ended = errors.Join(ended, fmt.Errorf("%d of %d records could not be read", n, n+total.Records+total.Dropped))
	}
	if ended == nil {
		return nil
	}
	if r.json {
		r.failure(w, map[string]string{"error": ended.Error()}, "")
		return saidError{ended}
	}
	return ended
}

// failure prints one failure as a line of text or of JSON.
func (r reported) failure(w io.Writer, fields any, text string) {
	if !r.json {
		fmt.Fprintf(w, "trailhand: %s\n", logs.Visible(text))
		return
	}
	_ = printJSON(w, fields, "") // where standard error is gone nobody is told
}

// interrupted says why a run ended early and, over S3, how to go on.
func interrupted(why error, last string) error {
	if errors.Is(why, context.Canceled) {
		why = errors.New("interrupted")
	}
	if !logs.IsS3(last) {
		return why
	}
	return fmt.Errorf("%w; all up to %q was read: --start-after goes on behind it, where ndjson has the beginning of the next file already", why, last)
}

// byteBar shows how many stored bytes were read, the rate and the time left.
type byteBar struct {
	bar  *progressbar.ProgressBar // nil where nobody looks
	stop context.CancelFunc
}

// newByteBar begins a bar. How much there is to read is found out in the
// background, by looking for the files once more.
func newByteBar(ctx context.Context, w io.Writer, s *logs.Sources) *byteBar {
	if !isTerminal(w) {
		return &byteBar{stop: func() {}}
	}
	ctx, stop := context.WithCancel(ctx)
	bar := progressbar.NewOptions64(-1, progressbar.OptionSetWriter(w), progressbar.OptionSetDescription("  reading"),
		progressbar.OptionShowBytes(true), progressbar.OptionClearOnFinish(), progressbar.OptionSetPredictTime(true),
		progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionFullWidth())
	go func() {
		var total int64
		for f := range s.Files(ctx) {
			if f.Skip == "" && f.Err == nil {
				total += f.Size
			}
		}
		if ctx.Err() == nil && total > 0 {
			bar.ChangeMax64(total)
		}
	}()
	return &byteBar{bar: bar, stop: stop}
}

// add is told of bytes that were read.
func (b *byteBar) add(n int) {
	if b.bar != nil {
		_ = b.bar.Add(n) // a bar that cannot be drawn is no reason to stop
	}
}

// done notes the last file in *last.
func (b *byteBar) done(last *string) func(logs.File, *delivery.Summary) {
	return func(f logs.File, _ *delivery.Summary) { *last = f.Name }
}

func (b *byteBar) end() {
	b.stop()
	if b.bar != nil {
		_ = b.bar.Finish()
	}
}
