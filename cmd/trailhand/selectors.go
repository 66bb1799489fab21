package main

import (
	"context"
	"errors"
	"fmt"
	"runtime"

	"github.com/spf13/cobra"

	"github.com/trailhand/trailhand/internal/logs"
	"github.com/trailhand/trailhand/pkg/delivery"
	"github.com/trailhand/trailhand/pkg/events"
)

const selectorsHelp = `Test reads log files and says which of their events a trail with these selectors
would log: how many each selector keeps, why the others are refused, and what a
month of it would cost at CloudTrail's published prices.

SELECTORS.json is what PutEventSelectors takes and GetEventSelectors gives: an
object with EventSelectors or AdvancedEventSelectors. A PATH is what it is to
parse: a file, a folder, a glob, s3://bucket/prefix, or - for standard input.

An event counts for the first selector that keeps it. Only what is in the log
files can be counted: events that the trail they are of did not log are not there.

The costs extrapolate from the time between the first and the last event of the
log files to a month of 730 hours, and know nothing of S3, SNS, KMS or Insights
baselines.

The exit code is 0 if all was read, 1 if a file or a record could not be, and 2
if the command line or the selectors are wrong.`

const selectorsExamples = `  trailhand selectors test examples/selectors.json examples/logs
  trailhand selectors test --top 3 examples/selectors.json examples/logs
  trailhand selectors test --json examples/selectors.json examples/logs
  trailhand selectors test examples/selectors.json s3://my-trail/AWSLogs/123456789012/CloudTrail/eu-west-1/2026/03/`

// selectorsFlags are the flags of `trailhand selectors test`.
type selectorsFlags struct {
	found  foundFlags
	limits events.Limits
	jobs   int
	top    int
	json   bool
}

func newSelectors(p process) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "selectors",
		Short: "Try event selectors on log files",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	var f selectorsFlags
	test := &cobra.Command{
		Use:     "test SELECTORS.json PATH…",
		Short:   "Which events a trail would log, why not the others, and what a month costs",
		Long:    selectorsHelp,
		Example: selectorsExamples,
		RunE:    func(cmd *cobra.Command, args []string) error { return testSelectors(cmd.Context(), p, f, args) },
	}
	f.found.register(test.Flags())
	registerLimits(test.Flags(), &f.limits)
	test.Flags().IntVar(&f.jobs, "jobs", runtime.GOMAXPROCS(0), "files read at once")
	test.Flags().IntVar(&f.top, "top", 20, "how many kinds of events to print, kept and refused; with --json all are")
	test.Flags().BoolVar(&f.json, "json", false, "print the result, and failures, as JSON")
	cmd.AddCommand(test)
	return cmd
}

// testSelectors is the command behind its flags.
func testSelectors(ctx context.Context, p process, f selectorsFlags, args []string) error {
	if len(args) < 2 {
		return usageError{errors.New("selectors test wants SELECTORS.json and a PATH")}
	}
	m, err := readSelectors(args[0])
	sources, errFound := f.found.sources(ctx, p, args[1:])
	if f.jobs < 1 || f.top < 0 {
		errFound = errors.Join(errFound, fmt.Errorf("--jobs %d, --top %d: at least 1, and 0", f.jobs, f.top))
	}
	if err := errors.Join(err, errFound); err != nil {
		return usageError{err}
	}
	sink := newSelection(m)
	bar := newByteBar(ctx, p.stderr, sources)
	last := ""
	r := logs.Reading{Sinks: []delivery.Sink{sink}, Jobs: f.jobs, Limits: f.limits, Progress: bar.add, Done: bar.done(&last)}
	total, err := r.Run(ctx, sources.Files(ctx), p.stdout)
	bar.end()
	if err == nil {
		err = sink.result(total).print(p.stdout, f.top, f.json)
	}
	return report(p.stderr, total, reported{json: f.json, err: err, last: last})
}
