package logs

import (
	"bytes"
	"fmt"
	"io"

	"github.com/trailhand/trailhand/internal/sinks"
	"github.com/trailhand/trailhand/pkg/delivery"
	"github.com/trailhand/trailhand/pkg/events"
)

// OCSF prints records as OCSF API Activity, one a line.
func OCSF() Format {
	return Format{Begin: func(w io.Writer, _ delivery.File) Printer { return ocsf{w} }}
}

type ocsf struct{ w io.Writer }

// Print implements Printer.
func (o ocsf) Print(r *events.Record) error {
	line, err := sinks.APIActivity(r)
	if err != nil {
		return err
	}
	_, err = o.w.Write(append(line, '\n'))
	return err
}

// End implements Printer.
func (o ocsf) End() error { return nil }

// Records prints the records of good files, one a line.
func Records() Format {
	f := NDJSON(nil)
	f.Streams = false
	return f
}

// Parquet takes the lines of Records and writes one Parquet file.
type Parquet struct {
	w    *sinks.ParquetWriter
	line []byte // the beginning of a line whose end is still to come
}

// NewParquet begins a file on w.
func NewParquet(w io.Writer) *Parquet { return &Parquet{w: sinks.NewParquetWriter(w)} }

// Write implements io.Writer.
func (p *Parquet) Write(b []byte) (int, error) {
	n := len(b)
	for {
		line, rest, whole := bytes.Cut(b, []byte("\n"))
		p.line = append(p.line, line...)
		if !whole {
			return n, nil
		}
		r, err := events.Parse(p.line)
		if err == nil {
			err = p.w.Add(&r)
		}
		if err != nil {
			return 0, err
		}
		p.line, b = p.line[:0], rest
	}
}

// Close ends the Parquet file.
func (p *Parquet) Close() error {
	if len(p.line) > 0 {
		return fmt.Errorf("the last record is not whole: %w", io.ErrUnexpectedEOF)
	}
	return p.w.Close()
}
