// Package logfiles delivers records to a trail's bucket as gzip log files under
// CloudTrail's keys.
//
// A record is in a journal on disk before Append returns, and a journal is
// removed only after its log file is in the bucket under a key that was chosen
// when the journal was opened. A process that dies in between delivers the same
// file under the same key when it starts again: no record is lost, and none is
// in two files.
package logfiles

import (
	"context"
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
}

// File is a log file on its way.
type File struct {
	Destination Destination
	Key         string // of the object
	Records     int
	Since       time.Time // when its first record was appended
}

// ErrExists says that an object of that key is in the bucket already: the file
// was delivered before the process died.
var ErrExists = errors.New("logfiles: the object exists")

// Config is what delivery needs.
type Config struct {
	Dir string // journals; made if missing
	// Put stores a log file's gzip bytes, or returns ErrExists, or why it could not.
	Put func(ctx context.Context, f File, gz []byte) error
	// Delivered is told of each attempt, with its error or nil.
	Delivered func(f File, err error)
	// GiveUpAfter is how long a file is retried after its first record; CloudTrail's is about a day.
	GiveUpAfter time.Duration
	MaxBytes    int64 // of a file's records before a new one is begun
	Now         func() time.Time
	Log         *slog.Logger
}

// Files holds the records that wait for delivery. All methods are safe for concurrent use.
type Files struct {
	cfg Config

	mu   sync.Mutex
	open map[Destination]*journal

	delivering sync.Mutex // one Flush at a time
	sealed     []*journal
	lost       int
}

// Open reads what an earlier process left undelivered in the folder.
func Open(cfg Config) (*Files, error) {
	if err := os.MkdirAll(cfg.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("log files: %w", err)
	}
	names, err := fs.Glob(os.DirFS(cfg.Dir), "*"+journalSuffix)
	if err != nil {
		return nil, fmt.Errorf("log files: %w", err)
	}
	slices.Sort(names)
	f := &Files{cfg: cfg, open: make(map[Destination]*journal)}
	for _, name := range names {
		name = filepath.Join(cfg.Dir, name)
		j, err := reopen(name)
		if err != nil { // nothing was acknowledged before the header was whole
			cfg.Log.Error("set a journal aside that cannot be read", "error", err)
			if err := os.Rename(name, name+".damaged"); err != nil {
				return nil, fmt.Errorf("log files: %w", err)
			}
			continue
		}
		f.sealed = append(f.sealed, j)
	}
	return f, nil
}

// Append puts a record (one JSON object) into the journal of its destination.
func (f *Files) Append(d Destination, record []byte) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	j := f.open[d]
	if j != nil && j.bytes+int64(len(record)) > f.cfg.MaxBytes {
		f.sealed = append(f.sealed, j)
		delete(f.open, d)
		j = nil
	}
	if j == nil {
		var err error
		if j, err = create(f.cfg.Dir, d, f.cfg.Now()); err != nil {
			return fmt.Errorf("log file for %s: %w", d.TrailARN, err)
		}
		f.open[d] = j
	}
	if err := j.append(record); err != nil {
		return fmt.Errorf("log file for %s: %w", d.TrailARN, err)
	}
	return nil
}

// Flush delivers everything that was appended before it was called, oldest
// first. What fails is kept for the next Flush; the errors are joined.
func (f *Files) Flush(ctx context.Context) error {
	f.delivering.Lock()
	defer f.delivering.Unlock()
	var kept []*journal
	var errs []error
	for _, j := range f.take() {
		if err := f.deliver(ctx, j); err != nil {
			errs = append(errs, err)
			if !f.givenUp(j, err) {
				kept = append(kept, j)
			}
		}
	}
	f.mu.Lock()
	f.sealed = append(kept, f.sealed...)
	f.mu.Unlock()
	return errors.Join(errs...)
}

// take seals every open journal and hands over all of them.
func (f *Files) take() []*journal {
	f.mu.Lock()
	defer f.mu.Unlock()
	all := f.sealed
	for _, j := range f.open {
		all = append(all, j)
	}
	clear(f.open)
	f.sealed = nil
	slices.SortFunc(all, func(a, b *journal) int { return a.since.Compare(b.since) })
	return all
}

func (f *Files) deliver(ctx context.Context, j *journal) error {
	gz, err := j.gzip()
	if err == nil {
		err = f.cfg.Put(ctx, j.file(), gz)
		if errors.Is(err, ErrExists) {
			err = nil
		}
	}
	if f.cfg.Delivered != nil {
		f.cfg.Delivered(j.file(), err)
	}
	if err != nil {
		return fmt.Errorf("delivering %q to %q: %w", j.key, j.dest.Bucket, err)
	}
	return j.remove()
}

// givenUp drops a file that could not be delivered for too long, and says what was lost.
func (f *Files) givenUp(j *journal, cause error) bool {
	if f.cfg.Now().Sub(j.since) < f.cfg.GiveUpAfter {
		return false
	}
	f.mu.Lock()
	f.lost += j.records
	f.mu.Unlock()
	f.cfg.Log.Error("gave up delivering a log file: its records are lost", "bucket", j.dest.Bucket, "key", j.key, "records", j.records, "error", cause)
	if err := j.remove(); err != nil {
		f.cfg.Log.Error("removing a journal", "error", err)
	}
	return true
}

// Waiting counts the records that are not delivered yet, and those given up since Open.
func (f *Files) Waiting() (waiting, lost int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, j := range f.open {
		waiting += j.records
	}
	for _, j := range f.sealed {
		waiting += j.records
	}
	return waiting, f.lost
}

// Close closes the journals; what they hold is delivered by the next process.
func (f *Files) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	var errs []error
	for _, j := range f.open {
		errs = append(errs, j.close())
	}
	clear(f.open)
	return errors.Join(errs...)
}
