package delivery

import (
	"context"

	"github.com/trailhand/trailhand/pkg/events"
	"github.com/trailhand/trailhand/pkg/insights"
)

// BatchSender sends batches on to the detector. Sending a batch again, under
// the same ID, must be harmless.
type BatchSender interface {
	Send(ctx context.Context, batches []insights.Batch) error
}

// Tallies is the Sink that counts calls per minute for the detector.
type Tallies struct{ To BatchSender }

// Begin implements Sink.
func (t Tallies) Begin(_ context.Context, f File) (Stage, error) {
	return &tallyStage{to: t.To, counter: NewCounter(f)}, nil
}

type tallyStage struct {
	to      BatchSender
	counter *Counter
}

func (s *tallyStage) Add(r *events.Record) error {
	s.counter.Add(r)
	return s.counter.crowded()
}

func (s *tallyStage) Commit(ctx context.Context, _ *Summary) error {
	batches := s.counter.Batches()
	if len(batches) == 0 {
		return nil
	}
	return s.to.Send(ctx, batches)
}

func (s *tallyStage) Discard(context.Context) {}
