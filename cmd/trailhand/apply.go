package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/trailhand/trailhand/pkg/trail"
)

const applyHelp = `Apply prints the plan, as 'trailhand plan' does, asks, makes the calls that the plan
names and no others, tells what became of each, and looks again.

The exit code is 0 if nothing is left to repair (what is only reported may be), 1 if
a call failed, a setting still differs, the answer was not yes, or the account or
the file could not be read, and 2 if the command line is wrong.

` + accountHelp

func newApply(p process) *cobra.Command {
	var f desiredFlags
	var yes bool
	cmd := &cobra.Command{
		Use:     "apply",
		Short:   "Put trails right, after showing the plan and asking",
		Long:    applyHelp,
		Example: "  trailhand apply --desired examples/desired.yaml\n  trailhand apply --yes --mode repair",
		Args:    noArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return runApply(cmd.Context(), p, f, yes) },
	}
	f.register(cmd.Flags())
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask")
	return cmd
}

func runApply(ctx context.Context, p process, f desiredFlags, yes bool) error {
	spec, reconciler, err := f.open(ctx, p)
	if err != nil {
		return err
	}
	proposals, err := reconciler.Propose(ctx, spec)
	if err := errors.Join(err, writePlan(newInk(p), proposals)); err != nil {
		return err
	}
	calls := 0
	for _, one := range proposals {
		calls += len(one.Calls)
	}
	if calls == 0 {
		return nil
	}
	if !yes && !agreed(p, calls) {
		return errors.New("nothing was changed: the answer was not yes (--yes does not ask)")
	}
	if err := applyAll(ctx, p, reconciler, proposals); err != nil {
		return err
	}
	return lookAgain(ctx, p, reconciler, spec)
}

func agreed(p process, calls int) bool {
	fmt.Fprintf(p.stdout, "Make %s? Only yes is taken for an answer: ", count(calls, "call"))
	answer, _ := bufio.NewReader(p.stdin).ReadString('\n') // an end without a line is no answer
	if !strings.HasSuffix(answer, "\n") {
		fmt.Fprintln(p.stdout)
	}
	return strings.TrimSpace(answer) == "yes"
}

// applyAll makes the calls trail by trail, and goes on with the next trail after a
// failure.
func applyAll(ctx context.Context, p process, r *trail.Reconciler, proposals []trail.Proposal) error {
	made, failed := 0, 0
	for _, one := range proposals {
		err := r.Apply(ctx, one, func(result trail.Result) {
			made++
			outcome := "done"
			if result.Err != nil {
				outcome = "FAILED"
				failed++
			}
			if result.Attempts > 1 {
				outcome += fmt.Sprintf(" after %d attempts", result.Attempts)
			}
			if result.Err != nil {
				outcome += ": " + result.Err.Error()
			}
			fmt.Fprintf(p.stdout, "%s %s in %s: %s\n", result.Call.Operation, one.Name, one.Region, outcome)
		})
		if err != nil && ctx.Err() != nil {
			return fmt.Errorf("interrupted after %s: %w", count(made, "call"), ctx.Err())
		}
	}
	if failed > 0 {
		return fmt.Errorf("%d of %s failed", failed, count(made, "call"))
	}
	return nil
}

// lookAgain tells whether the trails are as desired now.
func lookAgain(ctx context.Context, p process, r *trail.Reconciler, spec trail.Spec) error {
	proposals, err := r.Propose(ctx, spec)
	if err != nil {
		return fmt.Errorf("looking again: %w", err)
	}
	for _, one := range proposals {
		if len(one.Repair) > 0 {
			return fmt.Errorf("trail %s in %s still differs in %s: somebody else may be changing it", one.Name, one.Region, one.Repair[0].Field)
		}
	}
	_, err = fmt.Fprintln(p.stdout, "Nothing is left to repair.")
	return err
}
