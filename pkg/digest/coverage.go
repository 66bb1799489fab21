package digest

import (
	"crypto/sha256"
	"slices"
	"time"

	"github.com/trailhand/trailhand/pkg/events"
)

// maxLag is how long after the time in its name a log file is delivered at most.
const maxLag = time.Hour

// Coverage is what the valid digests of an account and Region vouch for,
// whichever trails they are of.
type Coverage struct {
	named  map[[16]byte]struct{} // hashes of keys: a year of them is in memory
	spans  []span
	sorted bool
}

// span is the time of one or several digests without a gap.
type span struct{ start, end time.Time }

// NewCoverage returns a Coverage of nothing.
func NewCoverage() *Coverage { return &Coverage{named: map[[16]byte]struct{}{}} }

// Add takes a valid digest.
func (c *Coverage) Add(d Digest) {
	for _, f := range d.LogFiles {
		c.named[keyHash(f.S3Object)] = struct{}{}
	}
	start, err1 := time.Parse(timeLayout, d.DigestStartTime)
	end, err2 := time.Parse(timeLayout, d.DigestEndTime)
	if err1 == nil && err2 == nil {
		c.spans, c.sorted = append(c.spans, span{start, end}), false
	}
}

// keyHash leaves out the prefix, which a copy of a bucket may lack.
func keyHash(key string) [16]byte {
	sum := sha256.Sum256([]byte(events.FromAWSLogs(key)))
	return [16]byte(sum[:16])
}

// Foreign says whether a log file was not delivered by CloudTrail: no digest
// names it, though for all of the time in which it must have been delivered
// there are digests. object is its key.
func (c *Coverage) Foreign(object string, at time.Time) bool {
	if _, named := c.named[keyHash(object)]; named {
		return false
	}
	c.merge()
	for _, s := range c.spans {
		if !at.Before(s.start) && !at.Add(maxLag).After(s.end) {
			return true
		}
	}
	return false
}

// merge joins spans that follow each other.
func (c *Coverage) merge() {
	if c.sorted {
		return
	}
	slices.SortFunc(c.spans, func(a, b span) int { return a.start.Compare(b.start) })
	var merged []span
	for _, s := range c.spans {
		if n := len(merged); n > 0 && !s.start.After(merged[n-1].end) {
			if s.end.After(merged[n-1].end) {
				merged[n-1].end = s.end
			}
			continue
		}
		merged = append(merged, s)
	}
	c.spans, c.sorted = merged, true
}
