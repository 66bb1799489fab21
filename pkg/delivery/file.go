package delivery

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/trailhand/trailhand/pkg/events"
)

// Object is an open S3 object.
type Object struct {
	Body      io.ReadCloser
	VersionID string // empty or "null" in a bucket without versioning
	ETag      string // without quotes
	Size      int64  // bytes; negative if unknown
}

// Opener opens objects. Its errors wrap ErrGone or ErrDenied where that is the
// fault; every other error may pass.
type Opener interface {
	Open(ctx context.Context, n Notice) (Object, error)
}

// File is a log file that is being read.
type File struct {
	Bucket  string
	Key     string
	Version string     // VersionID, or the ETag where there are no versions
	Place   events.Key // Key, parsed; zero for a file that is not under CloudTrail's keys
}

// FileOf names the object that was opened for a notice. The version comes from
// the object, so that it is the same whatever shape the notice had.
func FileOf(n Notice, o Object, place events.Key) File {
	version := o.VersionID
	if version == "" || version == "null" {
		version = o.ETag
	}
	return File{Bucket: n.Bucket, Key: n.Key, Version: version, Place: place}
}

// ID names one version of the object: "bucket/key@version".
func (f File) ID() string {
	id := f.Key
	if f.Bucket != "" {
		id = f.Bucket + "/" + id
	}
	if f.Version != "" {
		id += "@" + f.Version
	}
	return id
}

// Upload is an object that is being written. It appears with Commit, whole or
// not at all.
type Upload interface {
	io.Writer
	Commit(ctx context.Context) error
	Discard(ctx context.Context) error
}

// LogFile parses the key of an object. The reason is empty for a log file, one of
// Insight events among them; else it says why the object is to be skipped.
func LogFile(key string) (place events.Key, reason string) {
	if strings.HasSuffix(key, "/") {
		return place, "a directory marker"
	}
	place, err := events.ParseKey(key)
	switch {
	case err != nil:
		return place, fmt.Sprintf("not under CloudTrail's keys: %v", err)
	case place.Kind == events.KeyDigest:
		return place, "a digest file"
	}
	return place, ""
}
