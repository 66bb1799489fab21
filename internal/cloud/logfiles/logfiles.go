// Package logfiles delivers records to trails: to their buckets as gzip log
// files under CloudTrail's keys, and to their log groups.
//
// A record is in a journal on disk, with all the places that it goes to,
// before Append returns; what was delivered is forgotten only after that, and
// a log file's key is chosen when its first record is appended. A process that
// dies in between delivers the same file under the same key when it starts
// again: no record is lost, and none is in two files.
package logfiles

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/trailhand/trailhand/pkg/events"
)

// Destination is where a trail's records of one account and Region go.
type Destination struct {
	TrailARN       string
	Bucket         string
	Prefix         string // without a slash at the end; may be empty
	OrganizationID string // "o-…" for an organization's trail
	AccountID      string // whose records
	Region         string // where they happened
	Kind           events.KeyKind
	LogGroup       bool // of the trail, and not its bucket: the three above are empty
}

// File is a log file on its way.
type File struct {
	Destination Destination
	Key         string // of the object; empty for a log group
	Records     int
	Since       time.Time      // when its first record was appended
	Again       bool           // an earlier attempt may have delivered it, and failed or died after that
	Sent        int            // records that a log group has by earlier attempts
	Progress    func(sent int) // for Put to note how many it has now
}

// Config is what delivery needs.
type Config struct {
	Dir string // journals; made if missing
	// Put stores a log file's gzip bytes, or says why it could not. It may be
	// asked again for what it has stored if the file is one to deliver Again.
	Put func(ctx context.Context, f File, gz []byte) error
	// Delivered is told of each attempt, with its error or nil. May be nil.
	Delivered func(f File, err error)
	// After is what a delivered file sets off. Each is done until it succeeds;
	// once, unless a process dies.
	After []func(ctx context.Context, f File, gz []byte) error
	// Settle is called before files that were delivered are forgotten. May be nil.
	Settle func() error
	// GiveUpAfter is how long a file is retried after its first record; CloudTrail's is about a day.
	GiveUpAfter time.Duration
	MaxBytes    int64 // of a journal before a new one is begun, and so of a file's records
	Now         func() time.Time
	Log         *slog.Logger
}

// Files holds the records that wait for delivery. All methods are safe for concurrent use.
type Files struct {
	cfg     Config
	newFile func(path string) (file, error)

	mu       sync.Mutex
	open     *journal // that is appended to; may be nil
	sealed   []*journal
	lost     Counts
	flushing sync.Mutex // one Flush at a time
}

// Open reads what an earlier process left undelivered in the folder, and gives
// each record, with where it goes, to visit.
func Open(cfg Config, visit func(events.Record, []Destination) error) (*Files, error) {
	if err := os.MkdirAll(cfg.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("log files: %w", err)
	}
	names, err := fs.Glob(os.DirFS(cfg.Dir), "*"+journalSuffix)
	if err != nil {
		return nil, fmt.Errorf("log files: %w", err)
	}
	slices.Sort(names)
	f := &Files{cfg: cfg, newFile: newFile}
	for _, name := range names {
		name = filepath.Join(cfg.Dir, name)
		j, damaged, err := reopen(name, len(cfg.After), visit)
		if err != nil {
			return nil, fmt.Errorf("log files: %w", err)
		}
		if damaged > 0 {
			cfg.Log.Error("left out what is no line of a journal", "journal", name, "lines", damaged)
		}
		switch {
		case len(j.places) > 0:
			f.sealed = append(f.sealed, j)
		case damaged > 0:
			err = os.Rename(name, name+".damaged")
		default: // nothing in it was acknowledged
			err = os.Remove(name)
		}
		if err != nil {
			return nil, fmt.Errorf("log files: %w", err)
		}
	}
	return f, nil
}

// Append puts a record on its way to all of its destinations, none of them
// twice, and does what else makes it taken. If it fails, neither has happened.
func (f *Files) Append(rec *events.Record, to []Destination, also func() error) error {
	record := rec.Raw()
	if bytes.IndexByte(record, '\n') >= 0 {
		var line bytes.Buffer
		if err := json.Compact(&line, record); err != nil {
			return fmt.Errorf("a record that is not JSON: %w", err)
		}
		record = line.Bytes()
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.open != nil && f.open.size+int64(len(record)) > f.cfg.MaxBytes {
		f.seal()
	}
	now := f.cfg.Now()
	if f.open == nil {
		j, err := f.create(now)
		if err != nil {
			return fmt.Errorf("log files: %w", err)
		}
		f.open = j
	}
	if err := f.open.append(record, to, now, also); err != nil {
		return fmt.Errorf("log files: %w", err)
	}
	return nil
}

// seal begins a new journal with the next record.
func (f *Files) seal() {
	if f.open == nil {
		return
	}
	if err := f.open.close(); err != nil { // what it holds was written before
		f.cfg.Log.Error("closing a journal", "error", err)
	}
	f.sealed = append(f.sealed, f.open)
	f.open = nil
}

// Flush delivers everything that was appended before it was called, oldest
// first. What fails is kept for the next Flush; the errors are joined.
func (f *Files) Flush(ctx context.Context) error {
	f.flushing.Lock()
	defer f.flushing.Unlock()
	f.mu.Lock()
	f.seal()
	all := slices.Clone(f.sealed)
	f.mu.Unlock()
	slices.SortFunc(all, func(a, b *journal) int { return a.begun.Compare(b.begun) })
	var errs []error
	for _, j := range all {
		for some := range slices.Chunk(f.pending(j), atOnce) {
			files, unread := j.render(some)
			for _, i := range some {
				gz, err := files[i].end(j.places[i], unread)
				err = f.deliver(ctx, j, i, gz, err)
				errs = append(errs, err)
				if err == nil || f.givenUp(j.places[i], err) {
					f.note(&j.places[i].done)
				}
			}
		}
	}
	return errors.Join(append(errs, f.forget(all))...)
}

// atOnce are the log files for which a journal is read once: each takes a
// compressor's memory, about 1 MB.
const atOnce = 16

// pending are the numbers of the places that wait for something.
func (f *Files) pending(j *journal) (numbers []int) {
	for i, p := range j.places {
		switch {
		case p.done:
		case p.records == 0: // the first one was cut
			f.note(&p.done)
		default:
			numbers = append(numbers, i)
		}
	}
	return numbers
}

// deliver stores a log file, if it could be read, and does what that sets off.
func (f *Files) deliver(ctx context.Context, j *journal, number int, gz []byte, err error) error {
	p := j.places[number]
	file := File{Destination: p.Destination, Key: p.Key, Records: p.records, Since: p.Since, Again: p.again, Sent: int(p.sent.Load())}
	file.Progress = func(sent int) { j.markSent(number, sent) }
	if err == nil && !p.put {
		err = f.cfg.Put(ctx, file, gz)
		p.again = p.again || err != nil
	}
	if f.cfg.Delivered != nil && !p.put {
		f.cfg.Delivered(file, err)
	}
	if err != nil {
		return fmt.Errorf("delivering %q of %s: %w", p.Key, p.Destination.TrailARN, err)
	}
	f.note(&p.put)
	var errs []error
	for i, do := range f.cfg.After {
		if p.after[i] {
			continue
		}
		if err := do(ctx, file, gz); err != nil {
			errs = append(errs, err)
			continue
		}
		j.markStep(number, i)
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("after delivering %q of %s: %w", p.Key, p.Destination.TrailARN, err)
	}
	return nil
}

// note sets what Waiting reads.
func (f *Files) note(flag *bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	*flag = true
}

// forget lets go of what is done.
func (f *Files) forget(all []*journal) error {
	done := func(p *place) bool { return p.done && !p.marked }
	if !slices.ContainsFunc(all, func(j *journal) bool { return slices.ContainsFunc(j.places, done) || len(j.places) == 0 }) {
		return nil
	}
	if f.cfg.Settle != nil {
		if err := f.cfg.Settle(); err != nil {
			return err
		}
	}
	var errs []error
	for _, j := range all {
		ended, err := j.mark()
		if err != nil {
			errs = append(errs, err)
		}
		if ended {
			f.mu.Lock()
			f.sealed = slices.DeleteFunc(f.sealed, func(s *journal) bool { return s == j })
			f.mu.Unlock()
		}
	}
	return errors.Join(errs...)
}

// Close closes the journal; what is in it is delivered by the next process.
func (f *Files) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.open == nil {
		return nil
	}
	return f.open.close()
}
