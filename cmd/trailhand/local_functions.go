package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/trailhand/trailhand/internal/cloud/bootstrap"
	"github.com/trailhand/trailhand/internal/cloud/functions"
	"github.com/trailhand/trailhand/internal/lambdas/detector"
	"github.com/trailhand/trailhand/internal/lambdas/logparser"
	"github.com/trailhand/trailhand/internal/lambdas/reconciler"
)

// code is what runs as the functions.
func (f localFlags) code(p process, log *slog.Logger) (map[string]functions.Function, error) {
	switch f.functions {
	case "handlers":
		return handlers(log), nil
	case "bootstrap":
		output := io.Discard
		if f.verbose {
			output = p.stderr
		}
		return binaries(f.bootstraps, output, log)
	}
	return nil, usageError{fmt.Errorf("--functions %q is neither handlers nor bootstrap", f.functions)}
}

// handlers are those that are deployed, in this process.
func handlers(log *slog.Logger) map[string]functions.Function {
	made := func(f func(context.Context, map[string]string, func() time.Time, *slog.Logger) (lambda.Handler, error)) functions.Function {
		return func(ctx context.Context, env map[string]string) (lambda.Handler, error) {
			return f(ctx, env, time.Now, log)
		}
	}
	return map[string]functions.Function{"Reconciler": made(reconciler.New), "Logparser": made(logparser.New), "Detector": made(detector.New)}
}

// binaries are those that are deployed.
func binaries(dir string, output io.Writer, log *slog.Logger) (map[string]functions.Function, error) {
	code := map[string]functions.Function{}
	for _, name := range []string{"Reconciler", "Logparser", "Detector"} {
		program, err := bootstrap.New(bootstrap.Config{
			Path: filepath.Join(dir, strings.ToLower(name), "bootstrap"), Output: output,
			Started: func(pid int, init time.Duration) {
				log.Info("cold start", "function", name, "pid", pid, "init", init)
			},
		})
		if err != nil {
			return nil, usageError{fmt.Errorf("--bootstraps: %w; make build writes them", err)}
		}
		code[name] = program.Start
	}
	return code, nil
}
