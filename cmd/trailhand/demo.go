package main

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/trailhand/trailhand/internal/demo"
)

func newDemo(p process) *cobra.Command {
	cfg := demo.Config{Out: p.stdout}
	var verbose bool
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Show all three functions at work in an embedded AWS account",
		Long: `Demo starts an AWS account in this process (CloudTrail, S3, EventBridge, SQS and
Lambda on a free port of the loopback address) and plays three acts in it:

  1. Drift: somebody undoes a trail call by call, and the reconciler puts it back.
  2. Delivered logs: real log files land in the bucket, and the logparser reads them.
  3. Anomaly: nine days of traffic with three incidents in it, and the detector tells them.

It needs no AWS account and no network, and takes less than a minute. It leaves
nothing behind but the report, an HTML page with the rates and the insights.

The exit code is 0 only if every act ended as it should.`,
		Example: "  trailhand demo\n  trailhand demo --report /tmp/rates.html",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			report, err := filepath.Abs(cfg.Report)
			if err != nil {
				return usageError{fmt.Errorf("--report %q: %w", cfg.Report, err)}
			}
			cfg.Report = report
			cfg.Log = newLogger(p.stderr, verbose)
			cfg.Progress = newProgress(p.stderr, "nine days")
			return demo.Run(cmd.Context(), cfg)
		},
	}
	cmd.Flags().StringVar(&cfg.Report, "report", "trailhand-report.html", "where the report goes")
	cmd.Flags().Uint64Var(&cfg.Seed, "seed", 1, "seed of the third act's background traffic")
	cmd.Flags().BoolVar(&verbose, "verbose", false, "print the log lines of the account and of the functions on stderr")
	return cmd
}

// newLogger logs to w, or nowhere.
func newLogger(w io.Writer, verbose bool) *slog.Logger {
	if !verbose {
		return slog.New(slog.DiscardHandler)
	}
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// newProgress draws a bar where somebody looks on; elsewhere it is nil.
func newProgress(w io.Writer, what string) func(done float64) {
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return nil
	}
	const steps = 1000
	bar := progressbar.NewOptions(steps, progressbar.OptionSetWriter(w), progressbar.OptionSetDescription("  "+what),
		progressbar.OptionClearOnFinish(), progressbar.OptionSetPredictTime(true), progressbar.OptionFullWidth())
	return func(done float64) {
		_ = bar.Set(int(done * steps)) // a bar that cannot be drawn is no reason to stop
	}
}
