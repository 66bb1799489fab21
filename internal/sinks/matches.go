package sinks

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"

	"github.com/trailhand/trailhand/pkg/delivery"
	"github.com/trailhand/trailhand/pkg/events"
	"github.com/trailhand/trailhand/pkg/events/pattern"
)

// Source is the event source of all that Trailhand publishes: PutEvents does
// not take one that begins with "aws.".
const Source = "trailhand"

const (
	maxMatchBytes = 16 << 20  // of one file
	maxEventBytes = 255 << 10 // of one event: what PutEvents takes everywhere, less its other fields
)

// Bus takes events. It may be given one again.
type Bus interface {
	Publish(ctx context.Context, envelopes []events.Envelope) error
}

// Matches publishes the events that an EventBridge pattern matches. The pattern
// sees an event as CloudTrail puts it on EventBridge; what is published differs
// in its source alone, and a file that is read again publishes its matches
// again: detail.eventID tells them. A file's matches beyond 16 MiB, and events that
// PutEvents would not take, are dropped, and said so.
type Matches struct {
	Bus     Bus
	Pattern *pattern.Pattern
	Log     *slog.Logger
}

// Begin implements delivery.Sink.
func (m Matches) Begin(_ context.Context, f delivery.File) (delivery.Stage, error) {
	return &matchStage{Matches: m, file: f}, nil
}

type matchStage struct {
	Matches
	file    delivery.File
	found   []events.Envelope
	bytes   int
	dropped int
}

// Add implements delivery.Stage.
func (m *matchStage) Add(r *events.Record) error {
	e := delivery.BusEvent(r)
	text, err := e.Encode()
	if err != nil {
		return fmt.Errorf("encoding an event to match: %w", err)
	}
	matches, err := m.Pattern.Match(text)
	if err != nil || !matches {
		return err
	}
	if len(e.Detail) > maxEventBytes || m.bytes+len(e.Detail) > maxMatchBytes {
		m.dropped++
		return nil
	}
	m.bytes += len(e.Detail)
	e.Source, e.Detail = Source, bytes.Clone(e.Detail)
	m.found = append(m.found, e)
	return nil
}

// Commit implements delivery.Stage.
func (m *matchStage) Commit(ctx context.Context, _ *delivery.Summary) error {
	if m.dropped > 0 {
		m.Log.Warn("matches are too many, or too large", "file", m.file.ID(), "published", len(m.found), "dropped", m.dropped)
	}
	if len(m.found) == 0 {
		return nil
	}
	return m.Bus.Publish(ctx, m.found)
}

// Discard implements delivery.Stage.
func (m *matchStage) Discard(context.Context) {}
