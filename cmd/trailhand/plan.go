package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/trailhand/trailhand/pkg/trail"
)

const planHelp = `Plan compares the trails of an AWS account with a desired.yaml, and prints each
setting that differs and the API calls that would put it right. It changes nothing.

The desired state says for each setting whether it would be repaired or is only
reported. Guard and break-glass holds of the deployed reconciler do not count here.

The exit code is 0 if all trails are as desired, 2 if a setting differs, repaired
or only reported, and 1 if the account or the file could not be read; plan alone
answers a wrong command line with 1 too, so that 2 always says drift.

` + accountHelp

// errDrift ends a plan that found something.
var errDrift = errors.New("trails are not as desired")

func newPlan(p process) *cobra.Command {
	var f desiredFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "plan",
		Short:   "Show how trails differ from what they should be, and what would put them right",
		Long:    planHelp,
		Example: "  trailhand plan --desired examples/desired.yaml\n  trailhand plan --region eu-west-1,us-east-1 --json",
		Args:    noArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return runPlan(cmd.Context(), p, f, asJSON) },
	}
	f.register(cmd.Flags())
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object: trails, each with name, region, arn, repair, report, make, calls, left")
	return cmd
}

func runPlan(ctx context.Context, p process, f desiredFlags, asJSON bool) error {
	spec, reconciler, err := f.open(ctx, p)
	if err != nil {
		return err
	}
	proposals, lookErr := reconciler.Propose(ctx, spec)
	if asJSON {
		err = writePlanJSON(p.stdout, proposals)
	} else {
		err = writePlan(newInk(p), proposals)
	}
	if err := errors.Join(lookErr, err); err != nil {
		return err
	}
	if drifts(proposals) > 0 {
		return errDrift
	}
	return nil
}

// drifts counts the settings that differ.
func drifts(proposals []trail.Proposal) (n int) {
	for _, p := range proposals {
		n += len(p.Repair) + len(p.Report)
	}
	return n
}
