package events

import (
	"bufio"
	"bytes"
	stdgzip "compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"io"

	"github.com/klauspost/compress/gzip"
)

// job reads a set of logs and says how many records it counted. All jobs but
// inflating count by eventSource, eventName, errorCode and minute.
type job func(logSet) (int, error)

// tally counts records by the key of the job.
type tally struct {
	counts map[string]*int
	key    []byte
}

func (t *tally) add(r *Record) {
	t.key = append(append(t.key[:0], r.Text(EventSource)...), '\t')
	t.key = append(append(t.key, r.Text(EventName)...), '\t')
	t.key = append(append(t.key, r.Text(ErrorCode)...), '\t')
	minute := r.Text(EventTime)
	t.key = append(t.key, minute[:min(len(minute), len("2006-01-02T15:04"))]...)
	n := t.counts[string(t.key)]
	if n == nil {
		n = new(int)
		t.counts[string(t.key)] = n
	}
	*n++
}

// read counts all records of a file.
func (t *tally) read(r *Reader) (int, error) {
	for n := 0; ; n++ {
		rec, err := r.Next()
		if err == io.EOF {
			return n, nil
		}
		if err != nil {
			return n, err
		}
		t.add(rec)
	}
}

func newTally() *tally { return &tally{counts: map[string]*int{}} }

// inflating is the yardstick: klauspost's reader over streams, as files and S3
// objects are, into nothing. It is made once for all files, as ours is.
func inflating(s logSet) (int, error) {
	in := bufio.NewReaderSize(nil, 64<<10)
	gz, buf := new(gzip.Reader), make([]byte, 32<<10)
	for _, packed := range s.files {
		in.Reset(stream{bytes.NewReader(packed)})
		if err := gz.Reset(in); err != nil {
			return 0, err
		}
		if _, err := io.CopyBuffer(stream{io.Discard}, gz, buf); err != nil {
			return 0, err
		}
	}
	return s.records, nil
}

// stream hides everything but Read and Write.
type stream struct{ any }

func (s stream) Read(p []byte) (int, error)  { return s.any.(io.Reader).Read(p) }
func (s stream) Write(p []byte) (int, error) { return s.any.(io.Writer).Write(p) }

// counting reads so many files at once.
func counting(parallel int) job {
	return func(s logSet) (int, error) {
		read := func(_ context.Context, _ string, r *Reader) (int, error) { return newTally().read(r) }
		records := 0
		for res := range ReadFiles(context.Background(), s.each, parallel, Limits{}, read) {
			if res.Err != nil {
				return records, res.Err
			}
			records += res.Value
		}
		return records, nil
	}
}

// each yields the files of a set.
func (s logSet) each(yield func(File) bool) {
	for _, packed := range s.files {
		open := func(context.Context) (io.ReadCloser, error) {
			return io.NopCloser(stream{bytes.NewReader(packed)}), nil
		}
		if !yield(File{Name: "generated", Open: open}) {
			return
		}
	}
}

// countingAhead inflates on a second core.
func countingAhead(s logSet) (int, error) {
	records := 0
	for _, packed := range s.files {
		r := OpenGzipAhead(stream{bytes.NewReader(packed)}, Limits{})
		n, err := newTally().read(r)
		if err := errors.Join(err, r.Close()); err != nil {
			return records, err
		}
		records += n
	}
	return records, nil
}

type standardKey struct{ eventSource, eventName, errorCode, minute string }

// countStandard goes the way that most Go programs go: compress/gzip and
// encoding/json, one record at a time.
func countStandard(s logSet) (int, error) {
	records := 0
	for _, packed := range s.files {
		gz, err := stdgzip.NewReader(bytes.NewReader(packed))
		if err != nil {
			return records, err
		}
		dec := json.NewDecoder(gz)
		for range 3 { // { "Records" [
			if _, err := dec.Token(); err != nil {
				return records, err
			}
		}
		counts := map[standardKey]int{}
		for ; dec.More(); records++ {
			var e struct{ EventTime, EventSource, EventName, ErrorCode string }
			if err := dec.Decode(&e); err != nil {
				return records, err
			}
			counts[standardKey{e.EventSource, e.EventName, e.ErrorCode, e.EventTime[:min(len(e.EventTime), 16)]}]++
		}
	}
	return records, nil
}
