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
	"crypto/rand"
	"fmt"
	"log/slog"
	"maps"
	"path/filepath"
	"time"

	"github.com/trailhand/trailhand/internal/cloud/sigv4"
)

// Config says where the buckets are kept and for whom.
type Config struct {
	Dir       string // created if absent; objects, metadata and the gateway's socket
	AccountID string // owner of every bucket
	Region    string // of buckets created without a LocationConstraint by Put
	Now       func() time.Time
	Log       *slog.Logger
	// Secret gives the secret of an access key, to check the signatures of chunked
	// bodies with. nil: any access key and any signature will do.
	Secret func(accessKeyID string) (secret string, ok bool)
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

// Object is what Head and List tell of an object.
type Object struct {
	Key          string
	Size         int64
	ETag         string // without quotes
	VersionID    string // of Head alone, and empty unless the bucket is versioned
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
	cfg       Config
	owner     string // canonical ID of the account
	gateway   *gateway
	records   *records
	handlers  map[string]handler
	sequencer sequencer
}

// Start makes the folder ready, starts the gateway and returns when it answers.
//
// versitygw allows one gateway in a process and works in the process's current
// directory: until Close, the working directory is cfg.Dir/objects. Make every path
// absolute before. Tests that call Start must not run in parallel.
func Start(ctx context.Context, cfg Config) (*Buckets, error) {
	dir, err := filepath.Abs(cfg.Dir)
	if err != nil {
		return nil, fmt.Errorf("starting the buckets: %w", err)
	}
	b := &Buckets{cfg: cfg, owner: canonicalID(cfg.AccountID), handlers: handlers()}
	if b.records, err = openRecords(filepath.Join(dir, "buckets"), filepath.Join(dir, "objects"), cfg.Region); err != nil {
		return nil, err
	}
	b.gateway, err = startGateway(ctx, dir, sigv4.Key{AccessKeyID: b.owner, SecretAccessKey: rand.Text()})
	if err != nil {
		return nil, err
	}
	return b, nil
}

// Close stops the gateway and restores the working directory.
func (b *Buckets) Close() error { return b.gateway.close() }

// handlers are the operations that are answered here; the gateway answers the others.
func handlers() map[string]handler {
	all := map[string]handler{
		"CreateBucket":          createBucket,
		"GetBucketLocation":     getBucketLocation,
		"GetBucketAcl":          getBucketACL,
		"PutBucketAcl":          putBucketACL,
		"GetObjectAcl":          getObjectACL,
		"PutObjectAcl":          putObjectACL,
		"GetBucketPolicy":       getBucketPolicy,
		"PutBucketPolicy":       putBucketPolicy,
		"DeleteBucketPolicy":    deleteBucketPolicy,
		"GetBucketPolicyStatus": getBucketPolicyStatus,
	}
	for _, c := range configurations() {
		maps.Copy(all, c.handlers())
	}
	return all
}
