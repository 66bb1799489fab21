package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"github.com/trailhand/trailhand/internal/awsio"
	"github.com/trailhand/trailhand/internal/desired"
	"github.com/trailhand/trailhand/pkg/trail"
)

const exportHelp = `Export prints a desired.yaml that wants the trails as they are: those of an AWS
account, or those of a terraform state (terraform.tfstate, or the output of
'terraform show -json'). What it prints has mode: report, so that nothing is repaired
until somebody read it and changed that.

What cannot be read of a trail is left out, and told on stderr, as are the copies of
an organization's trails, which only their own account can change.

The exit code is 0 if everything was read, 1 if not, and 2 if the command line is wrong.

` + accountHelp

func newExport(p process) *cobra.Command {
	var f accountFlags
	var state string
	cmd := &cobra.Command{
		Use:     "export",
		Short:   "Write a desired.yaml from the trails of an account, or of a terraform state",
		Long:    exportHelp,
		Example: "  trailhand export > desired.yaml\n  terraform show -json | trailhand export --terraform-state -",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if state != "" {
				return exportTerraform(p, state, f.regions())
			}
			return exportAccount(cmd.Context(), p, f)
		},
	}
	f.register(cmd.Flags())
	cmd.Flags().StringVar(&state, "terraform-state", "", "a terraform state instead of the account; - is standard input")
	return cmd
}

func exportTerraform(p process, path string, regions []string) error {
	data, err := readFileOrStdin(p, path)
	if err != nil {
		return fmt.Errorf("--terraform-state: %w", err)
	}
	trails, err := desired.FromTerraform(path, data)
	if err != nil {
		return err
	}
	return writeExport(p, slices.DeleteFunc(trails, func(d trail.Desired) bool {
		return len(regions) > 0 && !slices.Contains(regions, d.HomeRegion)
	}))
}

func exportAccount(ctx context.Context, p process, f accountFlags) error {
	cfg, err := awsio.Load(ctx, f.env(p))
	if err != nil {
		return err
	}
	regions := f.regions()
	if cfg.Region == "" && len(regions) > 0 {
		cfg.Region = regions[0]
	}
	if cfg.Region == "" {
		return errors.New("AWS_REGION is not set")
	}
	account, err := awsio.Account(ctx, cfg)
	if err != nil {
		return err
	}
	api := awsio.NewTrails(cfg)
	refs, err := api.List(ctx)
	if err != nil {
		return err
	}
	refs = slices.DeleteFunc(refs, func(r trail.Ref) bool { return len(regions) > 0 && !slices.Contains(regions, r.Region) })
	trails, problems := observeAll(ctx, p, api, account, refs)
	return errors.Join(writeExport(p, trails), problems)
}

// observeAll reads the account's own trails; the error says what could not be read.
func observeAll(ctx context.Context, p process, api *awsio.Trails, account string, refs []trail.Ref) (trails []trail.Desired, problems error) {
	for _, ref := range refs {
		if owner := trail.AccountOf(ref.Trail); owner != account {
			fmt.Fprintf(p.stderr, "left out: %s belongs to account %s\n", ref.Trail, owner)
			continue
		}
		o, err := api.Observe(ctx, ref)
		switch {
		case err != nil:
			problems = errors.Join(problems, fmt.Errorf("%s: %w", ref.Trail, err))
		case o != nil: // nil: it was deleted meanwhile
			trails = append(trails, o.AsDesired())
			problems = errors.Join(problems, unreadOf(o))
		}
	}
	return trails, problems
}

// unreadOf is the error of the settings that could not be read.
func unreadOf(o *trail.Observed) error {
	var errs []error
	for _, f := range trail.Settings() {
		if err := o.Unread[f]; err != nil {
			errs = append(errs, fmt.Errorf("trail %s: %s is left out: %w", o.Name, f, err))
		}
	}
	return errors.Join(errs...)
}

func writeExport(p process, trails []trail.Desired) error {
	text, err := desired.Format(trail.Spec{Mode: trail.Report, Trails: trails})
	if err != nil {
		return err
	}
	_, err = p.stdout.Write(text)
	return err
}

func readFileOrStdin(p process, path string) ([]byte, error) {
	if path == "-" {
		return io.ReadAll(p.stdin)
	}
	return os.ReadFile(path)
}
