package awsio

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/trailhand/trailhand/pkg/delivery"
)

// partSize is how much of an upload is held in memory; S3 takes no less but for the last.
const partSize = 5 << 20

// upload writes one object: in one request if it is small, else in parts. The
// object appears with Commit.
type upload struct {
	ctx   context.Context
	b     *Bucket
	key   string
	buf   bytes.Buffer
	id    *string // of the multipart upload, once there is one
	parts []types.CompletedPart
}

// Create begins an object.
func (b *Bucket) Create(ctx context.Context, key string) delivery.Upload {
	return &upload{ctx: ctx, b: b, key: key}
}

// Write implements io.Writer.
func (u *upload) Write(p []byte) (int, error) {
	u.buf.Write(p)
	if u.buf.Len() < partSize {
		return len(p), nil
	}
	if err := u.part(u.ctx); err != nil {
		return 0, u.fault(err)
	}
	return len(p), nil
}

func (u *upload) fault(err error) error {
	return fmt.Errorf("writing s3://%s/%s: %w", u.b.name, u.key, err)
}

// part sends what is held as the next part.
func (u *upload) part(ctx context.Context) error {
	if u.id == nil {
		out, err := u.b.api.CreateMultipartUpload(ctx, &s3.CreateMultipartUploadInput{
			Bucket: &u.b.name, Key: &u.key, ChecksumAlgorithm: types.ChecksumAlgorithmCrc32, // that of the parts
		})
		if err != nil {
			return err
		}
		u.id = out.UploadId
	}
	number := aws.Int32(int32(len(u.parts) + 1))
	out, err := u.b.api.UploadPart(ctx, &s3.UploadPartInput{
		Bucket: &u.b.name, Key: &u.key, UploadId: u.id, PartNumber: number, Body: bytes.NewReader(u.buf.Bytes()),
	})
	if err != nil {
		return err
	}
	u.parts = append(u.parts, types.CompletedPart{
		PartNumber: number, ETag: out.ETag, ChecksumCRC32: out.ChecksumCRC32,
	})
	u.buf.Reset()
	return nil
}

// Commit implements delivery.Upload.
func (u *upload) Commit(ctx context.Context) error {
	if u.id == nil {
		return u.b.Put(ctx, u.key, u.buf.Bytes(), nil)
	}
	err := u.complete(ctx)
	if err != nil {
		return errors.Join(u.fault(err), u.Discard(context.WithoutCancel(ctx)))
	}
	return nil
}

func (u *upload) complete(ctx context.Context) error {
	if u.buf.Len() > 0 {
		if err := u.part(ctx); err != nil {
			return err
		}
	}
	_, err := u.b.api.CompleteMultipartUpload(ctx, &s3.CompleteMultipartUploadInput{
		Bucket: &u.b.name, Key: &u.key, UploadId: u.id,
		MultipartUpload: &types.CompletedMultipartUpload{Parts: u.parts},
	})
	return err
}

// Discard implements delivery.Upload.
func (u *upload) Discard(ctx context.Context) error {
	if u.id == nil {
		return nil
	}
	_, err := u.b.api.AbortMultipartUpload(ctx, &s3.AbortMultipartUploadInput{
		Bucket: &u.b.name, Key: &u.key, UploadId: u.id,
	})
	if err != nil && !notFound(err) {
		return u.fault(err)
	}
	return nil
}
