package replay

import (
	"cmp"
	"slices"
	"time"

	"github.com/trailhand/trailhand/pkg/insights"
)

// Calls are those of one API and error code in all places, minute by minute.
type Calls struct {
	EventSource, EventName, ErrorCode string
	Data, ReadOnly                    bool
	PerMinute                         []int // since the time that Calls gives
}

// Calls gives what every API was called, from the first minute on, all places
// taken together. What was before a silence of 60 days is left out.
func (l *Log) Calls() (from time.Time, all []Calls) {
	var everything []entry
	for _, p := range l.Places() {
		everything = append(everything, l.at(p).entries...)
	}
	slices.SortFunc(everything, func(a, b entry) int { return cmp.Compare(a.minute, b.minute) })
	everything = recent(everything)
	if len(everything) == 0 {
		return time.Time{}, nil
	}
	first := everything[0].minute
	n := int(everything[len(everything)-1].minute - first + 1)
	perCall := make([][]int, len(l.calls.values))
	for _, e := range everything {
		if perCall[e.call] == nil {
			perCall[e.call] = make([]int, n)
		}
		perCall[e.call][e.minute-first] += int(e.count)
	}
	for i, perMinute := range perCall {
		if c := l.calls.values[i]; perMinute != nil {
			all = append(all, Calls{c.source, c.name, c.errorCode, c.category == insights.Data, c.readOnly, perMinute})
		}
	}
	slices.SortFunc(all, func(a, b Calls) int {
		return cmp.Or(cmp.Compare(a.EventSource, b.EventSource), cmp.Compare(a.EventName, b.EventName), cmp.Compare(a.ErrorCode, b.ErrorCode))
	})
	return minuteTime(first), slices.CompactFunc(all, sameCalls)
}

// sameCalls adds b to a where both are of one API and error code, as of two
// versions of a log file that disagree about readOnly.
func sameCalls(a, b Calls) bool {
	if a.EventSource != b.EventSource || a.EventName != b.EventName || a.ErrorCode != b.ErrorCode {
		return false
	}
	for m, n := range b.PerMinute {
		a.PerMinute[m] += n
	}
	return true
}
