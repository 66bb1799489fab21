package awsio

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"

	"github.com/trailhand/trailhand/pkg/events"
)

// Bus publishes events to one EventBridge event bus.
type Bus struct {
	api  *eventbridge.Client
	name string
}

// NewBus returns the bus with that name or ARN.
func NewBus(cfg aws.Config, name string) *Bus {
	return &Bus{api: eventbridge.NewFromConfig(cfg), name: name}
}

// Publish puts events on the bus. Of an envelope it sends Source, DetailType,
// Time, Resources and Detail; EventBridge makes the rest. An event that the bus
// took may be published again if another one failed.
func (b *Bus) Publish(ctx context.Context, envelopes []events.Envelope) error {
	entries := make([]types.PutEventsRequestEntry, 0, len(envelopes))
	for _, e := range envelopes {
		entry := types.PutEventsRequestEntry{
			EventBusName: &b.name, Source: aws.String(e.Source), DetailType: aws.String(e.DetailType),
			Detail: aws.String(string(e.Detail)), Resources: e.Resources,
		}
		if !e.Time.IsZero() {
			entry.Time = aws.Time(e.Time)
		}
		entries = append(entries, entry)
	}
	size := func(e types.PutEventsRequestEntry) int {
		return len(*e.Detail) + len(*e.Source) + len(*e.DetailType) + 14
	}
	for _, chunk := range chunks(entries, maxEventBytes, size) {
		if err := sendAll(ctx, chunk, b.put); err != nil {
			return err
		}
	}
	return nil
}

func (b *Bus) put(ctx context.Context, entries []types.PutEventsRequestEntry) ([]types.PutEventsRequestEntry, error) {
	out, err := b.api.PutEvents(ctx, &eventbridge.PutEventsInput{Entries: entries})
	if err != nil {
		return nil, fmt.Errorf("publishing to bus %q: %w", b.name, err)
	}
	var failed []types.PutEventsRequestEntry
	var why error
	for i, answer := range out.Entries {
		if answer.ErrorCode != nil && i < len(entries) {
			failed = append(failed, entries[i])
			why = errors.Join(why, fmt.Errorf("publishing to bus %q: event %d: %s: %s",
				b.name, i, *answer.ErrorCode, aws.ToString(answer.ErrorMessage)))
		}
	}
	return failed, why
}
