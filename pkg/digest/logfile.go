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

// logFiles checks what a digest vouches for and tells the findings in its
// order; more says whether to go on.
func (w *walk) logFiles(ctx context.Context, d Digest) (more bool, err error) {
	verdicts := w.checkLogFiles(ctx, d.LogFiles)
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	for i, f := range d.LogFiles {
		if !w.tell(Finding{Bucket: f.S3Bucket, Key: f.S3Object, Index: i, Hash: f.HashValue, Err: verdicts[i]}) {
			return false, nil
		}
	}
	return true, nil
}

// checkLogFiles gives the verdict on each file, several checked at once: ctx's
// error for one that was not begun in time.
func (v *Verifier) checkLogFiles(ctx context.Context, files []LogFile) []error {
	verdicts := make([]error, len(files))
	var running sync.WaitGroup
	free := make(chan struct{}, max(v.Parallel, 1))
	for i, f := range files {
		free <- struct{}{}
		running.Go(func() {
			if verdicts[i] = ctx.Err(); verdicts[i] == nil {
				verdicts[i] = v.CheckLogFile(ctx, f)
			}
			<-free
		})
	}
	running.Wait()
	return verdicts
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
