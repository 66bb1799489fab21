// Package intake takes records in: each once, into the event history and on
// its way to every trail that selects it, or nowhere at all.
//
// A record that comes again, because somebody was not told that it was taken,
// is known by its eventID: a management event by the event history, any other
// by the journals that an earlier process left behind and by what was taken
// lately.
package intake

import (
	"fmt"
	"hash/maphash"
	"slices"
	"sync"

	"github.com/trailhand/trailhand/internal/cloud/history"
	"github.com/trailhand/trailhand/internal/cloud/logfiles"
	"github.com/trailhand/trailhand/pkg/events"
)

// Journals put a record on its way.
type Journals interface {
	// Append does also what makes the record taken. If it fails, neither has happened.
	Append(rec *events.Record, to []logfiles.Destination, also func() error) error
}

// History keeps management and Insight events, each once.
type History interface {
	Has(rec *events.Record) bool
	Append(rec *events.Record) error
}

// Intake takes records in. It is safe for concurrent use.
type Intake struct {
	Journals Journals // set before the first record is taken
	history  History

	mu    sync.Mutex // one record at a time: two that are the same are taken once
	known recent
	held  []record
	bytes int   // of held
	lost  int   // records that were too many to be held
	cause error // of the latest record that is held
}

// record is one that could not be written down.
type record struct {
	events.Record
	to []logfiles.Destination
}

// maxHeld is how many bytes of records wait in memory.
const maxHeld = 64 << 20

// New makes an Intake without Journals.
func New(h History) *Intake {
	return &Intake{history: h, known: recent{seed: maphash.MakeSeed()}}
}

// Found is given each record that an earlier process left in its journals. It
// may have died before the record was in the event history.
func (in *Intake) Found(rec events.Record, to []logfiles.Destination) error {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.known.add(&rec, to)
	if !history.Keeps(rec.Category()) {
		return nil
	}
	return in.history.Append(&rec)
}

// Take takes a record in. first is false if it was taken before. After an
// error it was not, and may come again.
func (in *Intake) Take(rec *events.Record, to []logfiles.Destination) (first bool, err error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.take(rec, to)
}

func (in *Intake) take(rec *events.Record, to []logfiles.Destination) (first bool, err error) {
	if rec.Category() == events.Management {
		if in.history.Has(rec) {
			return false, nil
		}
		err := in.write(rec, to)
		return err == nil, err
	}
	if in.known.has(rec, to) {
		return false, nil
	}
	if err := in.write(rec, to); err != nil {
		return false, err
	}
	in.known.add(rec, to)
	return true, nil
}

// Keep is Take for a record that nobody has to send again: one that cannot be
// written down now waits in memory until it can. The error says so.
func (in *Intake) Keep(rec *events.Record, to []logfiles.Destination) (first bool, err error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	first, err = in.take(rec, to)
	if err == nil {
		in.settle()
		return first, nil
	}
	in.cause = err
	if in.bytes+len(rec.Raw()) > maxHeld {
		in.lost++
		return true, fmt.Errorf("a record is lost, too many wait in memory: %w", err)
	}
	in.held, in.bytes = append(in.held, record{*rec, to}), in.bytes+len(rec.Raw())
	return true, fmt.Errorf("a record waits in memory: %w", err)
}

// Settle writes down what waits in memory, as far as that can be done now.
func (in *Intake) Settle() {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.settle()
}

func (in *Intake) settle() {
	in.held = slices.DeleteFunc(in.held, func(r record) bool {
		_, err := in.take(&r.Record, r.to)
		if err != nil {
			in.cause = err
			return false
		}
		in.bytes -= len(r.Raw())
		return true
	})
}

// write does it all or nothing.
func (in *Intake) write(rec *events.Record, to []logfiles.Destination) error {
	remember := func() error { return nil }
	if history.Keeps(rec.Category()) {
		remember = func() error { return in.history.Append(rec) }
	}
	if len(to) == 0 {
		return remember()
	}
	return in.Journals.Append(rec, to, remember)
}

// Waiting counts the records that wait in memory, and those that could not.
// cause is why some do.
func (in *Intake) Waiting() (held, lost int, cause error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if len(in.held) > 0 {
		cause = in.cause
	}
	return len(in.held), in.lost, cause
}
