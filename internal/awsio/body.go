package awsio

import (
	"context"
	"errors"
	"fmt"
	"io"
)

// maxResumes bounds how often a body is resumed without a byte in between.
const maxResumes = 5

// body is an object's body that goes on with a ranged read where it broke.
type body struct {
	ctx     context.Context
	rc      io.ReadCloser
	rest    func(offset int64) (io.ReadCloser, error)
	offset  int64
	size    int64 // negative if unknown
	resumes int
}

func newBody(ctx context.Context, first io.ReadCloser, size int64, rest func(int64) (io.ReadCloser, error)) *body {
	return &body{ctx: ctx, rc: first, rest: rest, size: size}
}

// Read implements io.Reader.
func (b *body) Read(p []byte) (int, error) {
	for {
		n, err := b.rc.Read(p)
		b.offset += int64(n)
		if n > 0 {
			b.resumes = 0
			return n, nil // an error that lasts comes again
		}
		if err == nil || b.ended(err) {
			return 0, err
		}
		if err := b.resume(err); err != nil {
			return 0, err
		}
	}
}

func (b *body) ended(err error) bool {
	return errors.Is(err, io.EOF) && (b.size < 0 || b.offset >= b.size)
}

// resume opens the rest of the object in place of what broke with cause.
func (b *body) resume(cause error) error {
	if errors.Is(cause, io.EOF) {
		cause = io.ErrUnexpectedEOF
	}
	broke := fmt.Errorf("the body broke at byte %d of %d: %w", b.offset, b.size, cause)
	if err := b.ctx.Err(); err != nil {
		return errors.Join(broke, err)
	}
	if b.size < 0 || b.offset >= b.size || b.resumes == maxResumes {
		return broke
	}
	b.resumes++
	rc, err := b.rest(b.offset)
	if err != nil {
		return errors.Join(broke, err)
	}
	_ = b.rc.Close() // broken already
	b.rc = rc
	return nil
}

// Close implements io.Closer.
func (b *body) Close() error { return b.rc.Close() }
