package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/trailhand/trailhand/internal/logs"
	"github.com/trailhand/trailhand/internal/replay"
	"github.com/trailhand/trailhand/pkg/delivery"
	"github.com/trailhand/trailhand/pkg/insights"
)

// detectFlags are the flags of `trailhand detect`.
type detectFlags struct {
	read            talliesFlags
	until           string
	report, explain string
	at              string
}

const detectHelp = `Detect runs the detector over calls that have happened, and prints what it tells:
CloudTrail Insight records, Start and End, one a line, in the order in which they
were decided. It is the very detector that is deployed.

A PATH is a file, a folder, a glob, s3://bucket/prefix, or - for standard input, as
of 'trailhand parse'. Log files may have any age and come in any order. With --rates
it reads rates instead, as 'trailhand parse --format rates' prints them: one a line,

  {"accountId":"123456789012","awsRegion":"eu-west-1","minute":"2026-03-02T10:00:00Z",
   "eventSource":"s3.amazonaws.com","eventName":"DeleteBucket","errorCode":"AccessDenied",
   "category":"Management","readOnly":false,"count":3,
   "userIdentityArn":{"arn:aws:iam::123456789012:user/mary":3},"userAgent":{"aws-cli/2.31.0":3}}

The end of the input closes every minute before it. An insight that is still open
then has no End; --until closes later minutes, in which nothing was called.

The detector learns for 26 hours before it tells anything, and for eight days
before it tells a drop. Where it tells nothing, standard error says how many rates
there were, and how many of them with less history than that.

Each log file is read once, and its calls count. Where two trails log the same events
each is in two files, and counts twice but with --count-once, as CountOnce=true has it
for the deployed detector. It is the flag of log files: rates count an event once that
carry its hash, eight bytes in the base64 of "eventIds".

70 APIs over six weeks, 1.4 million tallies, take some 250 MB of memory. --count-once
takes 10 to 40 MB more for each million calls, while the files are read.

The exit code is 0 if all was read, 1 if a file, a record or a line could not be, and
2 if the command line is wrong.`

const detectExamples = `  trailhand detect s3://my-trail/AWSLogs/123456789012/CloudTrail/eu-west-1/2026/
  trailhand simulate --out logs examples/scenarios/user-guide.yaml
  trailhand detect --report rates.html --count-once logs/AWSLogs
  trailhand parse --format rates logs/AWSLogs > rates.ndjson
  trailhand detect --rates rates.ndjson --until 2026-03-13
  trailhand detect --rates rates.ndjson --explain s3.amazonaws.com:DeleteBucket
  trailhand detect --rates rates.ndjson --explain ec2.amazonaws.com:RunInstances --at 2026-03-11T10:04:00Z`

func newDetect(p process) *cobra.Command {
	var f detectFlags
	cmd := &cobra.Command{
		Use:     "detect PATH… | --rates FILE",
		Short:   "Find unusual call rates in log files, as the detector function does",
		Long:    detectHelp,
		Example: detectExamples,
		RunE:    func(cmd *cobra.Command, paths []string) error { return detect(cmd.Context(), p, f, paths) },
	}
	f.read.register(cmd.Flags())
	cmd.Flags().StringVar(&f.until, "until", "", "close the minutes before: 2026-03-03 or 2026-03-03T10:00:00Z")
	cmd.Flags().StringVar(&f.report, "report", "", "draw rates, baselines, thresholds and insights into an HTML file")
	cmd.Flags().StringVar(&f.explain, "explain", "", "eventSource:eventName[:errorCode]: print why its minutes Started an insight or did not, instead of records")
	cmd.Flags().StringVar(&f.at, "at", "", "with --explain: of this minute alone")
	return cmd
}

// detect is the command behind its flags.
func detect(ctx context.Context, p process, f detectFlags, paths []string) error {
	until, errUntil := parseTime("--until", f.until)
	asked, errAsked := parseQuestion(f.explain, f.at)
	cfg, errConfig := f.read.detector()
	if err := errors.Join(errUntil, errAsked, errConfig); err != nil {
		return usageError{err}
	}
	log, badly := f.read.log(ctx, p, paths)
	if badly.fatal != nil {
		return badly.fatal
	}
	run := replay.Run{Config: cfg, Until: until, Progress: newProgress(p.stderr, "detecting")}
	if asked != nil {
		return errors.Join(explainRate(ctx, p.stdout, log, run, *asked), badly.partly)
	}
	told, judged, err := run.Judge(ctx, log)
	if err == nil {
		err = printInsights(p.stdout, told)
	}
	if err == nil && len(told) == 0 && (log.Len() > 0 || badly.partly == nil) {
		explainNothing(p.stderr, log, judged)
	}
	if err == nil && f.report != "" {
		err = drawInsights(ctx, f.report, log, run, told)
	}
	return errors.Join(err, badly.partly)
}

func printInsights(w io.Writer, told []insights.Transition) error {
	if isTerminal(w) {
		w = logs.JSONTerminal(w)
	}
	out := bufio.NewWriter(w)
	for _, t := range told {
		_, _ = out.Write(append(t.Record(), '\n')) // Flush gives the error
	}
	return out.Flush()
}

// talliesFlags say where calls are read from, and how the detector is set.
type talliesFlags struct {
	rates, config string
	countOnce     bool
	found         foundFlags
	span          logs.Span // of the files' delivery
	jobs          int
}

func (f *talliesFlags) register(flags *pflag.FlagSet) {
	flags.StringVar(&f.rates, "rates", "", "a file of rates, one a line, or - for standard input, instead of log files")
	flags.BoolVar(&f.countOnce, "count-once", false, "count an event once that is in several log files, as those of two trails")
	flags.StringVar(&f.config, "config", "", "a JSON file with the detector's knobs, over the defaults")
	flags.StringVar(&f.found.endpoint, "endpoint-url", "", "where S3 is, if not at AWS")
	flags.IntVar(&f.jobs, "jobs", runtime.GOMAXPROCS(0), "log files read at once")
}

// detector gives the detector's knobs.
func (f *talliesFlags) detector() (insights.Config, error) {
	return f.detectorOver(insights.DefaultConfig())
}

// detectorOver gives the knobs of --config, over others.
func (f *talliesFlags) detectorOver(cfg insights.Config) (insights.Config, error) {
	if f.config == "" {
		return cfg, nil
	}
	text, err := os.ReadFile(f.config)
	if err == nil {
		err = json.Unmarshal(text, &cfg)
	}
	if err == nil {
		err = cfg.Validate()
	}
	if err != nil {
		return cfg, fmt.Errorf("--config %q: %w", f.config, err)
	}
	return cfg, nil
}

// unread is what could not be read.
type unread struct {
	fatal  error // nothing can be said
	partly error // the rest was read
}

// log reads the calls.
func (f *talliesFlags) log(ctx context.Context, p process, paths []string) (*replay.Log, unread) {
	switch {
	case f.jobs < 1:
		return nil, unread{fatal: usageError{fmt.Errorf("--jobs %d: at least 1", f.jobs)}}
	case f.rates != "" && len(paths) > 0:
		return nil, unread{fatal: usageError{errors.New("--rates and PATH: give one of them")}}
	case f.rates != "" && f.countOnce:
		return nil, unread{fatal: usageError{errors.New("--count-once is of log files: rates count an event once if they carry its eventIds")}}
	case f.rates != "":
		return readRates(p, f.rates)
	}
	sources, err := f.found.sources(ctx, p, paths)
	if err != nil {
		return nil, unread{fatal: usageError{err}}
	}
	sources.Span = f.span
	return f.readLogs(ctx, p, sources)
}

// readLogs counts the calls of log files.
func (f *talliesFlags) readLogs(ctx context.Context, p process, sources *logs.Sources) (*replay.Log, unread) {
	log := replay.NewLog()
	bar := newByteBar(ctx, p.stderr, sources)
	r := logs.Reading{Sinks: []delivery.Sink{delivery.Tallies{To: log, EventIDs: f.countOnce}}, Jobs: f.jobs, Progress: bar.add}
	total, err := r.Run(ctx, sources.Files(ctx), io.Discard)
	bar.end()
	if err != nil {
		return nil, unread{fatal: report(p.stderr, total, reported{err: err})}
	}
	return log, unread{partly: report(p.stderr, total, reported{})}
}

const badLinesTold = 10

// readRates reads a file of rates.
func readRates(p process, name string) (*replay.Log, unread) {
	in, size := p.stdin, int64(0)
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, unread{fatal: fmt.Errorf("--rates: %w", err)}
		}
		defer func() { _ = f.Close() }()
		if info, err := f.Stat(); err == nil {
			size = info.Size()
		}
		in = f
	}
	log, bad := replay.NewLog(), 0
	err := log.ReadRates(&shareRead{in, size, 0, newProgress(p.stderr, "reading")}, func(line int, err error) {
		if bad++; bad <= badLinesTold {
			fmt.Fprintf(p.stderr, "trailhand: %s: line %d: %s\n", name, line, logs.Visible(err.Error()))
		}
	})
	if err != nil {
		return nil, unread{fatal: fmt.Errorf("--rates %q: %w", name, err)}
	}
	if bad > 0 {
		return log, unread{partly: fmt.Errorf("%d lines of %q could not be read", bad, name)}
	}
	return log, unread{}
}

// shareRead tells what share of a file was read.
type shareRead struct {
	io.Reader
	size, read int64
	tell       func(done float64)
}

// Read implements io.Reader.
func (c *shareRead) Read(b []byte) (int, error) {
	n, err := c.Reader.Read(b)
	if c.read += int64(n); c.tell != nil && c.size > 0 {
		c.tell(min(1, float64(c.read)/float64(c.size)))
	}
	return n, err
}
