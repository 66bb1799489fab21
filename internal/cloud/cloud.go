// Package cloud is an AWS account in the process: CloudTrail, S3, EventBridge,
// SQS, STS and Lambda behind one port, wired from the SAM template that is
// deployed. Every call becomes a CloudTrail record, and the records go where
// CloudTrail would take them.
package cloud

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"sync"
	"time"

	"github.com/trailhand/trailhand/internal/cloud/analysis"
	"github.com/trailhand/trailhand/internal/cloud/buckets"
	"github.com/trailhand/trailhand/internal/cloud/digests"
	"github.com/trailhand/trailhand/internal/cloud/door"
	"github.com/trailhand/trailhand/internal/cloud/functions"
	"github.com/trailhand/trailhand/internal/cloud/history"
	"github.com/trailhand/trailhand/internal/cloud/intake"
	"github.com/trailhand/trailhand/internal/cloud/logfiles"
	"github.com/trailhand/trailhand/internal/cloud/outbox"
	"github.com/trailhand/trailhand/internal/cloud/queues"
	"github.com/trailhand/trailhand/internal/cloud/template"
	"github.com/trailhand/trailhand/internal/cloud/tokens"
	"github.com/trailhand/trailhand/internal/cloud/trails"
	"github.com/trailhand/trailhand/internal/cloud/upstream"
	"github.com/trailhand/trailhand/internal/cloud/wire"
	"github.com/trailhand/trailhand/pkg/trail"
)

// Config says where the account lives and what runs in it.
type Config struct {
	Listen    string // host:port; port 0 is any free one
	Dir       string // of everything that is kept; absolute
	AccountID string
	Region    string // of the stack
	StackName string

	Template   []byte            // SAM
	Parameters map[string]string // overrides of the template's
	Functions  map[string]functions.Function

	Identities   []tokens.Identity    // who may call; others are one and the same user
	Verify       bool                 // signatures are checked, and others than Identities are refused
	Organization *trails.Organization // nil: no account is in one
	Upstream     string               // URL of an endpoint that serves all other services; empty: nobody does

	DeliveryInterval time.Duration // between log files; 0: only by Deliver
	DigestInterval   time.Duration // of one digest file; 0: none but by Digest
	InsightWarmup    time.Duration // before the first insight of a trail; 0: the detector's 26 hours
	Patience         time.Duration // with a client in the middle of a request; 0: 30 s
	Timers           bool          // schedules fire by themselves; else only by Fire

	// OnCall is told each call after it was answered. May be nil.
	OnCall func(wire.Call)
	// OnDrift is told what the reconciler tells of a trail; DriftLine puts it
	// into words. May be nil.
	OnDrift func(trail.Notice)

	Now func() time.Time
	Log *slog.Logger
}

// Cloud is a running account.
type Cloud struct {
	cfg    Config
	url    string
	wiring *template.Wiring

	door    door.Door
	tokens  *tokens.Tokens
	buckets *buckets.Buckets
	trails  *trails.Trails
	queues  *queues.Queues
	buses   *buses
	host    *functions.Host
	intake  *intake.Intake
	files   *logfiles.Files
	digests *digests.Digests
	history *history.History
	outbox  *outbox.Outbox

	analysis *analysis.Analysis
	tally    tally

	upstream *upstream.Upstream // nil: nobody serves other services

	server  *http.Server
	servers map[string]server  // by the name in the credential scope
	hangUp  context.CancelFunc // ends the requests that wait for something (long polls)

	keeping    sync.Mutex       // one state file is written at a time
	notKept    map[string]error // why a state could not be, by its event source
	background sync.WaitGroup
	life       context.Context // ends with Close
	stop       context.CancelFunc
}

// Start brings an account up; Close brings it down. When Start fails, nothing is left running.
func Start(ctx context.Context, cfg Config) (*Cloud, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", cfg.Listen)
	if err != nil {
		return nil, fmt.Errorf("starting the cloud: %w", err)
	}
	cfg.Patience = cmp.Or(cfg.Patience, door.Patience)
	c := &Cloud{cfg: cfg, url: "http://" + listener.Addr().String(), notKept: map[string]error{}}
	if err := c.start(ctx, listener); err != nil {
		listener.Close()
		return nil, errors.Join(fmt.Errorf("starting the cloud: %w", err), c.Close(context.WithoutCancel(ctx)))
	}
	return c, nil
}

// start makes the rooms in the order in which they need each other.
func (c *Cloud) start(ctx context.Context, listener net.Listener) error {
	var err error
	cfg := c.cfg
	place := template.Place{AccountID: cfg.AccountID, Region: cfg.Region, StackName: cfg.StackName, Endpoint: c.url, Parameters: cfg.Parameters}
	if c.wiring, err = template.Read(cfg.Template, place); err != nil {
		return err
	}
	c.life, c.stop = context.WithCancel(context.WithoutCancel(ctx))
	c.tokens = tokens.New(tokens.Config{AccountID: cfg.AccountID, Now: cfg.Now})
	c.door = door.Door{Verify: cfg.Verify, Foreign: cfg.Upstream != "", Tokens: c.tokens, Now: cfg.Now}
	if err := c.tokens.Keep(filepath.Join(cfg.Dir, "sessions.ndjson")); err != nil {
		return err
	}
	for _, id := range cfg.Identities {
		c.tokens.Register(id)
	}
	if cfg.Upstream != "" {
		if c.upstream, err = upstream.New(upstream.Config{URL: cfg.Upstream, Now: cfg.Now, Log: cfg.Log}); err != nil {
			return err
		}
	}
	if err := c.startBuckets(ctx); err != nil {
		return err
	}
	if err := c.startDelivery(); err != nil {
		return err
	}
	if err := c.startFunctions(ctx, listener); err != nil {
		return err
	}
	c.background.Go(func() { c.every(cfg.DeliveryInterval, c.deliverAndKeep) })
	c.background.Go(func() { c.every(min(cfg.DigestInterval, time.Second), c.Digest) })
	if cfg.Timers {
		c.background.Go(func() { c.every(analysisInterval, c.Analyze) })
	}
	c.background.Go(func() { c.every(time.Second, c.keepOften) })
	return nil
}

func (c *Cloud) startBuckets(ctx context.Context) error {
	cfg := buckets.Config{
		Dir: filepath.Join(c.cfg.Dir, "s3"), AccountID: c.cfg.AccountID, Region: c.cfg.Region,
		Now: c.cfg.Now, Log: c.cfg.Log, OnObject: c.notify,
	}
	if c.cfg.Verify {
		cfg.Secret = c.tokens.Secret
	}
	var err error
	c.buckets, err = buckets.Start(ctx, cfg)
	return err
}

// analysisInterval is that of the detector's clock.
const analysisInterval = time.Minute

// maxHistory events take about 500 MB of memory.
const maxHistory = 5_000_000

// startDelivery opens what takes records to the buckets, and the trails that want them.
func (c *Cloud) startDelivery() error {
	var err error
	cfg := c.cfg
	c.digests, err = digests.Open(digests.Config{
		Dir: filepath.Join(cfg.Dir, "digests"), Interval: cfg.DigestInterval, Put: c.putDigest, Delivered: c.digested, Now: cfg.Now, Log: cfg.Log,
	})
	if err != nil {
		return err
	}
	c.history, err = history.Open(history.Config{Dir: filepath.Join(cfg.Dir, "history"), MaxEvents: maxHistory, Now: cfg.Now, Log: cfg.Log})
	if err != nil {
		return err
	}
	c.intake = intake.New(c.history)
	c.files, err = logfiles.Open(logfiles.Config{
		Dir: filepath.Join(cfg.Dir, "journals"), Put: c.putLogFile, Delivered: c.delivered,
		After:       []func(context.Context, logfiles.File, []byte) error{c.vouch, c.tellTopic, c.analyze},
		Settle:      func() error { return c.keep(sqsSource) },
		GiveUpAfter: 24 * time.Hour, MaxBytes: 64 << 20, Now: cfg.Now, Log: cfg.Log,
	}, c.intake.Found)
	if err != nil {
		return err
	}
	c.intake.Journals = c.files
	if err := c.startAnalysis(); err != nil {
		return err
	}
	tc := trails.Config{AccountID: cfg.AccountID, Buckets: c.buckets, Organization: cfg.Organization, Keys: c.digests, History: c.history, Insights: c.analysis, Now: cfg.Now}
	if c.upstream != nil {
		tc.Dependencies = c.upstream
	}
	c.trails = trails.New(tc)
	return nil
}

// startFunctions opens the port between wiring and starting: a function may call at once.
func (c *Cloud) startFunctions(ctx context.Context, listener net.Listener) error {
	var err error
	cfg := c.cfg
	c.queues, err = queues.Open(queues.Config{AccountID: cfg.AccountID, Region: cfg.Region, Endpoint: c.url, Now: cfg.Now}, cfg.Dir)
	if err != nil {
		return err
	}
	if err := errors.Join(c.queues.Wire(c.wiring.Queues), c.keep(sqsSource)); err != nil {
		return err
	}
	if err := c.makeBuckets(ctx); err != nil {
		return err
	}
	c.host, err = functions.New(functions.Config{
		Wiring: c.wiring, Functions: cfg.Functions, Environment: c.environment, Queues: c.queues,
		Timers: cfg.Timers, RetryAfter: retryAfter, Log: cfg.Log,
	})
	if err != nil {
		return err
	}
	if err := errors.Join(c.startBuses(), c.restore("cloudtrail.amazonaws.com")); err != nil {
		return err
	}
	c.servers = c.services()
	c.serve(listener)
	return c.host.Start(ctx)
}

// retryAfter is far shorter than Lambda's minutes: nobody at a laptop waits for those.
func retryAfter(attempt int) time.Duration { return time.Duration(attempt) * 250 * time.Millisecond }

func (c *Cloud) serve(listener net.Listener) {
	requests, hangUp := context.WithCancel(context.Background())
	c.hangUp = hangUp
	c.server = &http.Server{
		Handler: c, BaseContext: func(net.Listener) context.Context { return requests },
		ReadHeaderTimeout: c.cfg.Patience, IdleTimeout: 2 * time.Minute,
		ErrorLog: slog.NewLogLogger(c.cfg.Log.Handler(), slog.LevelDebug),
	}
	c.background.Go(func() {
		if err := c.server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			c.cfg.Log.Error("serving", "error", err)
		}
	})
}

// URL is the endpoint of every service, such as http://127.0.0.1:4566.
func (c *Cloud) URL() string { return c.url }

// Wiring is what the template connects.
func (c *Cloud) Wiring() *template.Wiring { return c.wiring }

// Fire invokes the function of a schedule, by the schedule's logical id.
func (c *Cloud) Fire(schedule string) error { return c.host.Fire(schedule) }

// Idle waits until nothing runs any more that a call has set off.
func (c *Cloud) Idle(ctx context.Context) error {
	for {
		if err := c.buses.idle(ctx); err != nil {
			return err
		}
		if err := c.host.Idle(ctx); err != nil {
			return err
		}
		if c.buses.quiet() {
			return nil
		}
	}
}
