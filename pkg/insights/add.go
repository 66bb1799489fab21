package insights

import (
	"cmp"
	"crypto/sha256"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"
)

const (
	rememberMinutes = 14 * dayMinutes // how long a batch's ID is known, in event time
	rememberBatches = 1 << 16         // and how many at most
	maxCount        = 1 << 30
)

// batchID is the hash of a Batch.ID.
type batchID [16]byte

// Added is what became of the tallies of a Batch, in tallies unless it says calls.
type Added struct {
	Duplicate bool    // the batch was applied before: nothing was counted
	Counted   int     // tallies that were placed in their minutes
	Calls     int     // the calls in them
	Ignored   int     // not rated: management reads that succeeded, data events when not asked for, copies
	Excluded  int     // calls left out by Config.Exclusions
	Late      int     // tallies whose minute was closed already
	LateCalls int     // the calls in them
	Copies    int     // calls left out as copies of events that came before, see Tally.EventIDs
	Unchecked int     // calls whose IDs were too many to keep: copies of them count
	Bad       []error // each names a tally that was refused
}

// Add places a batch's tallies in their minutes. The same Batch.ID counts once: it is remembered
// for 14 days of event time, and minutes that old are closed long since.
func (s *State) Add(b Batch) (a Added) {
	sum := sha256.Sum256([]byte(b.ID))
	id := batchID(sum[:16])
	if _, ok := s.applied[id]; ok && b.ID != "" {
		a.Duplicate = true
		return a
	}
	newest := int32(math.MinInt32)
	for i := range b.Tallies {
		t := &b.Tallies[i]
		if err := s.check(b, t); err != nil {
			a.Bad = append(a.Bad, fmt.Errorf("batch %q: tally %d: %w", b.ID, i+1, err))
			continue
		}
		s.place(t, &a)
		newest = max(newest, minuteOf(t.Minute))
	}
	s.fresh = true
	if b.ID != "" {
		s.applied[id] = max(newest, 0)
		s.forgetBatches()
	}
	return a
}

// forgetBatches drops the IDs that are too old, and the oldest when there are too many.
func (s *State) forgetBatches() {
	if len(s.applied) <= rememberBatches {
		return
	}
	ids := make([]batchID, 0, len(s.applied))
	for id := range s.applied {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(x, y batchID) int {
		return cmp.Or(cmp.Compare(s.applied[x], s.applied[y]), slices.Compare(x[:], y[:]))
	})
	for i, id := range ids {
		if i >= rememberBatches/8 && s.applied[id] >= s.next-rememberMinutes {
			return
		}
		delete(s.applied, id)
	}
}

func (s *State) check(b Batch, t *Tally) error {
	var errs []error
	if t.AccountID != s.account || t.Region != s.region {
		errs = append(errs, fmt.Errorf("it is of %s %s, the state of %s %s", t.AccountID, t.Region, s.account, s.region))
	}
	if t.Count < 1 || t.Count > maxCount {
		errs = append(errs, fmt.Errorf("count %d is not within 1 and %d", t.Count, maxCount))
	}
	if len(t.EventIDs)%EventIDBytes != 0 || len(t.EventIDs)/EventIDBytes > t.Count {
		errs = append(errs, fmt.Errorf("%d bytes of eventIds for %d calls", len(t.EventIDs), t.Count))
	}
	if t.EventSource == "" || t.EventName == "" {
		errs = append(errs, errors.New("eventSource or eventName is empty"))
	}
	if t.Minute.Year() < 2006 || t.Minute.Year() > 5000 {
		errs = append(errs, fmt.Errorf("minute %s is not in this age", t.Minute.Format(time.RFC3339)))
	} else if s.horizon > 0 && minuteOf(t.Minute) > s.horizon {
		errs = append(errs, fmt.Errorf("minute %s is ahead of the clock", t.Minute.Format(time.RFC3339)))
	}
	return errors.Join(errs...)
}

// place counts a tally under the keys that it concerns.
func (s *State) place(t *Tally, a *Added) {
	data := t.Category == Data
	rated := t.Category == Management || t.Category == "" || data && s.cfg.DataEvents
	byCall, byError := rated && (!t.ReadOnly || data), rated && t.ErrorCode != ""
	minute := minuteOf(t.Minute)
	late := s.silent.closed > 0 && minute < s.next
	if (byCall || byError) && !late {
		t = s.firstCopies(t, a)
	}
	count, excluded := s.cfg.exclude(t)
	a.Excluded += excluded
	switch {
	case !byCall && !byError || count == 0:
		a.Ignored++
		s.see(minute)
		return
	case late:
		a.Late++
		a.LateCalls += count
		return
	}
	s.see(minute)
	a.Counted++
	a.Calls += count
	callers := s.callers(t)
	key := Key{CallRate, Management, t.EventSource, t.EventName, ""}
	if data {
		key.Category = Data
	}
	if byCall {
		code := cmp.Or(t.ErrorCode, noError)
		withCode := append(slices.Clip(callers), callerOf(byErrorCode, s.values.of(code), uint32(count)))
		s.count(minute, key, count, withCode)
	}
	if byError {
		key.Type, key.ErrorCode = ErrorRate, t.ErrorCode
		s.count(minute, key, count, callers)
	}
}

// see notes that something came for a minute: the account and Region was not silent then.
func (s *State) see(minute int32) {
	switch {
	case !s.begun:
		s.begun, s.first, s.next, s.newest = true, minute, minute, minute
		s.silent.begin(minute)
	case s.silent.closed == 0 && minute < s.first:
		s.first, s.next = minute, minute
		s.silent.begin(minute)
	case minute < s.next:
		return
	}
	s.newest = max(s.newest, minute)
	if s.buckets[minute] == nil {
		s.buckets[minute] = bucket{}
	}
}

func (s *State) count(minute int32, k Key, calls int, callers []caller) {
	b, n := s.buckets[minute], s.find(s.idOf(k))
	c := b[n]
	if c == nil {
		c = &cell{}
		b[n] = c
		s.cells++
	}
	c.calls = add32(c.calls, uint32(calls))
	if s.cells > s.bounds.named && s.series[n].profile == nil {
		return
	}
	c.callers = mergeCallers(c.callers, callers, keptValues)
}

// callers are a tally's principals and user agents, the largest first.
func (s *State) callers(t *Tally) []caller {
	var all []caller
	for a, counts := range [...]map[string]int{byARN: t.UserIdentityARNs, byAgent: t.UserAgents} {
		var some []caller
		for text, n := range counts {
			if attribute(a) == byARN {
				text = withoutSession(text)
			}
			if text != "" && n > 0 {
				some = append(some, callerOf(attribute(a), s.values.of(text), uint32(min(n, maxCount))))
			}
		}
		slices.SortFunc(some, func(x, y caller) int {
			return cmp.Or(cmp.Compare(y.calls, x.calls), cmp.Compare(s.values.text[x.value()], s.values.text[y.value()]))
		})
		all = append(all, some...)
	}
	return all
}
