package reconciler

import (
	"context"
	"errors"
	"fmt"

	"github.com/trailhand/trailhand/internal/awsio"
	"github.com/trailhand/trailhand/internal/desired"
	"github.com/trailhand/trailhand/pkg/trail"
)

type config struct {
	source      desired.Source // DESIRED
	reportOnly  bool
	eventBus    string
	stateBucket string
	region      string
}

// configure reads the environment and reports all its problems at once.
func configure(env map[string]string) (config, error) {
	c := config{
		reportOnly: env["MODE"] == string(trail.Report),
		eventBus:   env["EVENT_BUS"], stateBucket: env["STATE_BUCKET"], region: env["AWS_REGION"],
	}
	var errs []error
	for _, name := range []string{"DESIRED", "EVENT_BUS", "STATE_BUCKET", "AWS_REGION"} {
		if env[name] == "" {
			errs = append(errs, fmt.Errorf("%s is not set", name))
		}
	}
	if mode := trail.Action(env["MODE"]); mode != "" && mode != trail.Report && mode != trail.Repair {
		errs = append(errs, fmt.Errorf("MODE is %q, neither repair nor report", mode))
	}
	source, err := desired.ParseSource(env["DESIRED"])
	if err != nil {
		errs = append(errs, fmt.Errorf("DESIRED is %w", err))
	}
	c.source = source
	return c, errors.Join(errs...)
}

// desired reads the desired state from where the environment says.
func (c config) desired(ctx context.Context, s3 *awsio.S3) (trail.Spec, error) {
	get := func(ctx context.Context, bucket, key string) ([]byte, string, error) {
		return s3.Bucket(bucket).Get(ctx, key)
	}
	spec, err := c.source.Load(ctx, get)
	spec.ReportOnly = c.reportOnly
	return spec.InRegion(c.region), err
}
