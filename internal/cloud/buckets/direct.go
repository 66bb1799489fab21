package buckets

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/trailhand/trailhand/internal/cloud/sigv4"
)

// ErrNoSuchBucket and ErrNoSuchKey are wrapped by the errors of Put, Get and List.
var (
	ErrNoSuchBucket = errors.New("no such bucket")
	ErrNoSuchKey    = errors.New("no such key")
)

const metaPrefix = "X-Amz-Meta-"

// Create makes a bucket in region, owned by the account of the Config. One that exists
// already is left as it is.
func (b *Buckets) Create(ctx context.Context, bucket, region string) error {
	if b.records.exists(bucket) {
		return nil
	}
	resp, err := b.do(ctx, direct{method: http.MethodPut, bucket: bucket})
	if err != nil {
		return fmt.Errorf("creating bucket %q: %w", bucket, err)
	}
	_ = resp.Body.Close()
	r := record{Location: region, Configurations: initialConfigurations(defaultOwnership)}
	if region == "us-east-1" {
		r.Location = ""
	}
	return b.records.create(bucket, r)
}

// EnableVersioning keeps the versions of a bucket's objects from now on.
func (b *Buckets) EnableVersioning(ctx context.Context, bucket string) error {
	const enabled = `<VersioningConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Status>Enabled</Status></VersioningConfiguration>`
	resp, err := b.do(ctx, direct{
		method: http.MethodPut, bucket: bucket, query: url.Values{"versioning": {""}}, body: strings.NewReader(enabled), size: int64(len(enabled)),
	})
	if err != nil {
		return fmt.Errorf("enabling the versioning of bucket %q: %w", bucket, err)
	}
	return resp.Body.Close()
}

// Exists reports whether there is such a bucket.
func (b *Buckets) Exists(bucket string) bool { return b.records.exists(bucket) }

// Region is the Region of a bucket; ok is false if there is no such bucket.
func (b *Buckets) Region(bucket string) (region string, ok bool) {
	r, ok, err := b.records.get(bucket)
	return r.region(), ok && err == nil
}

// Put writes an object, as a service of AWS does: no client's request is recorded, the
// bucket's notifications are raised. size is the length of body in bytes.
func (b *Buckets) Put(ctx context.Context, bucket, key string, body io.Reader, size int64, meta Meta) error {
	if !keepable(key) {
		return fmt.Errorf("writing s3://%s/%s: %w", bucket, key, notKeepable())
	}
	resp, err := b.do(ctx, direct{method: http.MethodPut, bucket: bucket, key: key, header: meta.header(), body: body, size: size})
	if err != nil {
		return fmt.Errorf("writing s3://%s/%s: %w", bucket, key, err)
	}
	_ = resp.Body.Close()
	region, _ := b.Region(bucket)
	b.raise(ObjectEvent{EventName: "ObjectCreated:Put", Operation: "PutObject", Region: region, Bucket: bucket, Key: key, Size: size,
		ETag: resp.Header.Get("ETag"), VersionID: resp.Header.Get("X-Amz-Version-Id")})
	return nil
}

// Get opens an object. The caller closes it.
func (b *Buckets) Get(ctx context.Context, bucket, key string) (io.ReadCloser, Meta, error) {
	resp, err := b.do(ctx, direct{method: http.MethodGet, bucket: bucket, key: key})
	if err != nil {
		return nil, Meta{}, fmt.Errorf("reading s3://%s/%s: %w", bucket, key, err)
	}
	return resp.Body, metaOf(resp.Header), nil
}

// List gives all objects whose keys start with prefix, in the order of their keys.
func (b *Buckets) List(ctx context.Context, bucket, prefix string) ([]Object, error) {
	var all []Object
	query := url.Values{"list-type": {"2"}, "prefix": {prefix}}
	for {
		page, err := b.listPage(ctx, bucket, query)
		if err != nil {
			return nil, fmt.Errorf("listing s3://%s/%s: %w", bucket, prefix, err)
		}
		for _, o := range page.Contents {
			o.ETag = unquote(o.ETag)
			all = append(all, o)
		}
		if !page.IsTruncated {
			return all, nil
		}
		query.Set("continuation-token", page.NextContinuationToken)
	}
}

type listing struct {
	Contents              []Object
	IsTruncated           bool
	NextContinuationToken string
}

func (b *Buckets) listPage(ctx context.Context, bucket string, query url.Values) (listing, error) {
	resp, err := b.do(ctx, direct{method: http.MethodGet, bucket: bucket, query: query})
	if err != nil {
		return listing{}, err
	}
	defer func() { _ = resp.Body.Close() }()
	var page listing
	err = xml.NewDecoder(resp.Body).Decode(&page)
	return page, err
}

// Head tells of an object what a notification of it does.
func (b *Buckets) Head(ctx context.Context, bucket, key string) (Object, error) {
	o, err := b.head(ctx, bucket, key, "")
	if err != nil {
		return Object{}, fmt.Errorf("looking at s3://%s/%s: %w", bucket, key, err)
	}
	return o, nil
}

// sizeOf asks for the length of an object; version may be empty.
func (b *Buckets) sizeOf(ctx context.Context, bucket, key, version string) (int64, error) {
	o, err := b.head(context.WithoutCancel(ctx), bucket, key, version)
	if errors.Is(err, ErrNoSuchKey) {
		return 0, fault("NoSuchKey", "The specified key does not exist.", http.StatusNotFound)
	}
	return o.Size, err
}

func (b *Buckets) head(ctx context.Context, bucket, key, version string) (Object, error) {
	var query url.Values
	if version != "" {
		query = url.Values{"versionId": {version}}
	}
	resp, err := b.do(ctx, direct{method: http.MethodHead, bucket: bucket, key: key, query: query})
	if err != nil {
		return Object{}, err
	}
	_ = resp.Body.Close()
	modified, err := http.ParseTime(resp.Header.Get("Last-Modified"))
	return Object{
		Key: key, Size: resp.ContentLength, ETag: unquote(resp.Header.Get("ETag")), LastModified: modified,
		VersionID: versionOf(resp.Header.Get("X-Amz-Version-Id")),
	}, err
}

// direct is a request of our own to the gateway.
type direct struct {
	method, bucket, key string
	query               url.Values
	header              http.Header
	body                io.Reader
	size                int64
}

// do sends a request of our own; an answer that is not good is an error.
func (b *Buckets) do(ctx context.Context, d direct) (*http.Response, error) {
	path := "/" + d.bucket
	if d.key != "" {
		path += "/" + d.key
	}
	out := b.gateway.request(ctx, d.method, path, d.query, d.header)
	hash := sigv4.UnsignedPayload
	if d.body != nil {
		hash = sigv4.NewBody(d.body, d.size).Forward(out, d.key != "") // an object may come in chunks
	}
	resp, err := b.gateway.send(out, hash)
	if err != nil || resp.StatusCode < http.StatusBadRequest {
		return resp, err
	}
	defer func() { _ = resp.Body.Close() }()
	return nil, refusal(resp, d)
}

func refusal(resp *http.Response, d direct) error {
	var doc errorDocument
	_ = xml.NewDecoder(resp.Body).Decode(&doc) // HEAD answers have none
	switch {
	case doc.Code == "NoSuchBucket":
		return ErrNoSuchBucket
	case doc.Code == "NoSuchKey" || resp.StatusCode == http.StatusNotFound && d.key != "":
		return ErrNoSuchKey
	}
	return fmt.Errorf("the object store answered %s %s %s", resp.Status, doc.Code, doc.Message)
}

func (m Meta) header() http.Header {
	h := make(http.Header)
	if m.ContentType != "" {
		h.Set("Content-Type", m.ContentType)
	}
	if m.ContentEncoding != "" {
		h.Set("Content-Encoding", m.ContentEncoding)
	}
	for name, value := range m.User {
		h.Set(metaPrefix+name, value)
	}
	return h
}

func metaOf(h http.Header) Meta {
	m := Meta{ContentType: h.Get("Content-Type"), ContentEncoding: h.Get("Content-Encoding"), User: make(map[string]string)}
	for name := range h {
		if user, ok := strings.CutPrefix(name, metaPrefix); ok {
			m.User[strings.ToLower(user)] = h.Get(name)
		}
	}
	return m
}
