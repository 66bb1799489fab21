package delivery

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/trailhand/trailhand/pkg/events"
)

// Absent is the name under which records without a field are counted.
const Absent = "<absent>"

// Summary is the totals of log files. Every record counts, the second copy of
// an event too. Only files that were good to the end are in the totals.
type Summary struct {
	Files      int            `json:"files"`
	Records    int            `json:"records"`
	Bytes      int64          `json:"bytes"`      // inflated
	ByCategory map[string]int `json:"byCategory"` // eventCategory as written
	ByEvent    map[string]int `json:"byEvent"`    // "eventSource|eventName"
	ByError    map[string]int `json:"byError"`    // errorCode of the records that have one
	ByAccount  map[string]int `json:"byAccount"`  // recipientAccountId
	ByRegion   map[string]int `json:"byRegion"`   // awsRegion

	FirstEventTime time.Time `json:"firstEventTime,omitzero"` // earliest eventTime that is a time
	LastEventTime  time.Time `json:"lastEventTime,omitzero"`

	DistinctPrincipals int `json:"distinctPrincipals"` // different userIdentity.arn

	Dropped    int         `json:"dropped,omitempty"`    // records that the filter did not keep
	Bad        int         `json:"bad,omitempty"`        // records that could not be read
	BadRecords []BadRecord `json:"badRecords,omitempty"` // the first hundred of each file
	Skipped    []Skipped   `json:"skipped"`
	Failed     []Failed    `json:"failed"`

	principals map[digest]struct{}
	names      names
	scratch    []byte
}

// Skipped is an object that is not a log file.
type Skipped struct {
	File   string `json:"file"`
	Reason string `json:"reason"`
}

// Failed is a file that is in no total.
type Failed struct {
	File    string `json:"file"`
	Error   string `json:"error"`
	Records int    `json:"records"` // read before the fault, and taken back
}

// BadRecord is a record that could not be read, in a file that was good otherwise.
type BadRecord struct {
	File   string `json:"file"`
	Record int    `json:"record"` // index in the file, from 0
	Error  string `json:"error"`
}

// digest stands for a text in a set, in 16 bytes whatever its length.
type digest [16]byte

func digestOf(b []byte) digest {
	sum := sha256.Sum256(b)
	return digest(sum[:16])
}

// NewSummary returns a Summary of nothing.
func NewSummary() *Summary {
	return &Summary{
		ByCategory: map[string]int{}, ByEvent: map[string]int{}, ByError: map[string]int{},
		ByAccount: map[string]int{}, ByRegion: map[string]int{},
		Skipped: []Skipped{}, Failed: []Failed{}, principals: map[digest]struct{}{}, names: newNames(),
	}
}

// Add counts a record.
func (s *Summary) Add(r *events.Record) {
	s.Records++
	s.ByCategory[s.nameOf(r, events.EventCategory)]++
	s.ByAccount[s.nameOf(r, events.RecipientAccountID)]++
	s.ByRegion[s.nameOf(r, events.AWSRegion)]++
	s.scratch = append(s.scratch[:0], s.nameOf(r, events.EventSource)...)
	s.scratch = append(s.scratch, '|')
	s.scratch = append(s.scratch, s.nameOf(r, events.EventName)...)
	s.ByEvent[s.names.of(s.scratch)]++
	if code := r.Text(events.ErrorCode); code != nil {
		s.ByError[s.names.of(code)]++
	}
	if arn := r.Text(events.UserIdentityARN); arn != nil {
		s.principals[digestOf(arn)] = struct{}{}
		s.DistinctPrincipals = len(s.principals)
	}
	if t, err := r.Time(); err == nil {
		s.between(t, t)
	}
}

func (s *Summary) nameOf(r *events.Record, f events.Field) string {
	if text := r.Text(f); text != nil {
		return s.names.of(text)
	}
	return Absent
}

// between widens the range of event times.
func (s *Summary) between(first, last time.Time) {
	if s.FirstEventTime.IsZero() || first.Before(s.FirstEventTime) {
		s.FirstEventTime = first
	}
	if last.After(s.LastEventTime) {
		s.LastEventTime = last
	}
}

func (s *Summary) endFile(inflated int64) {
	s.Files++
	s.Bytes += inflated
}

func (s *Summary) bad(file string, err *events.RecordError) {
	s.Bad++
	if len(s.BadRecords) < maxBadRecords {
		s.BadRecords = append(s.BadRecords, BadRecord{File: file, Record: err.Index, Error: err.Error()})
	}
}

// Skip notes an object that is not a log file.
func (s *Summary) Skip(file, reason string) {
	s.Skipped = append(s.Skipped, Skipped{File: file, Reason: reason})
}

// Fail notes a file that could not be read to its end.
func (s *Summary) Fail(file string, records int, err error) {
	s.Failed = append(s.Failed, Failed{File: file, Error: err.Error(), Records: records})
}

// Merge adds the totals of other. The lists are in the order of file names,
// so the order of merging does not matter.
func (s *Summary) Merge(other *Summary) {
	s.Files += other.Files
	s.Records += other.Records
	s.Bytes += other.Bytes
	s.Dropped += other.Dropped
	s.Bad += other.Bad
	addCounts(s.ByCategory, other.ByCategory)
	addCounts(s.ByEvent, other.ByEvent)
	addCounts(s.ByError, other.ByError)
	addCounts(s.ByAccount, other.ByAccount)
	addCounts(s.ByRegion, other.ByRegion)
	maps.Copy(s.principals, other.principals)
	s.DistinctPrincipals = len(s.principals)
	if !other.FirstEventTime.IsZero() {
		s.between(other.FirstEventTime, other.LastEventTime)
	}
	s.BadRecords = append(s.BadRecords, other.BadRecords...)
	s.Skipped = append(s.Skipped, other.Skipped...)
	s.Failed = append(s.Failed, other.Failed...)
}

func addCounts(to, from map[string]int) {
	for k, n := range from {
		to[k] += n
	}
}

// Forget drops the names that s counts by and what tells principals apart. Merged
// into another Summary, what is left of s adds to its numbers and lists.
func (s *Summary) Forget() {
	s.ByCategory, s.ByEvent, s.ByError, s.ByAccount, s.ByRegion = nil, nil, nil, nil, nil
	s.DistinctPrincipals, s.principals, s.names = 0, nil, names{}
}

// MarshalJSON gives the lists in the order of file names, so that the text is
// the same in whatever order summaries were merged. A list of nothing is [].
// Names are left as they are; json.Marshal escapes <, > and & all the same, an
// encoder without SetEscapeHTML does not.
func (s *Summary) MarshalJSON() ([]byte, error) {
	type plain Summary
	p := plain(*s)
	p.Skipped = byFile(s.Skipped, func(e Skipped) string { return e.File })
	p.Failed = byFile(s.Failed, func(e Failed) string { return e.File })
	p.BadRecords = byFile(s.BadRecords, func(e BadRecord) string { return e.File })
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	err := enc.Encode(p)
	return text.Bytes(), err
}

// byFile sorts a list by the names of its files; it is never nil.
func byFile[E any](list []E, file func(E) string) []E {
	sorted := append([]E{}, list...)
	slices.SortStableFunc(sorted, func(a, b E) int { return strings.Compare(file(a), file(b)) })
	return sorted
}
