package buckets

import (
	"context"
	"errors"
	"io"
)

// ErrNoSuchBucket and ErrNoSuchKey are wrapped by the errors of Put, Get and List.
var (
	ErrNoSuchBucket = errors.New("no such bucket")
	ErrNoSuchKey    = errors.New("no such key")
)

// Create makes a bucket in region, owned by the account of the Config. One that exists
// already is left as it is.
func (b *Buckets) Create(ctx context.Context, bucket, region string) error {
	return errors.New("not yet")
}

// Exists reports whether there is such a bucket.
func (b *Buckets) Exists(bucket string) bool { return false }

// Region is the Region of a bucket; ok is false if there is no such bucket.
func (b *Buckets) Region(bucket string) (region string, ok bool) { return "", false }

// Put writes an object, as a service of AWS does: no client's request is recorded, the
// bucket's notifications are raised. size is the length of body in bytes.
func (b *Buckets) Put(ctx context.Context, bucket, key string, body io.Reader, size int64, meta Meta) error {
	return errors.New("not yet")
}

// Get opens an object. The caller closes it.
func (b *Buckets) Get(ctx context.Context, bucket, key string) (io.ReadCloser, Meta, error) {
	return nil, Meta{}, errors.New("not yet")
}

// List gives all objects whose keys start with prefix, in the order of their keys.
func (b *Buckets) List(ctx context.Context, bucket, prefix string) ([]Object, error) {
	return nil, errors.New("not yet")
}
