package logs

import (
	"context"
	"io"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/trailhand/trailhand/pkg/delivery"
	"github.com/trailhand/trailhand/pkg/events"
)

// File is a log file that was found, or what stands in the place of one.
type File struct {
	Name string // a path, s3://bucket/key, or "-"
	Size int64  // bytes as stored; negative if unknown
	Open func(context.Context) (io.ReadCloser, error)
	Skip string // why it is not to be read; empty for a log file
	Err  error  // why nothing was found
}

// place is what CloudTrail's key says; zero for a file that has another name.
func (f File) place() events.Key {
	place, err := events.ParseKey(cloudTrailKey(f.Name))
	if err != nil {
		return events.Key{}
	}
	return place
}

// cloudTrailKey gives the part of a name that may be one of CloudTrail's keys:
// a path or a URL before AWSLogs is no prefix.
func cloudTrailKey(name string) string {
	return events.FromAWSLogs(filepath.ToSlash(name))
}

// delivered names the file to the pipeline, whose messages then have the name
// that people know.
func (f File) delivered() delivery.File {
	return delivery.File{Key: f.Name, Place: f.place()}
}

// foreign says why something in a folder or a bucket is no log file; empty for
// one that is.
func foreign(name string) string {
	if strings.HasSuffix(name, "/") {
		return "a directory marker"
	}
	if place, err := events.ParseKey(cloudTrailKey(name)); err == nil {
		if place.Kind == events.KeyDigest {
			return "a digest file"
		}
		return ""
	}
	switch path.Ext(withoutCompression(name)) {
	case ".json", ".jsonl", ".ndjson":
		return ""
	}
	return "not the name of a log file"
}

func withoutCompression(name string) string {
	return strings.TrimSuffix(strings.TrimSuffix(name, ".gz"), ".zst")
}

// isLines says whether a name promises one record a line.
func isLines(name string) bool {
	ext := path.Ext(withoutCompression(name))
	return ext == ".jsonl" || ext == ".ndjson"
}

// Span is a range of delivery times; a zero end is open.
type Span struct{ Since, Until time.Time }

// prune says why a file is outside; empty if it is inside, or if its name has no time.
func (s Span) prune(f File) string {
	at := f.place().Time
	switch {
	case at.IsZero():
		return ""
	case !s.Since.IsZero() && at.Before(s.Since):
		return "delivered before --since"
	case !s.Until.IsZero() && !at.Before(s.Until):
		return "delivered at --until or later"
	}
	return ""
}

// prunesFolder holds when everything in one of CloudTrail's folders of a year, a
// month or a day is outside.
func (s Span) prunesFolder(folder string) bool {
	first, next, dated := folderSpan(folder)
	return dated && (!s.Since.IsZero() && !next.After(s.Since) || !s.Until.IsZero() && !first.Before(s.Until))
}

// folderSpan gives the time that a folder "…/CloudTrail/Region/2026/03/02/", or
// its month's or year's, is about.
func folderSpan(folder string) (first, next time.Time, dated bool) {
	_, rest, found := cutLast(strings.TrimSuffix(folder, "/")+"/", "/CloudTrail/", "/CloudTrail-Insight/", "/CloudTrail-Digest/")
	_, date, _ := strings.Cut(rest, "/") // behind the Region
	date = strings.TrimSuffix(date, "/")
	layouts := map[int]string{4: "2006", 7: "2006/01", 10: "2006/01/02"}
	first, err := time.Parse(layouts[len(date)], date)
	if !found || date == "" || err != nil {
		return first, next, false
	}
	switch len(date) {
	case 4:
		next = first.AddDate(1, 0, 0)
	case 7:
		next = first.AddDate(0, 1, 0)
	default:
		next = first.AddDate(0, 0, 1)
	}
	return first, next, true
}

// cutLast cuts s around the last occurrence of one of the separators.
func cutLast(s string, separators ...string) (before, after string, found bool) {
	for _, sep := range separators {
		if i := strings.LastIndex(s, sep); i >= 0 {
			return s[:i], s[i+len(sep):], true
		}
	}
	return s, "", false
}
