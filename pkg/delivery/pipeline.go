package delivery

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/trailhand/trailhand/pkg/events"
)

// Sink takes records somewhere. It is used for many files, one after another
// or at the same time.
type Sink interface {
	// Begin starts the staging of one file's effects.
	Begin(ctx context.Context, f File) (Stage, error)
}

// Stage holds back the effects of one file until the whole of it was read.
// Either Commit or Discard ends it, once; a failed Commit has discarded.
type Stage interface {
	// Add takes a record, which is valid until Add returns.
	Add(r *events.Record) error
	// Commit brings the effects about, given the totals of the file. Committing
	// the same file again changes nothing.
	Commit(ctx context.Context, totals *Summary) error
	// Discard leaves no trace.
	Discard(ctx context.Context)
}

// Pipeline is what becomes of the records of a log file.
type Pipeline struct {
	Keep  func(*events.Record) bool // nil keeps every record
	Sinks []Sink                    // committed in this order
}

// Read takes one file to the sinks. The Summary is never nil: of a good file it
// has the totals, else the file among the failed and the error is not nil.
func (p *Pipeline) Read(ctx context.Context, f File, r *events.Reader) (*Summary, error) {
	sum := NewSummary()
	err := p.read(ctx, f, r, sum)
	if err == nil {
		return sum, nil
	}
	failed := NewSummary()
	failed.Fail(f.Key, sum.Records, err)
	return failed, fmt.Errorf("reading %q: %w", f.ID(), err)
}

func (p *Pipeline) read(ctx context.Context, f File, r *events.Reader, sum *Summary) error {
	stages, err := p.begin(ctx, f)
	if err == nil {
		err = p.stage(ctx, f, r, sum, stages)
	}
	for i, s := range stages {
		if err == nil {
			err = s.Commit(ctx, sum)
			continue
		}
		for _, rest := range stages[i:] {
			rest.Discard(context.WithoutCancel(ctx))
		}
		break
	}
	return err
}

func (p *Pipeline) begin(ctx context.Context, f File) ([]Stage, error) {
	stages := make([]Stage, 0, len(p.Sinks))
	for _, sink := range p.Sinks {
		s, err := sink.Begin(ctx, f)
		if err != nil {
			return stages, err
		}
		stages = append(stages, s)
	}
	return stages, nil
}

// stage reads to the end of the file. A bad record is counted and passed over.
func (p *Pipeline) stage(ctx context.Context, f File, r *events.Reader, sum *Summary, stages []Stage) error {
	for index := 0; ; index++ {
		rec, err := r.Next()
		if err == nil {
			err = foreign(rec, index)
		}
		var bad *events.RecordError
		switch {
		case errors.Is(err, io.EOF) && !damaged(err):
			sum.endFile(r.Inflated())
			return ctx.Err()
		case errors.As(err, &bad) && !damaged(err):
			sum.bad(f.Key, bad)
			continue
		case err != nil:
			return err
		}
		if err := p.add(rec, sum, stages); err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
}

// damaged comes before all else: the damage of a file may have the end of its
// input, or a record, as its cause.
func damaged(err error) bool {
	var file *events.FileError
	return errors.As(err, &file)
}

func (p *Pipeline) add(rec *events.Record, sum *Summary, stages []Stage) error {
	if p.Keep != nil && !p.Keep(rec) {
		sum.Dropped++
		return nil
	}
	sum.Add(rec)
	if err := sum.crowded(); err != nil {
		return err
	}
	for _, s := range stages {
		if err := s.Add(rec); err != nil {
			return err
		}
	}
	return nil
}
