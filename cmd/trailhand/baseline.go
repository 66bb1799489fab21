package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/trailhand/trailhand/internal/awsio"
	"github.com/trailhand/trailhand/internal/logs"
	"github.com/trailhand/trailhand/internal/replay"
	"github.com/trailhand/trailhand/pkg/insights"
)

// baselineFlags are the flags of `trailhand baseline`.
type baselineFlags struct {
	read    talliesFlags
	out     string
	until   string
	days    int
	replace bool
}

const baselineHelp = `Baseline reads the log files of the last four weeks and writes what the detector
would have learned from them: one snapshot an account and Region, where the detector
function looks for it. The first insight then needs no 26 hours, and the first drop
no eight days.

A PATH is as of 'trailhand parse'. --out is s3://STATE_BUCKET/STATE_PREFIX of the
detector function, or a folder with the same names below it.

The snapshot ends --until (now, if it is not given) less the detector's lateness, or
less that than the newest call. Calls before are in it, and the detector takes none of
them a second time; calls after it are left to the detector. So nothing counts twice,
whatever is delivered again, and nothing is lost if the detector begins to run before
the lateness (15 minutes) is over.

An event that two trails deliver counts twice, or with --count-once once: use it where
the detector's stack has CountOnce=true, or what it learns is twice what it will see.

Insights that would have been told are not: they are those of the past. One that is
open at the end gets its End from the detector.

A snapshot that is there already is kept, and told, unless --replace is given.

The exit code is 0 if all was read and written, 1 if a file could not be read or a
snapshot not be written, and 2 if the command line is wrong.`

const baselineExamples = `  trailhand baseline s3://my-trail/AWSLogs/123456789012/CloudTrail/eu-west-1/ --out s3://my-state/detector/
  trailhand simulate --out logs examples/scenarios/key-creation.yaml
  trailhand baseline logs/AWSLogs --until 2026-03-18 --out states`

// lateFiles is how long after its calls a log file may have been delivered.
const lateFiles = 24 * time.Hour

func newBaseline(p process) *cobra.Command {
	var f baselineFlags
	cmd := &cobra.Command{
		Use:     "baseline PATH… --out s3://BUCKET/PREFIX",
		Short:   "Let the detector begin with what the last weeks' log files say",
		Long:    baselineHelp,
		Example: baselineExamples,
		RunE:    func(cmd *cobra.Command, paths []string) error { return baseline(cmd.Context(), p, f, paths) },
	}
	f.read.register(cmd.Flags())
	cmd.Flags().StringVar(&f.out, "out", "", "s3://BUCKET/PREFIX or a folder (required)")
	cmd.Flags().StringVar(&f.until, "until", "", "leave out calls at that time or later: 2026-03-30 or 2026-03-30T10:00:00Z")
	cmd.Flags().IntVar(&f.days, "days", 28, "how many days before are read")
	cmd.Flags().BoolVar(&f.replace, "replace", false, "write over snapshots that are there")
	return cmd
}

// baseline is the command behind its flags.
func baseline(ctx context.Context, p process, f baselineFlags, paths []string) error {
	until, errUntil := parseTime("--until", f.until)
	cfg, errConfig := f.read.detector()
	store, errStore := f.store(ctx, p.env)
	var errDays error
	if f.days < 1 || f.days > 400 {
		errDays = fmt.Errorf("--days %d is not within 1 and 400", f.days)
	}
	if err := errors.Join(errUntil, errConfig, errStore, errDays); err != nil {
		return usageError{err}
	}
	if until.IsZero() {
		until = time.Now()
	}
	f.read.span = logs.Span{Since: until.AddDate(0, 0, -f.days), Until: until.Add(lateFiles)} // files come after their calls
	log, badly := f.read.log(ctx, p, paths)
	if badly.fatal != nil {
		return badly.fatal
	}
	run := replay.Baseline(cfg, until, log.End(), f.days)
	run.Progress = newProgress(p.stderr, "learning")
	written, err := writeStates(ctx, p, run, log, store, f.replace)
	if written > 0 {
		store.next(p.stderr, written, run.Before, cfg.Lateness)
	}
	return errors.Join(err, badly.partly)
}

// shelf is where snapshots go.
type shelf struct {
	insights.Store
	name func(account, region string) string
	use  string // what to do for the detector to find them
}

// next says where the snapshots end, and what to do with them.
func (s shelf) next(w io.Writer, written int, end time.Time, lateness time.Duration) {
	fmt.Fprintf(w, "%s made, up to %s: %s (lateness) before the newest call or --until, as log files with later calls may still come.\n",
		count(written, "snapshot"), end.Format(time.RFC3339), lasting(lateness))
	fmt.Fprintf(w, "Next: %s. It counts calls from that time on, and no earlier one again.\n", s.use)
}

// store is where --out says.
func (f *baselineFlags) store(ctx context.Context, env map[string]string) (shelf, error) {
	if f.out == "" {
		return shelf{}, errors.New("--out is required: s3://BUCKET/PREFIX of the detector's state, or a folder")
	}
	place, isS3 := strings.CutPrefix(f.out, "s3://")
	if !isS3 {
		folder := replay.Folder(f.out)
		return shelf{folder, folder.Path, "copy " + f.out + " to s3://STATE_BUCKET/STATE_PREFIX of the detector, and let it run"}, nil
	}
	bucket, prefix, _ := strings.Cut(place, "/")
	if bucket == "" {
		return shelf{}, fmt.Errorf("--out %q names no bucket", f.out)
	}
	if prefix != "" && !strings.HasSuffix(prefix, "/") {
		prefix += "/"
	}
	if f.read.found.endpoint != "" {
		env = maps.Clone(env)
		env["AWS_ENDPOINT_URL"] = f.read.found.endpoint
	}
	cfg, err := awsio.Load(ctx, env)
	states := awsio.States{Bucket: awsio.NewS3(cfg).Bucket(bucket), Prefix: prefix}
	name := func(account, region string) string { return "s3://" + bucket + "/" + states.Key(account, region) }
	return shelf{states, name, fmt.Sprintf("let the detector run, with STATE_BUCKET=%s and STATE_PREFIX=%s", bucket, prefix)}, err
}

// writeStates writes a snapshot for each place. One that cannot be written stops no other.
func writeStates(ctx context.Context, p process, run replay.Run, log *replay.Log, to shelf, replace bool) (written int, err error) {
	var failed error
	err = run.States(ctx, log, func(place replay.Place, s *insights.State) error {
		size, err := replay.Keep(ctx, to, place, s, replace)
		if errors.Is(err, replay.ErrThere) {
			err = fmt.Errorf("%w: --replace writes over it", err)
		}
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("%s %s: %w", place.AccountID, place.Region, err))
			return nil
		}
		written++
		_, err = fmt.Fprintf(p.stdout, "%s %s: %s, %d bytes in %s\n", safe(p.stdout, place.AccountID), safe(p.stdout, place.Region),
			count(s.Keys(), "rate"), size, safe(p.stdout, to.name(place.AccountID, place.Region)))
		return err
	})
	if err == nil && failed == nil && written == 0 {
		err = fmt.Errorf("no call from %s on is in the input%s", run.From.Format(time.RFC3339), newestHint(log))
	}
	return written, errors.Join(err, failed)
}

func newestHint(log *replay.Log) string {
	if log.Len() == 0 {
		return ""
	}
	return fmt.Sprintf(": the newest is of %s, see --until", log.End().Add(-time.Minute).Format(time.RFC3339))
}
