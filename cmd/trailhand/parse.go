package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/trailhand/trailhand/internal/logs"
	"github.com/trailhand/trailhand/pkg/events"
)

// parseFlags are the flags of `trailhand parse`.
type parseFlags struct {
	found      foundFlags
	filter     filterFlags
	format     string
	fields     string
	limits     events.Limits
	jobs       int
	jsonErrors bool
}

const parseHelp = `Parse reads log files that CloudTrail delivered. A PATH is a file, a folder, a
glob, s3://bucket/prefix, or - for standard input.

In folders and buckets it reads CloudTrail's log files, those of Insight events
too, and whatever ends in .json, .jsonl or .ndjson, with .gz or .zst behind it or
not; digest files and other names are left out. A file holds {"Records":[…]}, or a
record a line.

Formats:
  ndjson    the records as they are, one a line; with --fields objects of these
  csv       a line a record; cells that a spreadsheet would compute are disarmed
  table     columns for the eye
  summary   JSON: totals by category, event, error, account and Region, and which
            files failed or were skipped
  rates     NDJSON: calls of each API a minute, with principals and user agents; a
            minute whose events are in several files has a line of each
  parquet   one Parquet file
  ocsf      NDJSON of OCSF API Activity

A damaged file stops no other. It is told at the end, and nothing of it is in any
output; ndjson alone has the records from before the damage, since it does not
wait for a file's end. Output has the order of the files, whatever --jobs is.

--since and --until choose files by the time in their names, which is when
CloudTrail delivered them: some minutes after the events. They take a day or an
RFC 3339 time; files whose names have no time are always read.

The exit code is 0 if all was read, 1 if a file or a record could not be, and 2
if the command line is wrong.`

const parseExamples = `  trailhand parse examples/logs
  trailhand parse --format summary examples/logs
  trailhand parse --format csv --fields eventTime,eventName,requestParameters.bucketName examples/logs
  trailhand parse --format ndjson --match '{"detail":{"errorCode":["AccessDenied"]}}' examples/logs
  trailhand parse --format rates --category Management --since 2023-07-10 --until 2023-07-11 examples/logs
  trailhand parse --format parquet s3://my-trail/AWSLogs/123456789012/CloudTrail/eu-west-1/2026/03/ > march.parquet`

func newParse(p process) *cobra.Command {
	var f parseFlags
	cmd := &cobra.Command{
		Use:     "parse PATH…",
		Short:   "Read log files: records, tables, totals and rates of them",
		Long:    parseHelp,
		Example: parseExamples,
		RunE:    func(cmd *cobra.Command, paths []string) error { return parse(cmd.Context(), p, f, paths) },
	}
	f.found.register(cmd.Flags())
	f.filter.register(cmd.Flags())
	registerLimits(cmd.Flags(), &f.limits)
	cmd.Flags().StringVar(&f.format, "format", "table", "ndjson, csv, table, summary, rates, parquet or ocsf")
	cmd.Flags().StringVar(&f.fields, "fields", "", "what ndjson, csv and table print, as eventTime,userIdentity.arn,…")
	cmd.Flags().IntVar(&f.jobs, "jobs", runtime.GOMAXPROCS(0), "files read at once")
	cmd.Flags().BoolVar(&f.jsonErrors, "json", false, "print failures as JSON, one a line")
	return cmd
}

// parse is the command behind its flags.
func parse(ctx context.Context, p process, f parseFlags, paths []string) error {
	sources, errFound := f.found.sources(ctx, p, paths)
	keep, errKeep := f.filter.keep()
	out, errOut := newOutput(f.format, f.fields, p.stdout)
	if f.jobs < 1 {
		errOut = errors.Join(errOut, fmt.Errorf("--jobs %d: at least 1", f.jobs))
	}
	if err := errors.Join(errFound, errKeep, errOut); err != nil {
		return usageError{err}
	}
	bar := newByteBar(ctx, out.beside(p.stdout, p.stderr), sources)
	last := ""
	r := logs.Reading{Keep: keep, Format: out.format, Jobs: f.jobs, Limits: f.limits, Progress: bar.add, Done: bar.done(&last)}
	total, err := r.Run(ctx, sources.Files(ctx), out.w)
	bar.end()
	if err == nil {
		err = out.end(total)
	}
	return report(p.stderr, total, reported{json: f.jsonErrors, err: err, last: last})
}

// isTerminal says whether somebody looks at what is written.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
