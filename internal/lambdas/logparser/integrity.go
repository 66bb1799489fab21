package logparser

import (
	"cmp"
	"context"
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

// checked is what came of one digest file.
type checked struct {
	valid int      // files that are as they were delivered
	wrong findings // what is not, and what no retry helps to check
	later findings // what could not be checked yet: throttled, or for want of time
	files []int    // the log files among these, by their places in the digest
}

// verify checks the digest file at n, and those of its log files that n asks for.
func (i *integrity) verify(ctx context.Context, n delivery.Notice, place events.Key) (checked, error) {
	ctx, cancel := half(ctx)
	defer cancel()
	keys := digest.NewPublicKeys()
	if err := i.keys(ctx, place.Region, place.Time.Add(-time.Hour), place.Time, keys); err != nil {
		return checked{}, err
	}
	var c checked
	v := digest.Verifier{Store: i.store, Keys: keys.Keys, Validity: keys.Validity, Parallel: hashed}
	v.VerifyOne(ctx, n.Bucket, n.Key, n.Files, func(f digest.Finding) {
		switch {
		case f.Err == nil:
			c.valid++
		case digest.Verdict(f.Err) != "" || delivery.Permanent(f.Err):
			c.wrong = append(c.wrong, f)
		default:
			c.later = append(c.later, f)
			if !f.Digest {
				c.files = append(c.files, f.Index)
			}
		}
	})
	return c, nil
}

// half gives a digest file half of the time that is left: a large one must not
// starve the messages beside it, and what was found is still to be told.
func half(ctx context.Context) (context.Context, context.CancelFunc) {
	end, limited := ctx.Deadline()
	if !limited {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, time.Until(end)/2)
}

// progressed says whether less is left to be checked than there was.
func (c checked) progressed() bool {
	return len(c.files) > 0 && c.valid+len(c.wrong) > 0
}

// findings are files that are not as they should be: an error that names the first ones.
type findings []digest.Finding

// named is how many files a message names.
const named = 10

// Error implements error.
func (e *findings) Error() string {
	var all []string
	for i, f := range *e {
		if i == named {
			all = append(all, fmt.Sprintf("and %d more", len(*e)-named))
			break
		}
		verdict := cmp.Or(digest.Verdict(f.Err), "could not be checked")
		all = append(all, fmt.Sprintf("%s: s3://%s/%s: %v", verdict, f.Bucket, f.Key, f.Err))
	}
	return strings.Join(all, "; ")
}
