package sinks

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/trailhand/trailhand/pkg/delivery"
	"github.com/trailhand/trailhand/pkg/events"
)

// Summaries writes the totals of each file: "summary/….json".
type Summaries struct {
	Bucket Bucket
	Prefix string
}

// Begin implements delivery.Sink.
func (s Summaries) Begin(ctx context.Context, f delivery.File) (delivery.Stage, error) {
	return summaryStage{upload: s.Bucket.Create(ctx, objectKey(s.Prefix, "summary", f, "json"))}, nil
}

type summaryStage struct{ upload delivery.Upload }

// Add implements delivery.Stage: the totals are counted by the pipeline.
func (s summaryStage) Add(*events.Record) error { return nil }

// Commit implements delivery.Stage.
func (s summaryStage) Commit(ctx context.Context, totals *delivery.Summary) error {
	enc := json.NewEncoder(s.upload)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(totals); err != nil {
		return fmt.Errorf("writing a summary: %w", err)
	}
	return s.upload.Commit(ctx)
}

// Discard implements delivery.Stage.
func (s summaryStage) Discard(ctx context.Context) { _ = s.upload.Discard(ctx) }
