package digest

import (
	"context"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/klauspost/compress/gzip"

	"github.com/trailhand/trailhand/pkg/events"
)

// ErrNotFound is what a Store's Open wraps when there is no such object.
var ErrNotFound = errors.New("the object does not exist")

// What can be wrong with a digest or a log file, besides ErrSignature and ErrNotFound.
var (
	ErrTampered = errors.New("the contents do not match the recorded hash")
	ErrMoved    = errors.New("the digest was made for another place")
	ErrNoKey    = errors.New("no public key of that fingerprint is known")
	ErrGap      = errors.New("the chain is broken: the digest before it is missing or not the one that it names")
)

// maxDigest bounds a digest file in memory, inflated: far above the log files of an hour.
const maxDigest = 256 << 20

// Store reads a bucket, or a copy of one.
type Store interface {
	// Open opens an object as it is stored (gzip), with its user metadata.
	Open(ctx context.Context, bucket, key string) (io.ReadCloser, map[string]string, error)
}

// Finding is the verdict on one object. Err is nil for a valid one.
type Finding struct {
	Bucket, Key string
	Digest      bool // a digest file, else a log file
	Err         error
}

// Verifier checks digest files and what they vouch for.
type Verifier struct {
	Store Store
	Keys  map[string]*rsa.PublicKey // by fingerprint
}

// Verify checks the given digests of one chain (keys of one account, Region and
// trail) and every log file that they name, and tells each finding. It ends
// early only when ctx does or tell returns false.
func (v *Verifier) Verify(ctx context.Context, bucket string, keys []string, tell func(Finding) bool) error {
	keys, err := inOrder(keys)
	if err != nil {
		return err
	}
	var previous *Signed
	broken := false
	for i, key := range keys {
		signed, err := v.digest(ctx, bucket, key)
		if err == nil && i > 0 && !follows(signed, previous, broken) {
			err = ErrGap
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if !tell(Finding{Bucket: bucket, Key: key, Digest: true, Err: err}) {
			return nil
		}
		broken = err != nil && !errors.Is(err, ErrGap)
		if broken {
			continue // what a forged digest says of log files proves nothing
		}
		previous = &signed
		if done, err := v.logFiles(ctx, signed.Digest, tell); done || err != nil {
			return err
		}
	}
	return nil
}

// inOrder sorts keys by the end of their hour, oldest first.
func inOrder(keys []string) ([]string, error) {
	at := make(map[string]time.Time, len(keys))
	for _, key := range keys {
		k, err := events.ParseKey(key)
		if err != nil || k.Kind != events.KeyDigest {
			return nil, fmt.Errorf("%q is not the key of a digest file", key)
		}
		at[key] = k.Time
	}
	sorted := slices.Clone(keys)
	slices.SortFunc(sorted, func(a, b string) int { return at[a].Compare(at[b]) })
	return sorted, nil
}

// follows tells whether a digest names the one before it. After a digest that
// is itself invalid nothing can be said, and that one was told already.
func follows(d Signed, previous *Signed, broken bool) bool {
	switch {
	case broken:
		return true
	case d.Digest.PreviousDigestS3Object == nil:
		return previous == nil
	case previous == nil:
		return true
	}
	return *d.Digest.PreviousDigestS3Object == previous.Digest.DigestS3Object &&
		d.Digest.PreviousDigestHashValue != nil && *d.Digest.PreviousDigestHashValue == Hash(previous.Inflated)
}

// digest reads one digest file and checks it by itself.
func (v *Verifier) digest(ctx context.Context, bucket, key string) (Signed, error) {
	body, metadata, err := v.Store.Open(ctx, bucket, key)
	if err != nil {
		return Signed{}, err
	}
	defer body.Close()
	gz, err := gzip.NewReader(body)
	if err != nil {
		return Signed{}, fmt.Errorf("inflating: %w", err)
	}
	inflated, err := io.ReadAll(io.LimitReader(gz, maxDigest+1))
	if err != nil {
		return Signed{}, fmt.Errorf("inflating: %w", err)
	}
	if len(inflated) > maxDigest {
		return Signed{}, fmt.Errorf("more than %d bytes", maxDigest)
	}
	d, err := Parse(inflated)
	if err != nil {
		return Signed{}, err
	}
	s := Signed{Digest: d, Inflated: inflated, Signature: metadata[MetadataSignature]}
	return s, v.checkDigest(s, bucket, key)
}

func (v *Verifier) checkDigest(s Signed, bucket, key string) error {
	if s.Digest.DigestS3Bucket != bucket || s.Digest.DigestS3Object != key {
		return ErrMoved
	}
	public, known := v.Keys[s.Digest.DigestPublicKeyFingerprint]
	if !known {
		return fmt.Errorf("%w: %s", ErrNoKey, s.Digest.DigestPublicKeyFingerprint)
	}
	return CheckSignature(s.Digest, s.Inflated, s.Signature, public)
}

// logFiles checks what a digest vouches for; done when tell wants no more.
func (v *Verifier) logFiles(ctx context.Context, d Digest, tell func(Finding) bool) (done bool, err error) {
	for _, f := range d.LogFiles {
		err := v.CheckLogFile(ctx, f)
		if ctx.Err() != nil {
			return true, ctx.Err()
		}
		if !tell(Finding{Bucket: f.S3Bucket, Key: f.S3Object, Err: err}) {
			return true, nil
		}
	}
	return false, nil
}

// CheckLogFile holds one log file against its recorded hash, in constant memory.
func (v *Verifier) CheckLogFile(ctx context.Context, f LogFile) error {
	body, _, err := v.Store.Open(ctx, f.S3Bucket, f.S3Object)
	if err != nil {
		return err
	}
	defer body.Close()
	if f.HashAlgorithm != hashAlgorithm {
		return fmt.Errorf("unknown hash algorithm %q", f.HashAlgorithm)
	}
	sum := sha256.New()
	gz, err := gzip.NewReader(body)
	if err == nil {
		_, err = io.Copy(sum, gz)
	}
	if err != nil {
		return fmt.Errorf("%w: %w", ErrTampered, err)
	}
	if hex.EncodeToString(sum.Sum(nil)) != f.HashValue {
		return ErrTampered
	}
	return nil
}
