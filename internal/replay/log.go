package replay

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/trailhand/trailhand/pkg/insights"
)

const maxCount = 1 << 30 // calls in one tally

// Place is one account and Region.
type Place struct{ AccountID, Region string }

// Log is tallies in any order, about 50 bytes each, and 8 a call and 40 a tally
// more for those that carry EventIDs: their copies are left out. It may be added
// to from several goroutines; once it is read nothing may be added.
type Log struct {
	mu     sync.Mutex
	values numbers[string] // principals and user agents
	calls  numbers[call]
	rates  map[Place]*rates
	newest int32
}

// call is what a tally is about, without its place and minute.
type call struct {
	source, name, errorCode, category string
	readOnly                          bool
}

// rates are the tallies of one place.
type rates struct {
	entries []entry
	shares  []share
	ids     [][]byte // EventIDs of the tallies that carry them, until copies are left out
	sorted  bool
}

// entry is one tally. Its shares, principals first, begin at from.
type entry struct {
	minute       int32 // since the Unix epoch
	call         uint32
	count        uint32
	ids          uint32 // 1 + place in rates.ids; 0: none
	arns, agents uint16
	from         uint64
}

type share struct{ value, calls uint32 }

// NewLog returns a Log of nothing.
func NewLog() *Log {
	return &Log{values: newNumbers[string](), calls: newNumbers[call](), rates: map[Place]*rates{}}
}

// Send implements delivery.BatchSender: it takes the tallies of a log file.
func (l *Log) Send(_ context.Context, batches []insights.Batch) error {
	for _, b := range batches {
		for i := range b.Tallies {
			if err := l.Add(&b.Tallies[i]); err != nil {
				return fmt.Errorf("%s: tally %d: %w", b.ID, i+1, err)
			}
		}
	}
	return nil
}

// Add takes one tally. A tally that no detector would take is an error, and is
// not in the Log.
func (l *Log) Add(t *insights.Tally) error {
	if err := check(t); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	place := Place{t.AccountID, t.Region}
	r := l.rates[place]
	if r == nil {
		r = &rates{sorted: true}
		l.rates[place] = r
	}
	e := entry{minute: int32(t.Minute.Unix() / 60), call: l.calls.of(callOf(t)), count: uint32(t.Count), from: uint64(len(r.shares))}
	e.arns = r.share(&l.values, t.UserIdentityARNs)
	e.agents = r.share(&l.values, t.UserAgents)
	if len(t.EventIDs) > 0 {
		r.ids = append(r.ids, slices.Clone(t.EventIDs))
		e.ids = uint32(len(r.ids))
	}
	if n := len(r.entries); n > 0 && r.entries[n-1].minute > e.minute {
		r.sorted = false
	}
	r.entries = append(r.entries, e)
	l.newest = max(l.newest, e.minute)
	return nil
}

func check(t *insights.Tally) error {
	var errs []error
	if t.AccountID == "" || t.Region == "" {
		errs = append(errs, errors.New("accountId or awsRegion is missing"))
	}
	if t.EventSource == "" || t.EventName == "" {
		errs = append(errs, errors.New("eventSource or eventName is missing"))
	}
	if t.Count < 1 || t.Count > maxCount {
		errs = append(errs, fmt.Errorf("count %d is not within 1 and %d", t.Count, maxCount))
	}
	if len(t.EventIDs)%insights.EventIDBytes != 0 || len(t.EventIDs)/insights.EventIDBytes > t.Count {
		errs = append(errs, fmt.Errorf("%d bytes of eventIds for %d calls", len(t.EventIDs), t.Count))
	}
	if t.Minute.Year() < 2006 || t.Minute.Year() > 5000 {
		errs = append(errs, fmt.Errorf("minute %s is not in this age", t.Minute.Format(time.RFC3339)))
	}
	return errors.Join(errs...)
}

func callOf(t *insights.Tally) call {
	return call{t.EventSource, t.EventName, t.ErrorCode, t.Category, t.ReadOnly}
}

// share keeps at most 65535 values, more than a tally has.
func (r *rates) share(values *numbers[string], counts map[string]int) (kept uint16) {
	for value, n := range counts {
		if n < 1 || kept == 1<<16-1 {
			continue
		}
		r.shares = append(r.shares, share{values.of(value), uint32(min(n, maxCount))})
		kept++
	}
	return kept
}

// Places are the accounts and Regions, in order.
func (l *Log) Places() []Place {
	all := make([]Place, 0, len(l.rates))
	for p := range l.rates {
		all = append(all, p)
	}
	slices.SortFunc(all, func(a, b Place) int {
		return cmp.Or(cmp.Compare(a.AccountID, b.AccountID), cmp.Compare(a.Region, b.Region))
	})
	return all
}

// End is the end of the newest minute that has a tally; zero for an empty Log.
func (l *Log) End() time.Time {
	if len(l.rates) == 0 {
		return time.Time{}
	}
	return minuteTime(l.newest + 1)
}

// Len is the number of tallies; once it is read, without those that were copies.
func (l *Log) Len() (n int) {
	for _, r := range l.rates {
		n += len(r.entries)
	}
	return n
}

// Sort puts the tallies in the order of their minutes, after which a Log may be
// read from several goroutines.
func (l *Log) Sort() {
	for p := range l.rates {
		l.at(p)
	}
}

// at gives the entries of a place in the order of their minutes, without copies.
func (l *Log) at(p Place) *rates {
	r := l.rates[p]
	if r == nil {
		return &rates{}
	}
	if !r.sorted {
		slices.SortStableFunc(r.entries, func(a, b entry) int { return cmp.Compare(a.minute, b.minute) })
		r.sorted = true
	}
	if r.ids != nil {
		r.once()
	}
	return r
}

// minutes splits entries that are in order by their minute.
func minutes(entries []entry, each func(minute int32, of []entry) error) error {
	for len(entries) > 0 {
		n := 1
		for n < len(entries) && entries[n].minute == entries[0].minute {
			n++
		}
		if err := each(entries[0].minute, entries[:n]); err != nil {
			return err
		}
		entries = entries[n:]
	}
	return nil
}

// tally gives an entry back as it was added, but for copies and IDs.
func (l *Log) tally(p Place, r *rates, e entry) insights.Tally {
	c := l.calls.values[e.call]
	shares := r.shares[e.from : e.from+uint64(e.arns)+uint64(e.agents)]
	return insights.Tally{
		AccountID: p.AccountID, Region: p.Region, Minute: minuteTime(e.minute),
		EventSource: c.source, EventName: c.name, ErrorCode: c.errorCode, Category: c.category, ReadOnly: c.readOnly,
		Count: int(e.count), UserIdentityARNs: l.counts(shares[:e.arns]), UserAgents: l.counts(shares[e.arns:]),
	}
}

func (l *Log) counts(shares []share) map[string]int {
	if len(shares) == 0 {
		return nil
	}
	m := make(map[string]int, len(shares))
	for _, s := range shares {
		m[l.values.values[s.value]] = int(s.calls)
	}
	return m
}

func minuteTime(m int32) time.Time { return time.Unix(int64(m)*60, 0).UTC() }

func minuteOf(t time.Time) int32 { return int32(t.Unix() / 60) }

// numbers gives each value a number, so that a million tallies share it.
type numbers[T comparable] struct {
	number map[T]uint32
	values []T
}

func newNumbers[T comparable]() numbers[T] { return numbers[T]{number: map[T]uint32{}} }

func (s *numbers[T]) of(value T) uint32 {
	n, known := s.number[value]
	if !known {
		n = uint32(len(s.values))
		s.number[value] = n
		s.values = append(s.values, value)
	}
	return n
}
