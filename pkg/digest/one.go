package digest

import (
	"context"
	"errors"
)

// VerifyOne checks one digest file, its link to the one before it, and every log
// file that it names, and tells each finding: what is there now, whichever
// version gave cause to look. Of the digest before it only that it is the one
// that is named is checked: its signature is the matter of its own turn. Log
// files for which ctx leaves no time are told with its error.
//
// With only, the places of some log files in the digest, it checks these, and of
// the digest its signature, which it tells if it is wrong.
func (v *Verifier) VerifyOne(ctx context.Context, bucket, key string, only []int, tell func(Finding)) {
	w := walk{Verifier: v, bucket: bucket}
	d := w.load(ctx, key)
	if d.err == nil {
		d.err = w.check(d, loaded{})
	}
	if d.err == nil && only == nil {
		d.err = w.linked(ctx, d.signed.Digest, tell)
	}
	if d.err != nil || only == nil {
		tell(Finding{Bucket: bucket, Key: key, Digest: true, Err: d.err})
	}
	if d.err != nil && !errors.Is(d.err, ErrGap) {
		return // what a forged digest says of log files proves nothing
	}
	for _, f := range w.some(ctx, d.signed.Digest.LogFiles, only) {
		tell(f)
	}
}

// linked checks that the digest before d is the one that d names. One that is
// gone is told, and is no fault of d.
func (w *walk) linked(ctx context.Context, d Digest, tell func(Finding)) error {
	err := w.holds(ctx, d)
	if errors.Is(err, ErrNotFound) {
		tell(Finding{Bucket: w.bucket, Key: *d.PreviousDigestS3Object, Digest: true, Err: err})
		return nil
	}
	return err
}

// some checks the log files at some places; nil is all.
func (w *walk) some(ctx context.Context, files []LogFile, places []int) []Finding {
	if places == nil {
		places = make([]int, len(files))
		for i := range places {
			places[i] = i
		}
	}
	var wanted []LogFile
	var found []Finding
	for _, i := range places {
		if i < 0 || i >= len(files) {
			continue // of a message that is none of ours
		}
		wanted = append(wanted, files[i])
		found = append(found, Finding{Bucket: files[i].S3Bucket, Key: files[i].S3Object, Index: i, Hash: files[i].HashValue})
	}
	for i, verdict := range w.checkLogFiles(ctx, wanted) {
		found[i].Err = verdict
	}
	return found
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
