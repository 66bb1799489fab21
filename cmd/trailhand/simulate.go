package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/trailhand/trailhand/internal/logs"
	"github.com/trailhand/trailhand/internal/replay"
	"github.com/trailhand/trailhand/internal/sim"
	"github.com/trailhand/trailhand/pkg/insights"
)

// simulateFlags are the flags of `trailhand simulate`.
type simulateFlags struct {
	seed        uint64
	runs        int
	like        []string
	likeRates   string
	days, learn int
	out, report string
	config      string
	tune        bool
	read        talliesFlags
}

const simulateHelp = `Simulate makes the traffic of a scenario, runs the detector over it, and scores what
it tells against what is wrong in the traffic. The same scenario and seed always make
the same traffic and the same score.

A scenario (YAML; see examples/scenarios) has

  name, seed, account, region, start (a day), days, learn (days that are not scored)
  detector:   the detector's knobs, by their JSON names
  traffic:    a list of
    api: eventSource:eventName[:errorCode], readOnly, data, count (of such APIs),
    archetype: constant (rate, k), diurnal (rate, k, swing, weekend), office (rate, k),
      cron (every, burst, over), deploys (every, burst, over), sparse (every),
      heavyTailed (rate, every, burst, over, tail), retries (rate, every, burst, over)
    rate is calls a minute; k how even they are (without k as even as chance is);
    every the time between bursts, burst the calls in one, over the time it takes
  anomalies:  a list of
    api, at: 8d10h (since the start), for: 12m, principal: ARN of who does it, and
    kind: spike, errors, principal, ramp, lowAndSlow, levelChange, with times (the usual
      rate) or rate (calls a minute more); drop, with neither
  inject:     anomalies at random: share (of the APIs), spikes, drops (for each)

With --like the traffic is made of log files instead: whole days of them at random,
weekdays for weekdays, or hours or minutes where there are no two days; spikes and
drops are injected at random, unless a scenario says what. Nothing but the calls' API,
error code and minute is taken from them.

With --out it writes the log files, as CloudTrail would deliver them, under AWSLogs/,
and truth.json.
With --tune it measures one knob after another over a range, and draws what each
setting finds against what it tells falsely.

Limits are those of 95% confidence intervals: Wilson's for shares, the exact Poisson
one for false Starts, and a bootstrap for delays. More --runs, each with a seed of its
own, make them narrower.

The exit code is 0 whatever the score is, 1 if the scenario is wrong, a log file could
not be read or a file not be written, and 2 if the command line is wrong.`

const simulateExamples = `  trailhand simulate examples/scenarios/user-guide.yaml --report score.html
  trailhand simulate examples/scenarios/ransomware.yaml --runs 5 --seed 100
  trailhand simulate --like s3://my-trail/AWSLogs/123456789012/CloudTrail/eu-west-1/2026/03/ --tune --report tune.html
  trailhand simulate examples/scenarios/enumeration.yaml --out logs && trailhand detect logs/AWSLogs`

func newSimulate(p process) *cobra.Command {
	var f simulateFlags
	cmd := &cobra.Command{
		Use:     "simulate SCENARIO.yaml | --like PATH",
		Short:   "Make traffic with anomalies, and score the detector on it",
		Long:    simulateHelp,
		Example: simulateExamples,
		RunE:    func(cmd *cobra.Command, args []string) error { return simulate(cmd.Context(), p, f, args) },
	}
	flags := cmd.Flags()
	flags.Uint64Var(&f.seed, "seed", 0, "instead of the scenario's seed")
	flags.IntVar(&f.runs, "runs", 1, "how many seeds, counted from the first, are scored together")
	flags.StringSliceVar(&f.like, "like", nil, "log files that traffic is to be like: as PATH of 'trailhand parse'; several with commas")
	flags.StringVar(&f.likeRates, "like-rates", "", "a file of rates that traffic is to be like, or -")
	flags.IntVar(&f.days, "days", 0, "instead of the scenario's days")
	flags.IntVar(&f.learn, "learn", -1, "instead of the scenario's learn")
	flags.StringVar(&f.out, "out", "", "write log files and truth.json into this folder, which must be new or empty")
	flags.StringVar(&f.report, "report", "", "draw the score, and the traffic with its anomalies, into an HTML file")
	flags.StringVar(&f.config, "config", "", "a JSON file with the detector's knobs, over those of the scenario")
	flags.BoolVar(&f.tune, "tune", false, "measure the detector's knobs over a range each")
	flags.StringVar(&f.read.found.endpoint, "endpoint-url", "", "where S3 is, if not at AWS")
	return cmd
}

// simulate is the command behind its flags.
func simulate(ctx context.Context, p process, f simulateFlags, args []string) error {
	s, partly, err := f.scenario(ctx, p, args)
	if err != nil {
		return err
	}
	if f.out != "" {
		if err := writeTraffic(p, f.out, s); err != nil {
			return err
		}
	}
	if f.tune {
		return errors.Join(tune(ctx, p, f, s), partly)
	}
	total, first, err := runScenarios(ctx, p, f, s)
	if err != nil {
		return err
	}
	if err := printScore(p.stdout, s, f.runs, total); err != nil {
		return err
	}
	if f.report != "" {
		if err := drawScore(ctx, f.report, first, f.runs, total); err != nil {
			return err
		}
	}
	return partly
}

// scenario gives the scenario that the command line says. partly tells what of
// the logs could not be read.
func (f *simulateFlags) scenario(ctx context.Context, p process, args []string) (s sim.Scenario, partly, err error) {
	if err := f.check(args); err != nil {
		return s, nil, usageError{err}
	}
	s = sim.NewScenario("traffic like the logs'")
	if len(args) == 1 {
		text, err := os.ReadFile(args[0])
		if err != nil {
			return s, nil, err
		}
		if s, err = sim.ParseScenario(args[0], text); err != nil {
			return s, nil, err
		}
	}
	f.over(&s)
	f.read.config, f.read.rates, f.read.jobs = f.config, f.likeRates, 4
	if s.Config, err = f.read.detectorOver(s.Config); err != nil {
		return s, nil, usageError{err}
	}
	if len(f.like) == 0 && f.likeRates == "" {
		return s, nil, nil
	}
	log, badly := f.read.log(ctx, p, f.like)
	if badly.fatal != nil {
		return s, nil, badly.fatal
	}
	return likeLogs(s, log), badly.partly, nil
}

func (f *simulateFlags) check(args []string) error {
	var errs []error
	if len(args) > 1 || len(args) == 0 && len(f.like) == 0 && f.likeRates == "" {
		errs = append(errs, errors.New("name one SCENARIO.yaml, or log files by --like"))
	}
	if f.runs < 1 || f.runs > 10_000 {
		errs = append(errs, fmt.Errorf("--runs %d is not within 1 and 10000", f.runs))
	}
	if f.days < 0 || f.days > 400 {
		errs = append(errs, fmt.Errorf("--days %d is not within 1 and 400", f.days))
	}
	return errors.Join(errs...)
}

// over puts the flags over the scenario.
func (f *simulateFlags) over(s *sim.Scenario) {
	if f.seed > 0 {
		s.Seed = f.seed
	}
	if f.days > 0 {
		s.Days = f.days
	}
	if f.learn >= 0 {
		s.Learn = f.learn
	}
	s.Learn = min(s.Learn, s.Days-1)
}

// likeLogs makes a scenario's traffic of what was observed.
func likeLogs(s sim.Scenario, log *replay.Log) sim.Scenario {
	from, all := log.Calls()
	for _, c := range all {
		s.Sources = append(s.Sources, sim.Source{
			API:  sim.API{EventSource: c.EventSource, EventName: c.EventName, ErrorCode: c.ErrorCode, ReadOnly: c.ReadOnly},
			Data: c.Data, Count: 1, Seen: &sim.Observed{From: from, PerMinute: c.PerMinute},
		})
	}
	if len(s.Anomalies) == 0 && s.Inject == (sim.Inject{}) {
		s.Inject = sim.Inject{Share: 0.5, Spikes: 2, Drops: 1}
	}
	return s
}

// writeTraffic writes the log files of a scenario, and the truth.
func writeTraffic(p process, dir string, s sim.Scenario) error {
	if entries, err := os.ReadDir(dir); err == nil && len(entries) > 0 {
		return usageError{fmt.Errorf("--out %q is not empty", dir)}
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("--out: %w", err)
	}
	g, err := s.Generate()
	if err != nil {
		return err
	}
	files, records, err := g.WriteLogFiles(dir, newProgress(p.stderr, "writing"))
	if err != nil {
		return err
	}
	if err := g.WriteTruth(filepath.Join(dir, "truth.json")); err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.stderr, "trailhand: %d log files with %d records under %s, and truth.json beside it\n", files, records, filepath.Join(dir, "AWSLogs"))
	return err
}

// simulated is one run of a scenario.
type simulated struct {
	*sim.Generated
	log  *replay.Log
	told []insights.Transition
}

// runScenarios runs a scenario with as many seeds as asked for, and gives the
// first run beside the score of all.
func runScenarios(ctx context.Context, p process, f simulateFlags, s sim.Scenario) (total sim.Scores, first simulated, err error) {
	progress := newProgress(p.stderr, "simulating")
	for i := range f.runs {
		one, err := runScenario(ctx, s, s.Config)
		if err != nil {
			return total, first, err
		}
		total.Add(one.Score(one.told))
		if i == 0 {
			first = one
		}
		if progress != nil {
			progress(float64(i+1) / float64(f.runs))
		}
		s.Seed++
	}
	return total, first, nil
}

func runScenario(ctx context.Context, s sim.Scenario, cfg insights.Config) (simulated, error) {
	g, err := s.Generate()
	if err != nil {
		return simulated{}, fmt.Errorf("%s: %w", s.Name, err)
	}
	log := replay.NewLog()
	if err := g.Tallies(log.Add); err != nil {
		return simulated{}, err
	}
	told, err := replay.Run{Config: cfg}.Transitions(ctx, log)
	return simulated{g, log, told}, err
}

// safe is a text that cannot command a terminal.
func safe(w io.Writer, text string) string {
	if isTerminal(w) {
		return logs.Visible(text)
	}
	return text
}
