package events

import (
	"fmt"
	"strings"
	"time"
)

// KeyKind is what lies under an S3 key.
type KeyKind uint8

// The kinds of objects that CloudTrail delivers.
const (
	KeyLog     KeyKind = iota // CloudTrail
	KeyInsight                // CloudTrail-Insight
	KeyDigest                 // CloudTrail-Digest
)

// String gives the folder's name.
func (k KeyKind) String() string {
	switch k {
	case KeyInsight:
		return "CloudTrail-Insight"
	case KeyDigest:
		return "CloudTrail-Digest"
	}
	return "CloudTrail"
}

// Key is the S3 key of an object that CloudTrail delivered:
//
//	[Prefix/]AWSLogs/[OrganizationID/]AccountID/CloudTrail/Region/2006/01/02/
//	AccountID_CloudTrail_Region_20060102T1504Z_Suffix.json.gz
//
// and the same with CloudTrail-Insight. The name of a digest is
//
//	AccountID_CloudTrail-Digest_Region_Trail_HomeRegion_20060102T150405Z[_backfill].json.gz
//
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/get-and-view-cloudtrail-log-files.html
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-validation-digest-file-structure.html
type Key struct {
	Prefix         string // without slashes at its ends
	OrganizationID string // o-…, or empty
	AccountID      string // 12 digits
	Kind           KeyKind
	Region         string
	Time           time.Time // in the name, UTC: to the minute, of digests to the second
	Day            time.Time // of the folder; zero when it is Time's own day
	Suffix         string    // the unique part of a log file's name
	Trail          string    // digests: the trail's name
	HomeRegion     string    // digests: the trail's home Region
	Backfill       bool      // digests: the name ends in _backfill
}

const (
	dayLayout    = "2006/01/02"
	minuteLayout = "20060102T1504Z"
	secondLayout = "20060102T150405Z"
	extension    = ".json.gz"
	logsFolder   = "AWSLogs"
)

// ParseKey parses a key that is already URL-decoded. The error says why the
// object is none that CloudTrail delivered.
func ParseKey(s string) (Key, error) {
	k, err := parseKey(s)
	if err != nil {
		return Key{}, fmt.Errorf("key %q: %w", s, err)
	}
	return k, nil
}

// parseKey reads the folders from the end, for a prefix may be anything.
func parseKey(s string) (Key, error) {
	parts := strings.Split(s, "/")
	n := len(parts)
	if n < 8 {
		return Key{}, fmt.Errorf("too few folders for a CloudTrail object")
	}
	k := Key{AccountID: parts[n-7], Region: parts[n-5]}
	kind, known := kindOf(parts[n-6])
	if k.Kind = kind; !known {
		return Key{}, fmt.Errorf("folder %q is none of CloudTrail's", parts[n-6])
	}
	if !isAccountID(k.AccountID) {
		return Key{}, fmt.Errorf("folder %q is no account id", k.AccountID)
	}
	if !isRegion(k.Region) {
		return Key{}, fmt.Errorf("folder %q is no Region", k.Region)
	}
	if err := k.parseRoot(parts[:n-7]); err != nil {
		return Key{}, err
	}
	if err := k.parseName(parts[n-1]); err != nil {
		return Key{}, err
	}
	return k, k.parseDay(strings.Join(parts[n-4:n-1], "/"))
}

// FromAWSLogs drops what is before the folder AWSLogs, where CloudTrail's own part of
// a key begins: a prefix, a URL, the path of a copy. A name without that folder stays
// as it is.
func FromAWSLogs(name string) string {
	const folder = "/" + logsFolder + "/"
	if i := strings.LastIndex("/"+name, folder); i >= 0 {
		return name[i:]
	}
	return name
}

func kindOf(folder string) (KeyKind, bool) {
	for _, k := range [...]KeyKind{KeyLog, KeyInsight, KeyDigest} {
		if k.String() == folder {
			return k, true
		}
	}
	return 0, false
}

// parseRoot reads what is before the account: [prefix/]AWSLogs/[o-id/].
func (k *Key) parseRoot(parts []string) error {
	if last := len(parts) - 1; last >= 0 && isOrganizationID(parts[last]) {
		k.OrganizationID = parts[last]
		parts = parts[:last]
	}
	last := len(parts) - 1
	if last < 0 || parts[last] != logsFolder {
		return fmt.Errorf("there is no folder %s before the account", logsFolder)
	}
	k.Prefix = strings.Join(parts[:last], "/")
	if last > 0 && strings.Trim(k.Prefix, "/") != k.Prefix || last > 0 && k.Prefix == "" {
		return fmt.Errorf("the prefix begins or ends with a slash")
	}
	return nil
}

// parseName reads the file's name; its beginning repeats the folders.
func (k *Key) parseName(name string) error {
	rest, isJSON := strings.CutSuffix(name, extension)
	if !isJSON {
		return fmt.Errorf("name %q does not end in %s", name, extension)
	}
	rest, same := strings.CutPrefix(rest, k.nameStart())
	if !same {
		return fmt.Errorf("name %q does not begin with %q as its folders say", name, k.nameStart())
	}
	if k.Kind == KeyDigest {
		return k.parseDigestName(rest)
	}
	stamp, suffix, _ := strings.Cut(rest, "_")
	if suffix == "" {
		return fmt.Errorf("name %q has no unique part", name)
	}
	k.Suffix = suffix
	return k.parseTime(minuteLayout, stamp)
}

func (k *Key) nameStart() string {
	return k.AccountID + "_" + k.Kind.String() + "_" + k.Region + "_"
}

// parseDigestName reads trail_home-region_time[_backfill]. A trail's name may
// have underscores, so it is what the others leave.
func (k *Key) parseDigestName(rest string) error {
	rest, k.Backfill = strings.CutSuffix(rest, "_backfill")
	parts := strings.Split(rest, "_")
	n := len(parts)
	if n < 3 {
		return fmt.Errorf("a digest's name has a trail, a home Region and a time; this one has %q", rest)
	}
	k.Trail = strings.Join(parts[:n-2], "_")
	k.HomeRegion = parts[n-2]
	if k.Trail == "" || !isRegion(k.HomeRegion) {
		return fmt.Errorf("%q is no trail and home Region", strings.Join(parts[:n-1], "_"))
	}
	return k.parseTime(secondLayout, parts[n-1])
}

func (k *Key) parseTime(layout, stamp string) error {
	t, err := time.Parse(layout, stamp)
	if err != nil || t.Format(layout) != stamp {
		return fmt.Errorf("%q in the name is no time like %s", stamp, layout)
	}
	k.Time = t
	return nil
}

func (k *Key) parseDay(folders string) error {
	day, err := time.Parse(dayLayout, folders)
	if err != nil {
		return fmt.Errorf("folders %q are no day like %s", folders, dayLayout)
	}
	if !day.Equal(k.Time.Truncate(24 * time.Hour)) {
		k.Day = day
	}
	return nil
}

// String gives the key; it is ParseKey's inverse.
func (k Key) String() string {
	day := k.Day
	if day.IsZero() {
		day = k.Time
	}
	folders := make([]string, 0, 8)
	for _, folder := range [...]string{k.Prefix, logsFolder, k.OrganizationID, k.AccountID,
		k.Kind.String(), k.Region, day.UTC().Format(dayLayout)} {
		if folder != "" {
			folders = append(folders, folder)
		}
	}
	return strings.Join(append(folders, k.name()), "/")
}

// name gives the part behind the last slash.
func (k Key) name() string {
	if k.Kind != KeyDigest {
		return k.nameStart() + k.Time.UTC().Format(minuteLayout) + "_" + k.Suffix + extension
	}
	name := k.nameStart() + k.Trail + "_" + k.HomeRegion + "_" + k.Time.UTC().Format(secondLayout)
	if k.Backfill {
		name += "_backfill"
	}
	return name + extension
}

func isAccountID(s string) bool {
	return len(s) == 12 && strings.Trim(s, "0123456789") == ""
}

// isOrganizationID: o- and 10 to 32 lower-case letters or digits.
func isOrganizationID(s string) bool {
	id, found := strings.CutPrefix(s, "o-")
	return found && len(id) >= 10 && len(id) <= 32 && strings.Trim(id, lowerAlnum) == ""
}

func isRegion(s string) bool {
	return s != "" && strings.Trim(s, lowerAlnum+"-") == ""
}

const lowerAlnum = "abcdefghijklmnopqrstuvwxyz0123456789"
