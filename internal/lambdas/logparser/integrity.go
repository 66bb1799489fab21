package logparser

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/trailhand/trailhand/pkg/delivery"
	"github.com/trailhand/trailhand/pkg/digest"
	"github.com/trailhand/trailhand/pkg/events"
)

// publicKeys adds the keys of a Region that were valid at some time between from and to.
type publicKeys func(ctx context.Context, region string, from, to time.Time, keys digest.PublicKeys) error

// integrity verifies digest files.
type integrity struct {
	store digest.Store
	keys  publicKeys
}

// hashed is how many log files are hashed at one time: S3 is waited for, and a
// function has less than two processors.
const hashed = 4

// verify checks the digest file at n and the log files that it names. valid
// counts what is as it was delivered. The error is a *tamperedError if something
// is not, or tells what could not be checked.
func (i *integrity) verify(ctx context.Context, n delivery.Notice, place events.Key) (valid int, err error) {
	keys := digest.NewPublicKeys()
	if err := i.keys(ctx, place.Region, place.Time.Add(-time.Hour), place.Time, keys); err != nil {
		return 0, err
	}
	v := digest.Verifier{Store: i.store, Keys: keys.Keys, Validity: keys.Validity, Parallel: hashed}
	var bad tamperedError
	var unread, passing error
	err = v.VerifyOne(ctx, n.Bucket, n.Key, func(f digest.Finding) bool {
		switch {
		case f.Err == nil:
			valid++
		case digest.Verdict(f.Err) != "":
			bad = append(bad, f)
		case delivery.Permanent(f.Err):
			unread = errors.Join(unread, notChecked(f))
		default:
			passing = errors.Join(passing, notChecked(f))
		}
		return true
	})
	switch {
	case err != nil || passing != nil:
		return valid, errors.Join(err, passing) // all is checked again
	case len(bad) > 0:
		return valid, errors.Join(&bad, unread)
	}
	return valid, unread
}

func notChecked(f digest.Finding) error {
	return fmt.Errorf("s3://%s/%s could not be checked: %w", f.Bucket, f.Key, f.Err)
}

// tamperedError is what a digest file says of log files, and they are not, or
// what is wrong with the digest file itself.
type tamperedError []digest.Finding

// named is how many files a message names.
const named = 10

// Error implements error.
func (e *tamperedError) Error() string {
	var all []string
	for i, f := range *e {
		if i == named {
			all = append(all, fmt.Sprintf("and %d more", len(*e)-named))
			break
		}
		all = append(all, fmt.Sprintf("%s: s3://%s/%s: %v", digest.Verdict(f.Err), f.Bucket, f.Key, f.Err))
	}
	return strings.Join(all, "; ")
}
