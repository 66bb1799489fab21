package reconciler

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"time"

	"github.com/trailhand/trailhand/internal/awsio"
	"github.com/trailhand/trailhand/internal/desired"
	"github.com/trailhand/trailhand/pkg/trail"
)

type config struct {
	source      string // DESIRED
	reportOnly  bool
	eventBus    string
	stateBucket string
	region      string
}

// configure reads the environment and reports all its problems at once.
func configure(env map[string]string) (config, error) {
	c := config{
		source: env["DESIRED"], reportOnly: env["MODE"] == string(trail.Report),
		eventBus: env["EVENT_BUS"], stateBucket: env["STATE_BUCKET"], region: env["AWS_REGION"],
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
	if location, ok := strings.CutPrefix(c.source, "s3://"); ok {
		if bucket, key, _ := strings.Cut(location, "/"); bucket == "" || key == "" {
			errs = append(errs, fmt.Errorf("DESIRED is %q: an object is s3://bucket/key", c.source))
		}
	}
	return c, errors.Join(errs...)
}

// desired reads the desired state from where the environment says.
func (c config) desired(ctx context.Context, s3 *awsio.S3) (trail.Spec, error) {
	source, data, err := c.load(ctx, s3)
	if err != nil {
		return trail.Spec{}, fmt.Errorf("desired state: %w", err)
	}
	spec, err := desired.Parse(source, data)
	if err != nil {
		return trail.Spec{}, fmt.Errorf("desired state: %w", err)
	}
	spec.ReportOnly = c.reportOnly
	return spec.InRegion(c.region), nil
}

// load reads the file, and names it with its version in S3.
func (c config) load(ctx context.Context, s3 *awsio.S3) (source string, data []byte, err error) {
	location, inS3 := strings.CutPrefix(c.source, "s3://")
	if !inS3 {
		data, err = os.ReadFile(c.source)
		return c.source, data, err
	}
	bucket, key, _ := strings.Cut(location, "/")
	data, version, err := s3.Bucket(bucket).Get(ctx, key)
	if err == nil && version == "" {
		err = fmt.Errorf("%s does not exist", c.source)
	}
	return c.source + "@" + strings.Trim(version, `"`), data, err
}

func backoff() trail.Backoff {
	return trail.Backoff{Sleep: sleep, Jitter: rand.Float64}
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
