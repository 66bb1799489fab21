package main

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/trailhand/trailhand/internal/logs"
	"github.com/trailhand/trailhand/pkg/delivery"
	"github.com/trailhand/trailhand/pkg/events"
)

// replayFlags are the flags of `trailhand replay`.
type replayFlags struct {
	found    foundFlags
	endpoint string
	speed    float64
	keepTime bool
}

const replayHelp = `Replay feeds the events of recorded log files into a running 'trailhand local', as
if they happened there: they are in its event history, its trails select and
deliver them, and its event bus tells of them.

A PATH is what 'trailhand parse' takes: a file, a folder, a glob, s3://bucket/prefix,
or - for standard input. An event that several files have is fed once.

Without --keep-time the events happen now, under new event IDs. With --speed 0 they
do so as fast as they are taken; 1 keeps their pace, 60 makes an hour a minute. Files
are then taken in the order of the times in their names.

With --keep-time the events are fed as they are. Event history and rates go by the
time of an event, so it is those of that time that they are in.

The exit code is 0 if every event was taken, 1 if a file could not be read or an
event was refused, and 2 if the command line is wrong.`

const replayExamples = `  trailhand replay examples/logs
  trailhand replay --speed 60 --since 2023-07-10 examples/logs
  trailhand replay --keep-time s3://my-trail/AWSLogs/123456789012/CloudTrail/eu-west-1/2026/03/`

func newReplay(p process) *cobra.Command {
	var f replayFlags
	cmd := &cobra.Command{
		Use:     "replay PATH…",
		Short:   "Feed recorded log files into a running 'trailhand local'",
		Long:    replayHelp,
		Example: replayExamples,
		RunE:    func(cmd *cobra.Command, paths []string) error { return runReplay(cmd.Context(), p, f, paths) },
	}
	f.found.register(cmd.Flags())
	cmd.Flags().StringVar(&f.endpoint, "endpoint", "http://127.0.0.1:4566", "where 'trailhand local' listens")
	cmd.Flags().Float64Var(&f.speed, "speed", 0, "times their own pace; 0: as fast as possible")
	cmd.Flags().BoolVar(&f.keepTime, "keep-time", false, "keep the time and the ID of each event")
	return cmd
}

// runReplay is the command behind its flags.
func runReplay(ctx context.Context, p process, f replayFlags, paths []string) error {
	sources, err := f.found.sources(ctx, p, paths)
	if err = errors.Join(err, f.check()); err != nil {
		return usageError{err}
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	feed := &feeder{
		url: strings.TrimSuffix(f.endpoint, "/") + "/_trailhand/events", client: &http.Client{Timeout: time.Minute},
		speed: f.speed, keepTime: f.keepTime, now: time.Now, stop: cancel, seen: map[eventDigest]struct{}{},
	}
	bar := newByteBar(ctx, p.stderr, sources)
	last := ""
	reading := logs.Reading{Jobs: 1, Sinks: []delivery.Sink{feed}, Progress: bar.add, Done: bar.done(&last)}
	files := sources.Files(ctx)
	if f.speed > 0 {
		files = inOrder(files)
	}
	total, err := reading.Run(ctx, files, p.stdout)
	bar.end()
	if err != nil {
		err = context.Cause(ctx)
	}
	if _, printErr := fmt.Fprintf(p.stdout, "%d events of %d files were taken, %d were there twice, %d were refused\n", feed.taken, total.Files, feed.twice, feed.refused); printErr != nil {
		return fmt.Errorf("printing: %w", printErr)
	}
	for _, reason := range feed.reasons {
		fmt.Fprintf(p.stderr, "trailhand: %s\n", logs.Visible(reason))
	}
	return errors.Join(report(p.stderr, total, reported{err: err, last: last}), feed.failure())
}

func (f replayFlags) check() error {
	u, err := url.Parse(f.endpoint)
	switch {
	case f.speed < 0 || math.IsNaN(f.speed):
		return fmt.Errorf("--speed %g is less than 0", f.speed)
	case err != nil:
		return fmt.Errorf("--endpoint: %w", err)
	case u.Scheme != "http" && u.Scheme != "https" || u.Host == "":
		return fmt.Errorf("--endpoint %q is not like http://127.0.0.1:4566", f.endpoint)
	}
	return nil
}

// inOrder gives files in the order of the times in their names; those without
// a time come first.
func inOrder(files iter.Seq[logs.File]) iter.Seq[logs.File] {
	all := slices.Collect(files)
	slices.SortStableFunc(all, func(a, b logs.File) int { return deliveredAt(a).Compare(deliveredAt(b)) })
	return slices.Values(all)
}

func deliveredAt(f logs.File) time.Time {
	key, err := events.ParseKey(events.FromAWSLogs(filepath.ToSlash(f.Name)))
	if err != nil {
		return time.Time{}
	}
	return key.Time
}
