package delivery

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/trailhand/trailhand/pkg/events"
	"github.com/trailhand/trailhand/pkg/insights"
)

const (
	// maxBatchBytes keeps a batch below SQS's 256 KiB, with room for the envelope.
	maxBatchBytes = 200 << 10
	// keptShares is how many principals and user agents a tally names; an
	// insight names five.
	keptShares = 20
	// countedShares bounds how many are told apart while a file is read.
	countedShares = 1000
	// keptIDs is how many eventIDs a tally carries: one of more calls is told as several.
	keptIDs = 8192
)

// Counter makes tallies of the records of one file: calls (eventType
// AwsApiCall) of one API in one minute, an event once however often the file
// has it. Records without a readable eventTime are in no tally.
type Counter struct {
	file   File
	calls  map[call]*insights.Tally
	seen   map[digest]struct{}
	names  names
	shares names // principals and user agents

	EventIDs bool // tallies carry those of their calls; set before the first Add
}

// call is the identity of a tally.
type call struct {
	account, region         string
	minute                  int64 // of the Unix time
	source, name, errorCode string
	category                events.Category
	readOnly                bool
}

// NewCounter returns a Counter of no record yet.
func NewCounter(f File) *Counter {
	return &Counter{file: f, calls: map[call]*insights.Tally{}, seen: map[digest]struct{}{}, names: newNames(), shares: newNames()}
}

// Add counts a record if it is a call that was not counted yet.
func (c *Counter) Add(r *events.Record) {
	category := r.Category()
	if category != events.Management && category != events.Data || string(r.Text(events.EventType)) != "AwsApiCall" {
		return
	}
	at, err := r.Time()
	if err != nil || !c.first(r.Text(events.EventID)) {
		return
	}
	minute := at.Truncate(time.Minute)
	k := call{
		account:   c.orElse(r.Text(events.RecipientAccountID), c.file.Place.AccountID),
		region:    c.orElse(r.Text(events.AWSRegion), c.file.Place.Region),
		minute:    minute.Unix() / 60,
		source:    c.names.of(r.Text(events.EventSource)),
		name:      c.names.of(r.Text(events.EventName)),
		errorCode: c.names.of(r.Text(events.ErrorCode)),
		category:  category,
		readOnly:  string(r.Text(events.ReadOnly)) == "true",
	}
	t := c.calls[k]
	if t == nil {
		t = k.tally()
		c.calls[k] = t
	}
	t.Count++
	if id := r.Text(events.EventID); c.EventIDs && len(id) > 0 && k.rated() {
		hash := insights.EventIDHash(id)
		t.EventIDs = append(t.EventIDs, hash[:]...)
	}
	c.share(t.UserIdentityARNs, principal(r.Text(events.UserIdentityARN)))
	c.share(t.UserAgents, r.Text(events.UserAgent))
}

// Over is the fault of a file that has more tallies than most; 0 is any number.
func (c *Counter) Over(most int) error {
	if most > 0 && len(c.calls) > most {
		return overLimit(most, "APIs and minutes")
	}
	return nil
}

// first notes an eventID; a record without one is always the first, and so is
// one with an eventID that comes behind the first two million.
func (c *Counter) first(id []byte) bool {
	if len(id) == 0 {
		return true
	}
	d := digestOf(id)
	if _, dup := c.seen[d]; dup {
		return false
	}
	if len(c.seen) < maxEventIDs {
		c.seen[d] = struct{}{}
	}
	return true
}

// rated says whether a detector may rate the calls: not reads that succeeded,
// which are most calls, unless they are data events.
func (k call) rated() bool {
	return !k.readOnly || k.errorCode != "" || k.category == events.Data
}

func (k call) tally() *insights.Tally {
	return &insights.Tally{
		AccountID: k.account, Region: k.region, Minute: time.Unix(k.minute*60, 0).UTC(),
		EventSource: k.source, EventName: k.name, ErrorCode: k.errorCode,
		Category: k.category.String(), ReadOnly: k.readOnly,
		UserIdentityARNs: map[string]int{}, UserAgents: map[string]int{},
	}
}

func (c *Counter) orElse(text []byte, other string) string {
	if len(text) == 0 {
		return other
	}
	return c.names.of(text)
}

// principal drops the session's name from the ARN of a role's session, as
// CloudTrail's attributions do: arn:aws:sts::123456789012:assumed-role/Role.
func principal(arn []byte) []byte {
	_, role, ok := bytes.Cut(arn, []byte(":assumed-role/"))
	if !ok {
		return arn
	}
	if i := bytes.IndexByte(role, '/'); i >= 0 {
		return arn[:len(arn)-len(role)+i]
	}
	return arn
}

func (c *Counter) share(m map[string]int, value []byte) {
	if len(value) == 0 {
		return
	}
	if _, known := m[string(value)]; known || len(m) < countedShares && c.shares.bytes < maxShareBytes {
		m[c.shares.of(value)]++
	}
}

// Tallies gives what was counted, in the order of account, Region, minute, API.
func (c *Counter) Tallies() []insights.Tally {
	keys := slices.SortedFunc(maps.Keys(c.calls), compareCalls)
	all := make([]insights.Tally, 0, len(keys))
	for _, k := range keys {
		t := *c.calls[k]
		t.UserIdentityARNs = top(t.UserIdentityARNs)
		t.UserAgents = top(t.UserAgents)
		all = append(all, split(t)...)
	}
	return all
}

// split makes tallies of at most keptIDs eventIDs each. Callers are divided in
// proportion.
func split(t insights.Tally) (parts []insights.Tally) {
	const size = keptIDs * insights.EventIDBytes
	if len(t.EventIDs) <= size {
		return []insights.Tally{t}
	}
	t.UserIdentityARNs, t.UserAgents = maps.Clone(t.UserIdentityARNs), maps.Clone(t.UserAgents)
	for len(t.EventIDs) > size {
		part := t
		part.Count, part.EventIDs = keptIDs, t.EventIDs[:size]
		part.UserIdentityARNs, part.UserAgents = take(t.UserIdentityARNs, keptIDs, t.Count), take(t.UserAgents, keptIDs, t.Count)
		t.Count, t.EventIDs = t.Count-keptIDs, t.EventIDs[size:]
		parts = append(parts, part)
	}
	return append(parts, t)
}

// take moves n of whole calls out of counts.
func take(counts map[string]int, n, whole int) map[string]int {
	taken := make(map[string]int, len(counts))
	for text, count := range counts {
		if some := count * n / whole; some > 0 {
			taken[text], counts[text] = some, count-some
		}
	}
	return taken
}

func compareCalls(a, b call) int {
	return cmp.Or(cmp.Compare(a.account, b.account), cmp.Compare(a.region, b.region), cmp.Compare(a.minute, b.minute),
		cmp.Compare(a.source, b.source), cmp.Compare(a.name, b.name), cmp.Compare(a.errorCode, b.errorCode),
		cmp.Compare(a.category, b.category), compareBools(a.readOnly, b.readOnly))
}

func compareBools(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// top keeps the values with the highest counts, ties by name.
func top(m map[string]int) map[string]int {
	if len(m) <= keptShares {
		return m
	}
	names := slices.SortedFunc(maps.Keys(m), func(a, b string) int {
		return cmp.Or(cmp.Compare(m[b], m[a]), cmp.Compare(a, b))
	})
	kept := make(map[string]int, keptShares)
	for _, name := range names[:keptShares] {
		kept[name] = m[name]
	}
	return kept
}

// Batches gives the tallies grouped by account and Region, each batch small
// enough for one message. The same file makes the same batches.
func (c *Counter) Batches() []insights.Batch {
	var batches []insights.Batch
	size := 0
	for _, t := range c.Tallies() {
		n := encodedSize(t)
		last := len(batches) - 1
		if last < 0 || batches[last].AccountID != t.AccountID || batches[last].Region != t.Region || size+n > maxBatchBytes {
			id := fmt.Sprintf("%s#%d", c.file.ID(), len(batches))
			batches = append(batches, insights.Batch{ID: id, AccountID: t.AccountID, Region: t.Region})
			last, size = last+1, 0
		}
		batches[last].Tallies = append(batches[last].Tallies, t)
		size += n
	}
	return batches
}

func encodedSize(t insights.Tally) int {
	b, err := json.Marshal(t)
	if err != nil {
		return 0 // a Tally has nothing that could fail
	}
	return len(b) + 1
}
