package digest

import (
	"context"
	"errors"
)

// VerifyOne checks one digest file, its link to the one before it, and every log
// file that it names, and tells each finding: what is there now, whichever
// version gave cause to look. Of the digest before it only that it is the one
// that is named is checked: its signature is the matter of its own turn.
func (v *Verifier) VerifyOne(ctx context.Context, bucket, key string, tell func(Finding) bool) error {
	w := walk{Verifier: v, bucket: bucket, tell: tell}
	d := w.load(ctx, key)
	if d.err == nil {
		d.err = w.check(d, loaded{})
	}
	if d.err != nil {
		tell(Finding{Bucket: bucket, Key: key, Digest: true, Err: d.err})
		return ctx.Err() // what a forged digest says of log files proves nothing
	}
	named := d.signed.Digest.PreviousDigestS3Object
	verdict := w.holds(ctx, d.signed.Digest)
	if errors.Is(verdict, ErrNotFound) {
		if !tell(Finding{Bucket: bucket, Key: *named, Digest: true, Err: verdict}) {
			return ctx.Err()
		}
		verdict = nil
	}
	if !tell(Finding{Bucket: bucket, Key: key, Digest: true, Err: verdict}) {
		return ctx.Err()
	}
	_, err := w.logFiles(ctx, d.signed.Digest)
	return err
}

// holds checks that the digest before d is the one that d names.
func (w *walk) holds(ctx context.Context, d Digest) error {
	if d.PreviousDigestS3Object == nil {
		return nil // the first of a chain
	}
	before := walk{Verifier: w.Verifier, bucket: w.bucket}
	if d.PreviousDigestS3Bucket != nil {
		before.bucket = *d.PreviousDigestS3Bucket // a trail may have changed its bucket
	}
	s, err := before.read(ctx, *d.PreviousDigestS3Object)
	switch {
	case errors.Is(err, ErrNoDigest):
		return ErrGap
	case err != nil:
		return err
	case d.PreviousDigestHashValue == nil || *d.PreviousDigestHashValue != Hash(s.Inflated):
		return ErrGap
	}
	return nil
}

// Verdict names in a word what is wrong with a digest or a log file: tampered,
// unsigned, deleted, moved, backdated, broken, unknown, or unreadable for what is
// no digest. It is empty for an error that proves nothing, such as a store's.
func Verdict(err error) string {
	for _, known := range []struct {
		err  error
		name string
	}{
		{ErrUnsigned, "unsigned"}, {ErrTampered, "tampered"}, {ErrSignature, "tampered"}, {ErrNotFound, "deleted"},
		{ErrMoved, "moved"}, {ErrBackdated, "backdated"}, {ErrGap, "broken"}, {ErrNoKey, "unknown"}, {ErrNoDigest, "unreadable"},
	} {
		if errors.Is(err, known.err) {
			return known.name
		}
	}
	return ""
}
