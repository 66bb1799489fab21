package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
)

// Exit codes of every command.
const (
	exitOK     = 0
	exitFailed = 1 // some of the work failed
	exitUsage  = 2 // the command line is wrong; of plan it is exitFailed
	exitDrift  = 2 // of plan: trails are not as desired
)

// process is what a command has of the process it runs in.
type process struct {
	env            map[string]string
	stdin          io.Reader
	stdout, stderr io.Writer
}

// usageError marks a wrong command line, for the exit code.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// run is the whole command: what main does, without the process around it.
func run(ctx context.Context, args, env []string, stdin io.Reader, stdout, stderr io.Writer) int {
	root := newRoot(process{env: environment(env), stdin: stdin, stdout: stdout, stderr: stderr})
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	cmd, err := root.ExecuteContextC(ctx)
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, errDrift):
		return exitDrift
	}
	var usage usageError
	if errors.As(err, &usage) || isUnknownCommand(err) {
		fmt.Fprintf(stderr, "trailhand: %v\nRun 'trailhand help' for the commands and their flags.\n", err)
		if cmd.Name() == "plan" {
			return exitFailed
		}
		return exitUsage
	}
	if !errors.As(err, new(saidError)) {
		fmt.Fprintf(stderr, "trailhand: %s\n", strings.ReplaceAll(err.Error(), "\n", "\ntrailhand: "))
	}
	return exitFailed
}

// isUnknownCommand: cobra has no type for it.
func isUnknownCommand(err error) bool { return strings.HasPrefix(err.Error(), "unknown command") }

func newRoot(p process) *cobra.Command {
	root := &cobra.Command{
		Use:   "trailhand",
		Short: "Run AWS CloudTrail, and what reacts to it, on a laptop",
		Long: `Trailhand keeps CloudTrail trails as they were meant to be, reads the log files
that they deliver, and tells of unusual API call rates: three small AWS Lambdas,
and an embedded CloudTrail that runs all of it on a laptop, with no AWS account.

Start with 'trailhand demo'. Completion of commands and flags in your shell:
'trailhand completion --help'.

The exit code is 0 if all went well, 1 if something failed, and 2 if the command line
is wrong; plan has 2 for trails that are not as desired. The help of a command says more.`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.NoArgs,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	root.AddCommand(newDemo(p), newLocal(p), newParse(p), newPlan(p), newApply(p), newExplain(p), newExport(p), newVerify(p), newSelectors(p), newVersion(p))
	root.AddCommand(newDetect(p), newReplay(p))
	root.AddCommand(newBaseline(p), newSimulate(p))
	return root
}

// noArgs refuses arguments as a wrong command line.
func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usageError{fmt.Errorf("%s takes no arguments, got %q", cmd.CommandPath(), args)}
	}
	return nil
}

func environment(env []string) map[string]string {
	m := make(map[string]string, len(env))
	for _, kv := range env {
		if name, value, ok := strings.Cut(kv, "="); ok {
			m[name] = value
		}
	}
	return m
}
