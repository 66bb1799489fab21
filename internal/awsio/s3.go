package awsio

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/trailhand/trailhand/pkg/delivery"
)

// S3 reads and writes objects. It is a delivery.Opener.
type S3 struct{ api *s3.Client }

// NewS3 returns a client. Behind an endpoint of one's own a bucket is part of
// the path, since its name may not resolve as a host.
func NewS3(cfg aws.Config) *S3 {
	return &S3{api: s3.NewFromConfig(cfg, func(o *s3.Options) {
		o.UsePathStyle = cfg.BaseEndpoint != nil
		o.DisableLogOutputChecksumValidationSkipped = true // CloudTrail's objects have none
	})}
}

// Open opens an object for streaming. A body that breaks is resumed where it
// broke, as long as the object is the same.
func (s *S3) Open(ctx context.Context, n delivery.Notice) (delivery.Object, error) {
	o, _, err := s.open(ctx, n)
	return o, err
}

// open is Open, with the object's user metadata.
func (s *S3) open(ctx context.Context, n delivery.Notice) (delivery.Object, map[string]string, error) {
	first, err := s.get(ctx, n, 0, "")
	if err != nil {
		return delivery.Object{}, nil, err
	}
	n.VersionID = aws.ToString(first.VersionId)
	if n.VersionID == "null" {
		n.VersionID = ""
	}
	etag := aws.ToString(first.ETag)
	size := int64(-1)
	if first.ContentLength != nil {
		size = *first.ContentLength
	}
	rest := func(offset int64) (io.ReadCloser, error) {
		out, err := s.get(ctx, n, offset, etag)
		if err != nil {
			return nil, err
		}
		return out.Body, nil
	}
	return delivery.Object{
		Body: newBody(ctx, first.Body, size, rest), VersionID: n.VersionID,
		ETag: strings.Trim(etag, `"`), Size: size,
	}, first.Metadata, nil
}

func (s *S3) get(ctx context.Context, n delivery.Notice, offset int64, etag string) (*s3.GetObjectOutput, error) {
	in := &s3.GetObjectInput{Bucket: &n.Bucket, Key: &n.Key}
	if n.VersionID != "" {
		in.VersionId = &n.VersionID
	}
	if offset > 0 {
		in.Range = aws.String(fmt.Sprintf("bytes=%d-", offset))
	}
	if etag != "" {
		in.IfMatch = &etag
	}
	out, err := s.api.GetObject(ctx, in)
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", n, readFault(err))
	}
	return out, nil
}
