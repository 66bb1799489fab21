// Package history is CloudTrail's event history: the management and Insight
// events of 90 days, found by attribute and time whether a trail logs or not.
//
// Records are kept in segments on disk, to which is only ever added; a segment
// goes when all that it holds is too old. The index is in memory: about 100
// bytes an event, and never more events than Config.MaxEvents. It is read back
// from small files beside the segments, so records are not parsed again.
//
// Source: AWS CloudTrail User Guide, "Working with CloudTrail event history".
package history

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/trailhand/trailhand/internal/cloud/trails"
	"github.com/trailhand/trailhand/pkg/events"
)

const (
	retention    = 90 * 24 * time.Hour
	segmentAge   = 24 * time.Hour
	segmentBytes = 64 << 20
)

// Config is what the history needs.
type Config struct {
	Dir       string // of the segments; made if missing
	MaxEvents int    // the oldest segments go when there are more
	Now       func() time.Time
	Log       *slog.Logger
}

// History holds the events. It implements trails.History, and is safe for
// concurrent use.
type History struct {
	cfg Config

	mu       sync.Mutex
	index    index
	segments map[uint32]*segment
	last     uint32 // the segment that is added to; 0: none yet
}

// Open reads the index of an earlier process.
func Open(cfg Config) (*History, error) {
	if err := os.MkdirAll(cfg.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("event history: %w", err)
	}
	names, err := fs.Glob(os.DirFS(cfg.Dir), "*"+indexSuffix)
	if err != nil {
		return nil, fmt.Errorf("event history: %w", err)
	}
	h := &History{cfg: cfg, index: newIndex(), segments: map[uint32]*segment{}}
	slices.Sort(names)
	for _, name := range names {
		id, err := strconv.ParseUint(strings.TrimSuffix(name, indexSuffix), 10, 32)
		if err != nil {
			continue // not ours
		}
		s, err := openSegment(cfg.Dir, uint32(id), h.index.add)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("event history: %w", err), h.Close())
		}
		h.segments[s.id], h.last = s, s.id
	}
	h.prune()
	return h, nil
}

// Has reports whether a record is kept: one of the same eventID.
func (h *History) Has(rec *events.Record) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.index.has(idOf(rec))
}

// Append keeps a record. One whose eventID is there already is the same event,
// and is not kept twice. After an error the record is not kept.
func (h *History) Append(rec *events.Record) error {
	at, keys, err := keysOf(rec)
	if err != nil {
		return fmt.Errorf("event history: %w", err)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.index.has(keys[0]) {
		return nil
	}
	s, err := h.current()
	if err != nil {
		return fmt.Errorf("event history: %w", err)
	}
	e, err := s.append(at, keys, rec.Raw())
	if err != nil {
		return fmt.Errorf("event history: %w", err)
	}
	h.index.add(e, keys)
	return nil
}

// current gives the segment to add to, and begins one when the last is full or a day old.
func (h *History) current() (*segment, error) {
	now := h.cfg.Now()
	if s := h.segments[h.last]; s != nil && s.size < segmentBytes && now.Sub(s.begun) < segmentAge {
		return s, nil
	}
	s, err := createSegment(h.cfg.Dir, h.last+1, now)
	if err != nil {
		return nil, err
	}
	h.segments[s.id], h.last = s, s.id
	h.prune()
	return s, nil
}

// prune lets go of segments in which all is too old, and of the oldest when
// there are too many events. The segment that is added to stays.
func (h *History) prune() {
	oldest := h.cfg.Now().Add(-retention).Unix()
	gone := map[uint32]bool{}
	left := len(h.index.entries)
	for id := uint32(1); id < h.last; id++ {
		s := h.segments[id]
		if s == nil || s.newest >= oldest && left <= h.cfg.MaxEvents {
			continue
		}
		if s.newest >= oldest {
			h.cfg.Log.Warn("the event history is full: the oldest events go before their 90 days", "events", s.events)
		}
		left -= s.events
		gone[id] = true
		delete(h.segments, id)
		if err := s.remove(); err != nil {
			h.cfg.Log.Error("removing a segment of the event history", "error", err)
		}
	}
	if len(gone) > 0 {
		h.index.drop(gone)
	}
}

// Lookup implements trails.History. It gives the newest events first.
func (h *History) Lookup(_ context.Context, l trails.Lookup) (records [][]byte, next string, err error) {
	after, err := parsePosition(l.After)
	if err != nil {
		return nil, "", err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	found, more := h.index.find(keyOf(l), l.From.Unix(), l.To.Unix(), after, l.Limit)
	for _, e := range found {
		record, err := h.segments[e.segment].read(e)
		if err != nil {
			return nil, "", fmt.Errorf("event history: %w", err)
		}
		records = append(records, record)
	}
	if more {
		next = found[len(found)-1].position()
	}
	return records, next, nil
}

// Close closes the files. What was appended is on disk already.
func (h *History) Close() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	var errs []error
	for _, s := range h.segments {
		errs = append(errs, s.close())
	}
	clear(h.segments)
	return errors.Join(errs...)
}

// Keeps reports whether the event history has events of a category.
func Keeps(c events.Category) bool { return c == events.Management || c == events.Insight }
