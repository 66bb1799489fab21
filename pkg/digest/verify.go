package digest

import (
	"cmp"
	"context"
	"crypto/rsa"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/trailhand/trailhand/pkg/events"
)

// ErrNotFound is what a Store's Open wraps when there is no such object.
var ErrNotFound = errors.New("the object does not exist")

// What can be wrong with a digest or a log file, besides ErrSignature and ErrNotFound.
var (
	ErrUnsigned  = errors.New("its signature is neither with it nor in the digest behind it")
	ErrTampered  = errors.New("the contents do not match the recorded hash")
	ErrMoved     = errors.New("the digest was made for another place")
	ErrNoKey     = errors.New("no public key of that fingerprint is known")
	ErrGap       = errors.New("the chain is broken: the digest before it is not the one that it names")
	ErrBackdated = errors.New("it is signed with a key that was not valid at its time")
	ErrNoDigest  = errors.New("it is no digest file")
)

// Store reads a bucket, or a copy of one.
type Store interface {
	// Open opens an object as it is stored (gzip), with its user metadata.
	Open(ctx context.Context, bucket, key string) (io.ReadCloser, map[string]string, error)
}

// Finding is the verdict on one object. Err is nil for a valid one.
type Finding struct {
	Bucket, Key string
	Digest      bool   // a digest file, else a log file
	Index       int    // of a log file: its place in the digest
	Hash        string // of a log file: what was recorded
	Err         error
}

// Verifier checks digest files and what they vouch for.
type Verifier struct {
	Store    Store
	Keys     map[string]*rsa.PublicKey // by fingerprint
	Validity map[string]Validity       // of the keys, where it is known
	Parallel int                       // log files hashed at once; 0 is 1
	// Covered is told each valid digest; may be nil.
	Covered func(Digest)
}

// Verify checks the given digests of one chain (keys of one account, Region and
// trail) and every log file that they name, and tells each finding. It ends
// early only when ctx does or tell returns false.
//
// An empty bucket says that the store is a copy of one: keys may then lack the
// bucket's prefix before AWSLogs, and where an object has lost its metadata the
// signature is taken from the digest behind it, which repeats it.
func (v *Verifier) Verify(ctx context.Context, bucket string, keys []string, tell func(Finding) bool) error {
	keys, err := inOrder(keys)
	if err != nil {
		return err
	}
	w := walk{Verifier: v, bucket: bucket, tell: tell}
	var next loaded
	for i, key := range keys {
		d := next
		if i == 0 {
			d = w.load(ctx, key)
		}
		next = loaded{}
		if i+1 < len(keys) {
			next = w.load(ctx, keys[i+1])
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if more, err := w.link(ctx, d, next); !more || err != nil {
			return err
		}
	}
	return nil
}

// walk is one run of Verify.
type walk struct {
	*Verifier
	bucket string
	tell   func(Finding) bool
	before *loaded // the digest before, nil at first
}

// link checks one digest and what it vouches for; more says whether to go on.
func (w *walk) link(ctx context.Context, d, next loaded) (more bool, err error) {
	if d.err == nil {
		d.err = w.check(d, next)
	}
	verdict := d.err
	if d.err == nil {
		var missing string
		if missing, verdict = w.follows(ctx, d); missing != "" && !w.tell(Finding{Bucket: w.bucket, Key: missing, Digest: true, Err: ErrNotFound}) {
			return false, nil
		}
	}
	w.before = &d
	if !w.tell(Finding{Bucket: w.bucket, Key: d.key, Digest: true, Err: verdict}) {
		return false, nil
	}
	if d.err != nil {
		return true, nil // what a forged digest says of log files proves nothing
	}
	if w.Covered != nil {
		w.Covered(d.signed.Digest)
	}
	return w.logFiles(ctx, d.signed.Digest)
}

// follows checks that a digest names the one before it, or gives the key of one
// in between that is gone. After a digest that is itself invalid nothing can be
// said, and that one was told already. A digest that names none begins a chain
// anew, as CloudTrail does when logging was off.
func (w *walk) follows(ctx context.Context, d loaded) (missing string, err error) {
	named := d.signed.Digest.PreviousDigestS3Object
	if named == nil || w.before == nil {
		return "", nil
	}
	if !isAt(w.bucket, *named, w.before.key) {
		body, _, err := w.Store.Open(ctx, d.signed.Digest.DigestS3Bucket, *named)
		if errors.Is(err, ErrNotFound) {
			return *named, nil
		}
		if err == nil {
			_ = body.Close()
		}
		return "", ErrGap
	}
	hash := d.signed.Digest.PreviousDigestHashValue
	if w.before.err == nil && (hash == nil || *hash != Hash(w.before.signed.Inflated)) {
		return "", ErrGap
	}
	return "", nil
}

// isAt says whether the object of a digest is at key: in a copy of a bucket the
// prefix may be gone.
func isAt(bucket, object, key string) bool {
	return object == key || bucket == "" && strings.HasSuffix(object, "/"+key)
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
	slices.SortFunc(sorted, func(a, b string) int { return cmp.Or(at[a].Compare(at[b]), strings.Compare(a, b)) })
	return sorted, nil
}

// check holds one digest against its place and its signature.
func (w *walk) check(l, next loaded) error {
	d := l.signed.Digest
	if w.bucket != "" && d.DigestS3Bucket != w.bucket || !isAt(w.bucket, d.DigestS3Object, l.key) {
		return fmt.Errorf("%w: s3://%s/%s", ErrMoved, d.DigestS3Bucket, d.DigestS3Object)
	}
	public, known := w.Keys[d.DigestPublicKeyFingerprint]
	if !known {
		return fmt.Errorf("%w: %s", ErrNoKey, d.DigestPublicKeyFingerprint)
	}
	signature := l.signed.Signature
	if signature == "" && w.bucket == "" {
		signature = next.signatureOf(d.DigestS3Object)
	}
	if signature == "" {
		return ErrUnsigned
	}
	if err := CheckSignature(d, l.signed.Inflated, signature, public); err != nil {
		return err
	}
	if at, err := time.Parse(timeLayout, d.DigestEndTime); err != nil || !w.Validity[d.DigestPublicKeyFingerprint].holds(at) {
		return ErrBackdated
	}
	return nil
}

// signatureOf gives the signature that a digest repeats of the one before it.
func (l loaded) signatureOf(object string) string {
	d := l.signed.Digest
	if l.err != nil || d.PreviousDigestS3Object == nil || *d.PreviousDigestS3Object != object || d.PreviousDigestSignature == nil {
		return ""
	}
	return *d.PreviousDigestSignature
}
