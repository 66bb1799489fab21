package awsio

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/trailhand/trailhand/pkg/delivery"
)

// Bucket writes objects, whole or not at all, and keeps documents by
// compare-and-swap.
type Bucket struct {
	api  *s3.Client
	name string
}

// Bucket returns the bucket of that name.
func (s *S3) Bucket(name string) *Bucket { return &Bucket{api: s.api, name: name} }

// Get reads a small object. Its version is the entity tag; both are empty when
// there is no such object.
func (b *Bucket) Get(ctx context.Context, key string) (data []byte, version string, err error) {
	o, err := (&S3{api: b.api}).Open(ctx, delivery.Notice{Bucket: b.name, Key: key})
	if errors.Is(err, delivery.ErrGone) && code(err) != "NoSuchBucket" {
		return nil, "", nil
	}
	if err != nil {
		return nil, "", err
	}
	data, err = io.ReadAll(o.Body)
	if err := errors.Join(err, o.Body.Close()); err != nil {
		return nil, "", fmt.Errorf("reading s3://%s/%s: %w", b.name, key, err)
	}
	return data, `"` + o.ETag + `"`, nil
}

// Put writes an object, over what is there.
func (b *Bucket) Put(ctx context.Context, key string, data []byte, metadata map[string]string) error {
	_, err := b.put(ctx, &s3.PutObjectInput{Key: &key, Metadata: metadata}, data)
	return err
}

// Swap writes an object only if its version is ifVersion (empty: only if there
// is none), and returns the new version. Else its error wraps ErrConflict.
func (b *Bucket) Swap(ctx context.Context, key string, data []byte, ifVersion string) (version string, err error) {
	in := &s3.PutObjectInput{Key: &key, IfMatch: &ifVersion}
	if ifVersion == "" {
		in = &s3.PutObjectInput{Key: &key, IfNoneMatch: aws.String("*")}
	}
	return b.put(ctx, in, data)
}

func (b *Bucket) put(ctx context.Context, in *s3.PutObjectInput, data []byte) (string, error) {
	in.Bucket, in.Body = &b.name, bytes.NewReader(data)
	out, err := b.api.PutObject(ctx, in)
	if err != nil {
		conditional := in.IfMatch != nil || in.IfNoneMatch != nil
		return "", fmt.Errorf("writing s3://%s/%s: %w", b.name, *in.Key, writeFault(err, conditional))
	}
	return aws.ToString(out.ETag), nil
}

// Keys lists the keys under a prefix, in their order.
func (b *Bucket) Keys(ctx context.Context, prefix string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		pages := s3.NewListObjectsV2Paginator(b.api, &s3.ListObjectsV2Input{Bucket: &b.name, Prefix: &prefix})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				yield("", fmt.Errorf("listing s3://%s/%s: %w", b.name, prefix, err))
				return
			}
			for _, o := range page.Contents {
				if !yield(aws.ToString(o.Key), nil) {
					return
				}
			}
		}
	}
}
