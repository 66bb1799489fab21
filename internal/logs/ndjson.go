package logs

import (
	"bytes"
	"encoding/json"
	"io"

	"github.com/trailhand/trailhand/pkg/delivery"
	"github.com/trailhand/trailhand/pkg/events"
)

// NDJSON prints records as they are, one a line; with paths an object of their
// values alone, null for what is absent.
func NDJSON(paths []Path) Format {
	return Format{Streams: true, Begin: func(w io.Writer, _ delivery.File) Printer {
		return &ndjson{w: w, paths: paths}
	}}
}

type ndjson struct {
	w     io.Writer
	paths []Path
	line  []byte
}

// Print implements Printer. A line break between the tokens of a record
// becomes a space; inside a string JSON has none.
func (p *ndjson) Print(r *events.Record) error {
	p.line = p.line[:0]
	if p.paths == nil {
		p.line = append(p.line, r.Raw()...)
	} else {
		p.line = p.values(p.line, r)
	}
	if bytes.IndexByte(p.line, '\n') >= 0 || bytes.IndexByte(p.line, '\r') >= 0 {
		for i, c := range p.line {
			if c == '\n' || c == '\r' {
				p.line[i] = ' '
			}
		}
	}
	p.line = append(p.line, '\n')
	_, err := p.w.Write(p.line)
	return err
}

func (p *ndjson) values(to []byte, r *events.Record) []byte {
	for i, path := range p.paths {
		sep := byte(',')
		if i == 0 {
			sep = '{'
		}
		name, _ := json.Marshal(path.name) // a string can always be encoded
		to = append(append(append(to, sep), name...), ':')
		value := path.JSON(r)
		if value == nil {
			value = json.RawMessage("null")
		}
		to = append(to, value...)
	}
	return append(to, '}')
}

// End implements Printer.
func (p *ndjson) End() error { return nil }

// Rates prints the tallies of each file, one a line: calls of one API in one
// minute (insights.Tally).
func Rates() Format {
	return Format{Begin: func(w io.Writer, f delivery.File) Printer {
		return &rates{w: w, counter: delivery.NewCounter(f)}
	}}
}

type rates struct {
	w       io.Writer
	counter *delivery.Counter
}

// Print implements Printer.
func (p *rates) Print(r *events.Record) error {
	p.counter.Add(r)
	return nil
}

// End implements Printer.
func (p *rates) End() error {
	enc := json.NewEncoder(p.w)
	enc.SetEscapeHTML(false)
	for _, t := range p.counter.Tallies() {
		if err := enc.Encode(t); err != nil {
			return err
		}
	}
	return nil
}
