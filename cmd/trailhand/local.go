package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"time"

	"github.com/spf13/cobra"

	trailhand "github.com/trailhand/trailhand"
	"github.com/trailhand/trailhand/internal/cloud"
	"github.com/trailhand/trailhand/pkg/trail"
)

// localFlags are the flags of `trailhand local`.
type localFlags struct {
	data, desired         string
	functions, bootstraps string
	files                 localFiles
	cloud                 cloud.Config
	verbose               bool
}

func newLocal(p process) *cobra.Command {
	var f localFlags
	cmd := &cobra.Command{
		Use:     "local",
		Short:   "Serve an AWS account with CloudTrail on one port, until interrupted",
		Long:    localHelp,
		Example: "  trailhand local --data ./account\n  trailhand local --listen 127.0.0.1:0 --data /tmp/account --desired examples/desired.yaml --delivery-interval 2s",
		Args:    noArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return runLocal(cmd.Context(), p, f) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.cloud.Listen, "listen", "127.0.0.1:4566", "host:port; port 0 is any free one")
	flags.StringVar(&f.data, "data", "", "folder that keeps everything; made if missing (required)")
	flags.StringVar(&f.desired, "desired", "", "desired.yaml of the reconciler; without it the reconciler looks after no trail")
	flags.StringVar(&f.cloud.AccountID, "account", "123456789012", "account of every access key that --identities does not name")
	flags.StringVar(&f.cloud.Region, "region", "us-east-1", "Region of the functions, their queues and their event bus")
	flags.DurationVar(&f.cloud.DeliveryInterval, "delivery-interval", 5*time.Minute, "between log files")
	flags.DurationVar(&f.cloud.DigestInterval, "digest-interval", time.Hour, "of one digest file; a second at least")
	f.files.add(cmd)
	flags.StringVar(&f.cloud.Upstream, "upstream", "", "URL of an endpoint that serves all other services, such as http://127.0.0.1:5000")
	flags.StringVar(&f.functions, "functions", "handlers", "handlers: in this process; or bootstrap: the deployed binaries, as Lambda runs them")
	flags.StringVar(&f.bootstraps, "bootstraps", "dist/"+runtime.GOARCH, "folder of <function>/bootstrap, as make build writes it")
	flags.DurationVar(&f.cloud.InsightWarmup, "insight-warmup", 36*time.Hour, "that a trail is observed before its first Insight event")
	flags.BoolVar(&f.verbose, "verbose", false, "print the log lines of the account and of the functions on stderr")
	return cmd
}

// runLocal serves until ctx ends, and then delivers what is waiting.
func runLocal(ctx context.Context, p process, f localFlags) (err error) {
	cfg, err := f.config(p)
	if err != nil {
		return err
	}
	release, err := cloud.Lock(cfg.Dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, release()) }()
	c, err := cloud.Start(ctx, cfg)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(p.stdout, "ready %s\n", c.URL()); err != nil {
		return errors.Join(err, c.Close(context.WithoutCancel(ctx)))
	}
	<-ctx.Done()
	leave, cancel := context.WithTimeout(context.WithoutCancel(ctx), 20*time.Second)
	defer cancel()
	return c.Close(leave)
}

func (f localFlags) config(p process) (cloud.Config, error) {
	if f.data == "" {
		return cloud.Config{}, usageError{errors.New("--data is required: the folder that keeps everything")}
	}
	if f.cloud.DigestInterval < time.Second {
		return cloud.Config{}, usageError{fmt.Errorf("--digest-interval %s is less than a second", f.cloud.DigestInterval)}
	}
	dir, err := filepath.Abs(f.data)
	if err != nil {
		return cloud.Config{}, usageError{fmt.Errorf("--data %q: %w", f.data, err)}
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return cloud.Config{}, fmt.Errorf("--data: %w", err)
	}
	template, err := trailhand.Template()
	if err != nil {
		return cloud.Config{}, err
	}
	cfg := f.cloud
	cfg.Dir, cfg.StackName, cfg.Template = dir, "trailhand", template
	cfg.Timers, cfg.Now, cfg.Log = true, time.Now, localLogger(p.stderr, f.verbose)
	cfg.OnDrift = tellDrift(p.stderr)
	desired, err := f.desiredFile(dir)
	if err != nil {
		return cloud.Config{}, err
	}
	cfg.Parameters = map[string]string{"CreateTrail": "false", "Mode": "repair", "Desired": desired}
	if err := f.files.read(&cfg); err != nil {
		return cloud.Config{}, err
	}
	cfg.Functions, err = f.code(p, cfg.Log)
	return cfg, err
}

// localLogger tells errors also where nobody asked for more: a full disk is
// nothing to keep to oneself.
func localLogger(w io.Writer, verbose bool) *slog.Logger {
	if verbose {
		return newLogger(w, true)
	}
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: slog.LevelError}))
}

// tellDrift writes a line for each thing that the reconciler tells of a trail.
func tellDrift(w io.Writer) func(trail.Notice) {
	var mu sync.Mutex
	return func(n trail.Notice) {
		mu.Lock()
		defer mu.Unlock()
		fmt.Fprintln(w, cloud.DriftLine(n))
	}
}

// desiredFile is the path that the reconciler reads: the given file, or one
// that names no trail.
func (f localFlags) desiredFile(dir string) (string, error) {
	if f.desired != "" {
		path, err := filepath.Abs(f.desired)
		if err == nil {
			_, err = os.Stat(path)
		}
		if err != nil {
			return "", usageError{fmt.Errorf("--desired: %w", err)}
		}
		return path, nil
	}
	path := filepath.Join(dir, "desired.yaml")
	if err := os.WriteFile(path, []byte("mode: repair\ntrails: []\n"), 0o600); err != nil {
		return "", fmt.Errorf("--data: %w", err)
	}
	return path, nil
}
