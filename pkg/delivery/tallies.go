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
type Tallies struct {
	To BatchSender
	// Most is how many tallies one file may have, in some 700 bytes each while it
	// is read; 0 is any number.
	Most int
	// EventIDs has tallies carry 8 bytes of each call's eventID, so that an event
	// which is in two files counts once.
	EventIDs bool
}

// Begin implements Sink.
func (t Tallies) Begin(_ context.Context, f File) (Stage, error) {
	c := NewCounter(f)
	c.EventIDs = t.EventIDs
	return &tallyStage{Tallies: t, counter: c}, nil
}

type tallyStage struct {
	Tallies
	counter *Counter
}

func (s *tallyStage) Add(r *events.Record) error {
	s.counter.Add(r)
	return s.counter.Over(s.Most)
}

func (s *tallyStage) Commit(ctx context.Context, _ *Summary) error {
	batches := s.counter.Batches()
	if len(batches) == 0 {
		return nil
	}
	return s.To.Send(ctx, batches)
}

func (s *tallyStage) Discard(context.Context) {}
