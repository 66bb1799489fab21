package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/trailhand/trailhand/internal/awsio"
	"github.com/trailhand/trailhand/internal/desired"
	"github.com/trailhand/trailhand/pkg/trail"
)

// accountFlags say which trails of which account are meant.
type accountFlags struct{ endpoint, region string }

const accountHelp = `Credentials and Region come from where every AWS SDK finds them: AWS_ACCESS_KEY_ID,
AWS_PROFILE, AWS_REGION, ~/.aws/config and so on; the endpoint from --endpoint-url
or AWS_ENDPOINT_URL.`

func (f *accountFlags) register(flags *pflag.FlagSet) {
	flags.StringVar(&f.endpoint, "endpoint-url", "", "where AWS is, if not at AWS")
	flags.StringVar(&f.region, "region", "all", "home Regions of the trails that are meant: all, or a list such as eu-west-1,us-east-1")
}

// regions are those of --region; none is all.
func (f *accountFlags) regions() []string {
	if f.region == "all" {
		return nil
	}
	return strings.FieldsFunc(f.region, func(r rune) bool { return r == ',' || r == ' ' })
}

// env is the environment with what the flags say.
func (f *accountFlags) env(p process) map[string]string {
	if f.endpoint == "" {
		return p.env
	}
	env := maps.Clone(p.env)
	env["AWS_ENDPOINT_URL"] = f.endpoint
	return env
}

// desiredFlags say in addition what the trails should be.
type desiredFlags struct {
	accountFlags
	desired, mode string
}

func (f *desiredFlags) register(flags *pflag.FlagSet) {
	f.accountFlags.register(flags)
	flags.StringVar(&f.desired, "desired", "desired.yaml", "the desired state: a file, or s3://bucket/key")
	flags.StringVar(&f.mode, "mode", "", "repair or report, in place of the file's own mode; modes of trails and of settings stay")
}

// open reads the desired state, and gives what compares the account with it.
func (f *desiredFlags) open(ctx context.Context, p process) (trail.Spec, *trail.Reconciler, error) {
	cfg, err := awsio.Load(ctx, f.env(p))
	if err != nil {
		return trail.Spec{}, nil, err
	}
	spec, err := f.read(ctx, awsio.NewS3(cfg))
	if err != nil {
		return trail.Spec{}, nil, err
	}
	spec = spec.InRegion(cfg.Region)
	if cfg.Region, err = firstRegion(cfg.Region, spec); err != nil {
		return trail.Spec{}, nil, err
	}
	if len(spec.NewTrails) == 0 && len(spec.Trails) > 0 && !slices.ContainsFunc(spec.Trails, func(d trail.Desired) bool { return spec.Counts(d.HomeRegion) }) {
		return trail.Spec{}, nil, usageError{fmt.Errorf("--region %s: no trail of %s has its home there", f.region, spec.Source)}
	}
	account, err := awsio.Account(ctx, cfg)
	return spec, &trail.Reconciler{API: awsio.NewTrails(cfg), Account: account, Now: time.Now, Log: slog.New(slog.DiscardHandler)}, err
}

// read reads the desired state as the flags want it.
func (f *desiredFlags) read(ctx context.Context, s3 *awsio.S3) (trail.Spec, error) {
	source, err := desired.ParseSource(f.desired)
	if err != nil {
		return trail.Spec{}, usageError{fmt.Errorf("--desired: %w", err)}
	}
	if f.mode != "" && f.mode != string(trail.Repair) && f.mode != string(trail.Report) {
		return trail.Spec{}, usageError{fmt.Errorf("--mode %q is neither repair nor report", f.mode)}
	}
	spec, err := source.Load(ctx, func(ctx context.Context, bucket, key string) ([]byte, string, error) {
		return s3.Bucket(bucket).Get(ctx, key)
	})
	spec.Mode = cmp.Or(trail.Action(f.mode), spec.Mode)
	spec.Regions = f.regions()
	return spec, err
}

// firstRegion is where calls go that are about no trail.
func firstRegion(own string, spec trail.Spec) (string, error) {
	if own != "" {
		return own, nil
	}
	homeless := slices.IndexFunc(spec.Trails, func(d trail.Desired) bool { return d.HomeRegion == "" })
	if homeless >= 0 {
		return "", fmt.Errorf("trail %s has no HomeRegion: write it into %s, or set AWS_REGION", spec.Trails[homeless].Name, spec.Source)
	}
	if len(spec.Trails) == 0 {
		return "", errors.New("AWS_REGION is not set")
	}
	return spec.Trails[0].HomeRegion, nil
}
