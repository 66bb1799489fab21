package logparser

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/trailhand/trailhand/internal/awsio"
	"github.com/trailhand/trailhand/internal/sinks"
	"github.com/trailhand/trailhand/pkg/delivery"
	"github.com/trailhand/trailhand/pkg/digest"
	"github.com/trailhand/trailhand/pkg/events"
	"github.com/trailhand/trailhand/pkg/events/pattern"
	"github.com/trailhand/trailhand/pkg/selectors"
)

// New makes the handler from the function's environment.
func New(ctx context.Context, env map[string]string, now func() time.Time, log *slog.Logger) (lambda.Handler, error) {
	cfg, err := awsio.Load(ctx, env)
	store := awsio.NewS3(cfg)
	h := &handler{objects: store, pipeline: &delivery.Pipeline{}, idle: make(chan *events.Reader, 1), now: now, log: log}
	limits, errLimits := limitsBy(env)
	h.limits = limits
	keep, errKeep := keepBy(env["SELECTORS"])
	h.pipeline.Keep = keep
	files, errFiles := fileSinks(store.Bucket(env["OUTPUT_BUCKET"]), env)
	h.pipeline.Sinks = files
	eventIDs, errIDs := isTrue(env, "EVENT_IDS")
	if url := env["TALLY_QUEUE_URL"]; url != "" {
		h.pipeline.Sinks = append(h.pipeline.Sinks, delivery.Tallies{To: awsio.NewQueue(cfg, url), Most: mostTallies, EventIDs: eventIDs})
	}
	if raw := env["MATCH_PATTERN"]; raw != "" { // last: of all sinks it alone cannot take a file twice
		p, errPattern := pattern.Compile([]byte(raw))
		if errPattern != nil {
			err = errors.Join(err, fmt.Errorf("MATCH_PATTERN: %w", errPattern))
		}
		bus := awsio.NewBus(cfg, cmp.Or(env["MATCH_BUS"], "default"))
		h.pipeline.Sinks = append(h.pipeline.Sinks, sinks.Matches{Bus: bus, Pattern: p, Log: log})
	}
	if url := env["DLQ_URL"]; url != "" {
		h.dead = awsio.NewQueue(cfg, url)
	}
	if url := env["QUEUE_URL"]; url != "" {
		h.queue = awsio.NewQueue(cfg, url)
	}
	keys := func(ctx context.Context, region string, from, to time.Time, keys digest.PublicKeys) error {
		return awsio.PublicKeys(ctx, cfg, region, from, to, keys)
	}
	verify, errVerify := isTrue(env, "VERIFY_DIGESTS")
	if verify {
		h.verify = &integrity{store: awsio.Digests{S3: store}, keys: keys}
	}
	if err := errors.Join(err, errLimits, errKeep, errFiles, errIDs, errVerify); err != nil {
		return nil, fmt.Errorf("starting logparser: %w", err)
	}
	return newWarmStarter(h, store, env, eventIDs), nil
}

// isTrue says whether a variable is true.
func isTrue(env map[string]string, name string) (bool, error) {
	switch env[name] {
	case "true":
		return true, nil
	case "", "false":
		return false, nil
	}
	return false, fmt.Errorf("%s: %q is neither true nor false", name, env[name])
}

// keepBy gives the filter that selectors make; nil keeps every record.
func keepBy(raw string) (func(*events.Record) bool, error) {
	if raw == "" {
		return nil, nil
	}
	set, err := selectors.Parse([]byte(raw))
	if err != nil {
		return nil, fmt.Errorf("SELECTORS: %w", err)
	}
	m, err := selectors.Compile(set)
	if err != nil {
		return nil, fmt.Errorf("SELECTORS: %w", err)
	}
	return m.MatchRecord, nil
}

// fileSinks gives the sinks that OUTPUT_FORMATS names.
func fileSinks(b sinks.Bucket, env map[string]string) ([]delivery.Sink, error) {
	if env["OUTPUT_BUCKET"] == "" {
		if env["OUTPUT_FORMATS"] != "" {
			return nil, errors.New("OUTPUT_FORMATS is set, but OUTPUT_BUCKET is not")
		}
		return nil, nil
	}
	var all []delivery.Sink
	var problems error
	prefix := env["OUTPUT_PREFIX"]
	for name := range strings.SplitSeq(cmp.Or(env["OUTPUT_FORMATS"], "ndjson,summary"), ",") {
		switch strings.TrimSpace(name) {
		case "ndjson":
			all = append(all, sinks.NDJSON{Bucket: b, Prefix: prefix})
		case "parquet":
			sink, err := parquet(b, prefix)
			all, problems = append(all, sink), errors.Join(problems, err)
		case "ocsf":
			all = append(all, sinks.OCSF{Bucket: b, Prefix: prefix})
		case "summary":
			all = append(all, sinks.Summaries{Bucket: b, Prefix: prefix})
		default:
			problems = errors.Join(problems, fmt.Errorf("OUTPUT_FORMATS: %q is none of ndjson, parquet, ocsf, summary", name))
		}
	}
	return all, problems
}
