package bus

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"

	"github.com/trailhand/trailhand/internal/cloud/functions"
	"github.com/trailhand/trailhand/internal/cloud/wire"
	"github.com/trailhand/trailhand/pkg/events"
)

// What EventBridge does where a target has no RetryPolicy.
const (
	defaultAttempts = 185
	defaultAge      = 24 * time.Hour
)

// Publish hands an event to every rule that matches it: envelope is the event
// in EventBridge's JSON. Each target has accepted the event when Publish
// returns, or is being retried. The error names the rules that could not
// decide; the others have had the event.
func (b *Bus) Publish(_ context.Context, envelope []byte) error { return b.publish(envelope, false) }

// Receive is Publish for an event that another bus forwards. It goes to no
// third one: rules that name each other would never end.
func (b *Bus) Receive(_ context.Context, envelope []byte) error { return b.publish(envelope, true) }

func (b *Bus) publish(envelope []byte, forwarded bool) error {
	readOnly, err := readOnlyManagement(envelope)
	if err != nil {
		return fmt.Errorf("publishing an event: %w", err)
	}
	var problems []error
	for _, r := range b.sorted() {
		if !hears(r.State, readOnly) {
			continue
		}
		matches, err := r.pattern.Match(envelope)
		if err != nil {
			problems = append(problems, fmt.Errorf("publishing an event: rule %s: %w", r.Name, err))
		}
		if !matches {
			continue
		}
		for _, t := range r.Targets {
			b.deliver(delivery{rule: r.savedRule, arn: b.ruleARN(r.Name), target: t, event: envelope, forwarded: forwarded, at: b.cfg.Now()})
		}
	}
	return errors.Join(problems...)
}

// hears says whether a rule sees an event at all. Read-only management events
// of CloudTrail reach only the rules that ask for all of them.
func hears(state types.RuleState, readOnly bool) bool {
	if readOnly {
		return state == types.RuleStateEnabledWithAllCloudtrailManagementEvents
	}
	return state != types.RuleStateDisabled
}

// readOnlyManagement tells a read-only management event that CloudTrail
// recorded from all other events.
func readOnlyManagement(envelope []byte) (bool, error) {
	e, err := events.ParseEnvelope(envelope)
	if err != nil || !strings.HasSuffix(e.DetailType, "via CloudTrail") {
		return false, err
	}
	record, err := events.Parse(e.Detail)
	if err != nil {
		return false, fmt.Errorf("its detail: %w", err)
	}
	return string(record.Text(events.ReadOnly)) == "true" && string(record.Text(events.ManagementEvent)) == "true", nil
}

// delivery is one event on its way to one target.
type delivery struct {
	rule   savedRule
	arn    string // of the rule
	target types.Target
	event  []byte
	at     time.Time

	forwarded bool // by another bus
}

// deliver hands the event over, and goes on trying in the background if the
// target does not take it.
func (b *Bus) deliver(d delivery) {
	payload, err := d.payload()
	if err == nil {
		err = b.handOver(d, payload)
	}
	if err == nil {
		return
	}
	if permanent(err) {
		b.giveUp(d, err)
		return
	}
	b.mu.Lock()
	b.pending++
	b.mu.Unlock()
	b.retries.Go(func() {
		defer b.settled()
		b.retry(d, payload, err)
	})
}

func (b *Bus) settled() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.pending--
	close(b.changed)
	b.changed = make(chan struct{})
}

// permanent says that another attempt could not succeed.
func permanent(err error) bool {
	var f *wire.Fault
	return errors.As(err, &f) || errors.Is(err, errUndeliverable) ||
		errors.Is(err, functions.ErrNoFunction) || errors.Is(err, functions.ErrClosed)
}

var errUndeliverable = errors.New("undeliverable")

func (b *Bus) retry(d delivery, payload []byte, err error) {
	attempts, age := d.policy()
	begun := time.Now()
	for attempt := 1; attempt <= attempts && time.Since(begun) < age; attempt++ {
		if !b.pause(b.retryAfter(attempt)) {
			break
		}
		if err = b.handOver(d, payload); err == nil {
			return
		}
		if permanent(err) {
			break
		}
	}
	b.giveUp(d, err)
}

func (d delivery) policy() (attempts int, age time.Duration) {
	attempts, age = defaultAttempts, defaultAge
	if p := d.target.RetryPolicy; p != nil && p.MaximumRetryAttempts != nil {
		attempts = int(*p.MaximumRetryAttempts)
	}
	if p := d.target.RetryPolicy; p != nil && p.MaximumEventAgeInSeconds != nil {
		age = time.Duration(*p.MaximumEventAgeInSeconds) * time.Second
	}
	return attempts, age
}

func (b *Bus) retryAfter(attempt int) time.Duration {
	if b.cfg.RetryAfter != nil {
		return b.cfg.RetryAfter(attempt)
	}
	return min(time.Second<<min(attempt-1, 10), time.Minute)
}

// pause waits for d; it returns false if the bus closes before.
func (b *Bus) pause(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-b.ctx.Done():
		return false
	}
}

// handOver gives the payload to the target once.
func (b *Bus) handOver(d delivery, payload []byte) error {
	arn := deref(d.target.Arn)
	switch service := strings.Split(arn, ":")[2]; service {
	case "lambda":
		return b.cfg.Functions.InvokeAsync(arn, payload)
	case "sqs":
		group := ""
		if p := d.target.SqsParameters; p != nil {
			group = deref(p.MessageGroupId)
		}
		return b.cfg.Queues.SendTo(arn, string(payload), group)
	case "events":
		if b.cfg.Forward == nil || d.forwarded {
			return fmt.Errorf("%w: an event is forwarded once, to a bus of this account", errUndeliverable)
		}
		return b.cfg.Forward(b.ctx, arn, d.event)
	default:
		return fmt.Errorf("%w: targets of %s are not delivered to here", errUndeliverable, service)
	}
}

// giveUp sends the event, untransformed, to the target's dead-letter queue.
func (b *Bus) giveUp(d delivery, cause error) {
	log := b.cfg.Log.With("rule", d.rule.Name, "target", deref(d.target.Id), "cause", cause)
	if d.target.DeadLetterConfig == nil || d.target.DeadLetterConfig.Arn == nil {
		log.Error("an event was not delivered: the target has no dead-letter queue")
		return
	}
	queue := *d.target.DeadLetterConfig.Arn
	if err := b.cfg.Queues.SendTo(queue, string(d.event), ""); err != nil {
		log.Error("an event was not delivered, nor sent to the dead-letter queue", "queue", queue, "error", err)
		return
	}
	log.Error("an event was not delivered and is sent to the dead-letter queue", "queue", queue)
}
