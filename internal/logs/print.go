package logs

import (
	"context"
	"io"

	"github.com/trailhand/trailhand/pkg/delivery"
	"github.com/trailhand/trailhand/pkg/events"
)

// Format is a way to print records.
type Format struct {
	// Head is printed once, before all records; may be nil.
	Head func(w io.Writer) error
	// Begin starts a file, printing to w.
	Begin func(w io.Writer, f delivery.File) Printer
	// Streams is set for a format whose records appear before the file that they
	// are in is known to be good. Others appear when it is.
	Streams bool
}

// Printer prints the records of one file.
type Printer interface {
	Print(r *events.Record) error
	// End is called when the file was good.
	End() error
}

// printing is the sink of one file.
type printing struct {
	format Format
	out    *pipe
}

// Begin implements delivery.Sink.
func (p printing) Begin(_ context.Context, f delivery.File) (delivery.Stage, error) {
	s := &printStage{out: p.out}
	if p.format.Streams {
		s.Printer = p.format.Begin(p.out, f)
		return s, nil
	}
	s.held = &spool{}
	s.Printer = p.format.Begin(s.held, f)
	return s, nil
}

type printStage struct {
	Printer
	held *spool // nil for a format that streams
	out  *pipe
}

// Add implements delivery.Stage.
func (s *printStage) Add(r *events.Record) error { return s.Print(r) }

// Commit implements delivery.Stage.
func (s *printStage) Commit(context.Context, *delivery.Summary) error {
	err := s.End()
	if s.held == nil {
		return err
	}
	if err == nil {
		_, err = s.held.WriteTo(s.out)
	}
	s.held.discard()
	return err
}

// Discard implements delivery.Stage.
func (s *printStage) Discard(context.Context) {
	if s.held != nil {
		s.held.discard()
	}
}
