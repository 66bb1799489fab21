// Package bus is the default event bus of Amazon EventBridge in the process:
// rules, targets, delivery with retries, behind the AWS JSON 1.1 protocol.
//
// Source: Amazon EventBridge User Guide and API Reference (2015-10-07).
package bus

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"

	"github.com/trailhand/trailhand/internal/cloud/template"
)

// Functions invokes a function asynchronously: it returns when the event is
// accepted, not when it is handled.
type Functions interface {
	InvokeAsync(arn string, payload []byte) error
}

// Queues sends to a queue. group is empty for a standard queue.
type Queues interface {
	SendTo(arn, body, group string) error
}

// Config is what the bus of one account and Region needs.
type Config struct {
	AccountID string
	Region    string
	Functions Functions
	Queues    Queues
	// Forward hands an event to another bus. Nil: no bus can be a target.
	Forward func(ctx context.Context, busARN string, event []byte) error
	// RetryAfter is the pause after the given failed delivery (1, 2, …). Nil:
	// a second, doubled each time up to a minute.
	RetryAfter func(attempt int) time.Duration
	Now        func() time.Time
	Log        *slog.Logger
}

// Bus is the default event bus of one account and Region. All methods are safe
// for concurrent use.
type Bus struct {
	cfg     Config
	created time.Time
	ctx     context.Context // ends when the bus closes
	stop    context.CancelFunc
	retries sync.WaitGroup

	mu      sync.Mutex
	rules   map[string]*rule // by name
	pending int              // deliveries that are being retried
	changed chan struct{}    // closed and replaced when pending falls
}

// New returns a bus without rules.
func New(cfg Config) *Bus {
	b := &Bus{cfg: cfg, created: cfg.Now(), rules: map[string]*rule{}, changed: make(chan struct{})}
	b.ctx, b.stop = context.WithCancel(context.Background())
	return b
}

// Wire puts the rules of a template.
func (b *Bus) Wire(rules []template.Rule) error {
	for _, t := range rules {
		if err := b.wire(t); err != nil {
			return fmt.Errorf("putting rule %s: %w", t.LogicalID, err)
		}
	}
	return nil
}

func (b *Bus) wire(t template.Rule) error {
	if err := b.put(savedRule{Name: t.Name, Pattern: t.Pattern, State: types.RuleState(t.State)}); err != nil {
		return err
	}
	var targets []types.Target
	for _, wired := range t.Targets {
		targets = append(targets, targetOf(wired))
	}
	return b.putTargets(t.Name, targets)
}

func targetOf(t template.Target) types.Target {
	out := types.Target{Id: &t.ID, Arn: &t.ARN}
	if t.Input != "" {
		out.Input = &t.Input
	}
	if t.InputPath != "" {
		out.InputPath = &t.InputPath
	}
	if t.MessageGroupID != "" {
		out.SqsParameters = &types.SqsParameters{MessageGroupId: &t.MessageGroupID}
	}
	if t.DeadLetter != "" {
		out.DeadLetterConfig = &types.DeadLetterConfig{Arn: &t.DeadLetter}
	}
	return out
}

// Quiet says whether no delivery is being retried.
func (b *Bus) Quiet() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.pending == 0
}

// Idle waits until no delivery is being retried.
func (b *Bus) Idle(ctx context.Context) error {
	for {
		b.mu.Lock()
		pending, changed := b.pending, b.changed
		b.mu.Unlock()
		if pending == 0 {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Close gives up what is being retried, says so in the log, and returns when
// nothing of the bus is running any more.
func (b *Bus) Close() {
	b.stop()
	b.retries.Wait()
}

func (b *Bus) arn() string {
	return "arn:aws:events:" + b.cfg.Region + ":" + b.cfg.AccountID + ":event-bus/default"
}

func (b *Bus) ruleARN(name string) string {
	return "arn:aws:events:" + b.cfg.Region + ":" + b.cfg.AccountID + ":rule/" + name
}
