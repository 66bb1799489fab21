package events

import "time"

// KeyKind is what lies under an S3 key.
type KeyKind uint8

// The kinds of objects that CloudTrail delivers.
const (
	KeyLog     KeyKind = iota // CloudTrail
	KeyInsight                // CloudTrail-Insight
	KeyDigest                 // CloudTrail-Digest
)

// Key is the S3 key of an object that CloudTrail delivered:
//
//	[Prefix/]AWSLogs/[OrganizationID/]AccountID/CloudTrail/Region/2006/01/02/
//	AccountID_CloudTrail_Region_20060102T1504Z_Suffix.json.gz
type Key struct {
	Prefix         string // without slashes at its ends
	OrganizationID string // o-…, or empty
	AccountID      string
	Kind           KeyKind
	Region         string
	Time           time.Time
	Suffix         string // the unique part of a log file's name
	Trail          string // digests: the trail's name
	HomeRegion     string // digests: the trail's home Region
	Backfill       bool   // digests: the name ends in _backfill
}

// ParseKey parses a key that is already URL-decoded.
func ParseKey(s string) (Key, error) { return Key{}, errTODO }

// String gives the key; it is ParseKey's inverse.
func (k Key) String() string { return "" }
