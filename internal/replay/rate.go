package replay

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/trailhand/trailhand/pkg/insights"
)

// Rate names what an insight is about: the calls of an API, or with an error
// code those of its calls that failed with it.
type Rate struct{ EventSource, EventName, ErrorCode string }

// ParseRate reads eventSource:eventName[:errorCode].
func ParseRate(text string) (Rate, error) {
	source, rest, _ := strings.Cut(text, ":")
	name, code, _ := strings.Cut(rest, ":")
	if source == "" || name == "" {
		return Rate{}, errors.New("it is not eventSource:eventName[:errorCode], such as s3.amazonaws.com:DeleteBucket")
	}
	return Rate{source, name, code}, nil
}

// RateOf is the Rate of an insight's key.
func RateOf(k insights.Key) Rate { return Rate{k.EventSource, k.EventName, k.ErrorCode} }

// Type is the insight type of a Rate.
func (r Rate) Type() insights.InsightType {
	if r.ErrorCode != "" {
		return insights.ErrorRate
	}
	return insights.CallRate
}

// counts says whether a call is one of the Rate.
func (r Rate) counts(c call, data bool) bool {
	if c.source != r.EventSource || c.name != r.EventName || r.ErrorCode != "" && c.errorCode != r.ErrorCode {
		return false
	}
	if c.category == insights.Data {
		return data
	}
	return r.ErrorCode != "" || !c.readOnly
}

// Series is the calls of one Rate in one place, and when anything was heard
// from that place.
type Series struct {
	Place
	Rate
	From      time.Time
	PerMinute []int // since From
	steps     []step
	data      bool // its calls are data events
}

// step is a minute in which the place was heard.
type step struct {
	minute  int32
	tallies []insights.Tally // of the Rate; there may be none
}

// Series takes the calls of one Rate out of a Log. Data events are in it if the
// configuration rates them. Its time is that of the place; after a silence in which
// the detector forgets everything it begins anew.
func (l *Log) Series(p Place, rate Rate, cfg insights.Config) Series {
	s := Series{Place: p, Rate: rate}
	of := l.at(p)
	entries := recent(of.entries)
	if len(entries) == 0 {
		return s
	}
	first := entries[0].minute
	mine := make([]bool, len(l.calls.values))
	for i, c := range l.calls.values {
		mine[i] = rate.counts(c, cfg.DataEvents)
	}
	s.From, s.PerMinute = minuteTime(first), make([]int, entries[len(entries)-1].minute+1-first)
	_ = minutes(entries, func(minute int32, entries []entry) error { // the error is that of the function
		st := step{minute: minute}
		for _, e := range entries {
			if !mine[e.call] {
				continue
			}
			st.tallies = append(st.tallies, l.tally(p, of, e))
			s.PerMinute[minute-first] += int(e.count)
			s.data = s.data || l.calls.values[e.call].category == insights.Data
		}
		s.steps = append(s.steps, st)
		return nil
	})
	return s
}

// recent are the entries behind the last silence in which all is forgotten.
func recent(entries []entry) []entry {
	for i := len(entries) - 1; i > 0; i-- {
		if entries[i].minute-entries[i-1].minute > forgotten {
			return entries[i:]
		}
	}
	return entries
}

// Called says whether there is any call.
func (s Series) Called() bool {
	return slices.ContainsFunc(s.PerMinute, func(n int) bool { return n > 0 })
}

// To is the end of the Series.
func (s Series) To() time.Time { return s.From.Add(time.Duration(len(s.PerMinute)) * time.Minute) }

// At is the calls in the minute of t.
func (s Series) At(t time.Time) int {
	if i := int(t.Sub(s.From) / time.Minute); i >= 0 && i < len(s.PerMinute) && !t.Before(s.From) {
		return s.PerMinute[i]
	}
	return 0
}

// likely is a tally of n calls of the Rate, made by whom made most calls of of.
func (s Series) likely(minute int32, n int, of []insights.Tally) insights.Tally {
	t := insights.Tally{
		AccountID: s.AccountID, Region: s.Region, Minute: minuteTime(minute), Category: insights.Management,
		EventSource: s.EventSource, EventName: s.EventName, ErrorCode: s.ErrorCode, ReadOnly: s.ErrorCode != "", Count: n,
	}
	if s.data {
		t.Category = insights.Data
	}
	var most insights.Tally
	for _, o := range of {
		if o.Count > most.Count {
			most = o
		}
	}
	t.UserIdentityARNs = all(n, most.UserIdentityARNs)
	t.UserAgents = all(n, most.UserAgents)
	return t
}

// all gives n calls to the most frequent of the values.
func all(n int, of map[string]int) map[string]int {
	most := ""
	for value, calls := range of {
		if most == "" || cmp.Or(cmp.Compare(calls, of[most]), cmp.Compare(most, value)) > 0 {
			most = value
		}
	}
	if most == "" {
		return nil
	}
	return map[string]int{most: n}
}

// heard is a call that no detector rates, and that tells that the place is not silent.
func (s Series) heard(minute int32) insights.Tally {
	return insights.Tally{
		AccountID: s.AccountID, Region: s.Region, Minute: minuteTime(minute), Category: insights.Management,
		EventSource: "sts.amazonaws.com", EventName: "GetCallerIdentity", ReadOnly: true, Count: 1,
	}
}
