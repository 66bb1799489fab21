package queues

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/trailhand/trailhand/internal/cloud/wholefile"
)

const (
	stateFile   = "queues.json"
	journalFile = "queues-%d.journal"

	maxJournal = 1 << 20 // bytes, before it is folded into the snapshot
)

// journal is what has happened to messages since the snapshot, so that a sender
// can rely on an answer whatever happens to us then. A line says how a message is
// after a change: lines may be read over a snapshot that has them already.
type journal struct {
	dir    string // empty: nothing is kept
	number int
	out    *os.File
	size   int64 // in bytes, of what is whole
	dirty  bool  // something has changed that no line says
}

// change is a line of a journal: one of the three.
type change struct {
	Queue   string        `json:"queue"`
	Put     *savedMessage `json:"put,omitempty"`     // new, or received or hidden once more, and then without its body
	Gone    string        `json:"gone,omitempty"`    // the id of a message
	Cleared bool          `json:"cleared,omitempty"` // of all messages
}

// note writes a change. What cannot be written is left to the next snapshot.
func (j *journal) note(c change) {
	if j.dir == "" {
		return
	}
	line, err := json.Marshal(c)
	if err == nil {
		line = append(line, '\n')
		_, err = j.out.WriteAt(line, j.size)
	}
	if err != nil {
		_ = j.out.Truncate(j.size) // what stays is written over by the next line
		j.dirty = true
		return
	}
	j.size += int64(len(line))
}

// next begins a new file, if there is anything in the old one.
func (j *journal) next() error {
	if j.out != nil && j.size == 0 {
		return nil
	}
	out, err := os.OpenFile(j.path(j.number+1), os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	old := j.out
	j.out, j.number, j.size = out, j.number+1, 0
	if old == nil {
		return nil
	}
	return old.Close()
}

func (j *journal) path(number int) string {
	return filepath.Join(j.dir, fmt.Sprintf(journalFile, number))
}

// numbers are those of the files, in order.
func (j *journal) numbers() ([]int, error) {
	names, err := fs.Glob(os.DirFS(j.dir), "queues-*.journal")
	var all []int
	for _, name := range names {
		var n int
		if _, err := fmt.Sscanf(name, journalFile, &n); err == nil {
			all = append(all, n)
		}
	}
	slices.Sort(all)
	return all, err
}

// Open is New with the queues that an earlier process kept in a folder, and
// keeps these there too.
func Open(cfg Config, dir string) (*Queues, error) {
	q := New(cfg)
	state, err := os.ReadFile(filepath.Join(dir, stateFile))
	if err == nil {
		err = q.Restore(state)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("restoring %s: %w", stateFile, err)
	}
	j := journal{dir: dir, dirty: true}
	numbers, err := j.numbers()
	for _, n := range numbers {
		text, unread := os.ReadFile(j.path(n))
		q.replay(text)
		err, j.number = errors.Join(err, unread), n
	}
	if err == nil {
		err = j.next()
	}
	if err != nil {
		return nil, fmt.Errorf("journal of queues: %w", err)
	}
	q.journal = j
	return q, nil
}

// replay does again what a journal says. Its last line may be half of one.
func (q *Queues) replay(text []byte) {
	for line := range bytes.Lines(text) {
		var c change
		if json.Unmarshal(line, &c) != nil || q.queues[c.Queue] == nil {
			continue // a queue that is gone needs nothing
		}
		qu := q.queues[c.Queue]
		switch {
		case c.Put != nil:
			qu.put(*c.Put)
		case c.Cleared:
			qu.clear()
		default:
			qu.drop(&message{id: c.Gone})
		}
	}
}

// Keep folds the journal into the snapshot where that is due. Without it
// nothing is lost but new queues, and what could not be written. It must not be
// called twice at a time.
func (q *Queues) Keep() error {
	state, number, err := q.turn()
	if err != nil || state == nil {
		return err
	}
	if err := wholefile.Write(filepath.Join(q.journal.dir, stateFile), state); err != nil {
		q.mu.Lock()
		defer q.mu.Unlock()
		q.journal.dirty = true
		return fmt.Errorf("keeping %s: %w", stateFile, err)
	}
	numbers, err := q.journal.numbers()
	errs := []error{err}
	for _, n := range numbers {
		if n < number {
			errs = append(errs, os.Remove(q.journal.path(n)))
		}
	}
	return errors.Join(errs...)
}

// turn gives the state, nil if there is no need to keep it, and the number of
// the journal that follows it.
func (q *Queues) turn() (state []byte, number int, err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	j := &q.journal
	if j.dir == "" || !j.dirty && j.size < maxJournal {
		return nil, 0, nil
	}
	if state, err = q.snapshot(); err == nil {
		err = j.next()
	}
	if err != nil {
		return nil, 0, fmt.Errorf("keeping %s: %w", stateFile, err)
	}
	j.dirty = false
	return state, j.number, nil
}

// Close closes the journal. What is in it is read by the next Open.
func (q *Queues) Close() error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.journal.out == nil {
		return nil
	}
	return q.journal.out.Close()
}
