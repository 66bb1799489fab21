package detector

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/trailhand/trailhand/internal/awsio"
	"github.com/trailhand/trailhand/pkg/insights"
)

// New makes the handler from the function's environment.
func New(ctx context.Context, env map[string]string, now func() time.Time, log *slog.Logger) (lambda.Handler, error) {
	cfg, err := awsio.Load(ctx, env)
	knobs, errKnobs := config(env["DETECTOR"])
	err = errors.Join(err, errKnobs)
	if env["STATE_BUCKET"] == "" {
		err = errors.Join(err, errors.New("STATE_BUCKET is not set"))
	}
	if env["INSIGHT_BUCKET"] == "" && env["EVENT_BUS"] == "" {
		err = errors.Join(err, errors.New("neither INSIGHT_BUCKET nor EVENT_BUS is set: insights would go nowhere"))
	}
	if err != nil {
		return nil, fmt.Errorf("starting detector: %w", err)
	}
	store := awsio.NewS3(cfg)
	known := awsio.States{Bucket: store.Bucket(env["STATE_BUCKET"]), Prefix: env["STATE_PREFIX"]}
	var to publishers
	if bucket := env["INSIGHT_BUCKET"]; bucket != "" {
		to = append(to, insightFiles{Bucket: store.Bucket(bucket), Prefix: env["INSIGHT_PREFIX"]})
	}
	if name := env["EVENT_BUS"]; name != "" {
		to = append(to, insightEvents{Bus: awsio.NewBus(cfg, name)})
	}
	h := &handler{
		run:    &insights.Runner{Store: known, Publisher: to, Config: knobs, Now: now, Log: log},
		states: known, now: now, log: log,
	}
	if url := env["DLQ_URL"]; url != "" {
		h.dead = awsio.NewQueue(cfg, url)
	}
	if bucket := env["WARM_START_BUCKET"]; bucket != "" {
		h.warm = newLearner(store.Bucket(bucket), env["WARM_START_PREFIX"], h, known, knobs)
	}
	return h, nil
}

// config reads knobs over the defaults. An unknown knob is an error.
func config(raw string) (insights.Config, error) {
	c := insights.DefaultConfig()
	if raw != "" {
		d := json.NewDecoder(bytes.NewReader([]byte(raw)))
		d.DisallowUnknownFields()
		if err := d.Decode(&c); err != nil {
			return c, fmt.Errorf("DETECTOR: %w", err)
		}
	}
	if err := c.Validate(); err != nil {
		return c, fmt.Errorf("DETECTOR: %w", err)
	}
	return c, nil
}

// publishers tells transitions to all, one after another. After a failure all
// are told again, under the same ids.
type publishers []insights.Publisher

// Publish implements insights.Publisher.
func (p publishers) Publish(ctx context.Context, transitions []insights.Transition) error {
	for _, one := range p {
		if err := one.Publish(ctx, transitions); err != nil {
			return err
		}
	}
	return nil
}
