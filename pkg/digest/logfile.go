package digest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"sync"

	"github.com/klauspost/compress/gzip"
)

// logFiles checks what a digest vouches for, several files at once, and tells
// the findings in the digest's order; more says whether to go on.
func (w *walk) logFiles(ctx context.Context, d Digest) (more bool, err error) {
	verdicts := make([]error, len(d.LogFiles))
	var running sync.WaitGroup
	free := make(chan struct{}, max(w.Parallel, 1))
	for i, f := range d.LogFiles {
		free <- struct{}{}
		running.Go(func() {
			verdicts[i] = w.CheckLogFile(ctx, f)
			<-free
		})
	}
	running.Wait()
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	for i, f := range d.LogFiles {
		if !w.tell(Finding{Bucket: f.S3Bucket, Key: f.S3Object, Hash: f.HashValue, Err: verdicts[i]}) {
			return false, nil
		}
	}
	return true, nil
}

// CheckLogFile holds one log file against its recorded hash, in constant memory.
func (v *Verifier) CheckLogFile(ctx context.Context, f LogFile) error {
	body, _, err := v.Store.Open(ctx, f.S3Bucket, f.S3Object)
	if err != nil {
		return err
	}
	defer body.Close()
	if f.HashAlgorithm != hashAlgorithm {
		return fmt.Errorf("%w: unknown hash algorithm %q", ErrNoDigest, f.HashAlgorithm)
	}
	from := &origin{Reader: body}
	hash, err := HashGzip(from)
	switch {
	case err != nil:
		return from.fault(ErrTampered, err)
	case hash != f.HashValue:
		return ErrTampered
	}
	return nil
}

// HashGzip is Hash of what is inside a gzip stream, in constant memory.
func HashGzip(stored io.Reader) (string, error) {
	gz, err := gzip.NewReader(stored)
	if err != nil {
		return "", err
	}
	sum := sha256.New()
	if _, err := io.Copy(sum, gz); err != nil {
		return "", err
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}
