package awsio

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/url"
	"strings"

	"github.com/trailhand/trailhand/pkg/insights"
)

// States is the insights.Store over a bucket: PREFIX<account>/<region>.state,
// both escaped, for they are what a record says.
type States struct {
	Bucket *Bucket
	Prefix string
}

// Key is the object of one account and Region.
func (s States) Key(account, region string) string {
	return s.Prefix + url.PathEscape(account) + "/" + url.PathEscape(region) + ".state"
}

// Load implements insights.Store.
func (s States) Load(ctx context.Context, account, region string) (data []byte, version string, err error) {
	return s.Bucket.Get(ctx, s.Key(account, region))
}

// Save implements insights.Store.
func (s States) Save(ctx context.Context, account, region string, data []byte, ifVersion string) (string, error) {
	version, err := s.Bucket.Swap(ctx, s.Key(account, region), data, ifVersion)
	if errors.Is(err, ErrConflict) {
		return "", fmt.Errorf("%w: %w", insights.ErrConflict, err)
	}
	return version, err
}

// Known lists the account and Region of every stored state.
func (s States) Known(ctx context.Context) iter.Seq2[[2]string, error] {
	return func(yield func([2]string, error) bool) {
		for key, err := range s.Bucket.Keys(ctx, s.Prefix) {
			if err != nil {
				yield([2]string{}, err)
				return
			}
			name, isState := strings.CutSuffix(strings.TrimPrefix(key, s.Prefix), ".state")
			account, region, ok := strings.Cut(name, "/")
			account, errAccount := url.PathUnescape(account)
			region, errRegion := url.PathUnescape(region)
			if !isState || !ok || errAccount != nil || errRegion != nil || s.Key(account, region) != key {
				continue // not ours
			}
			if !yield([2]string{account, region}, nil) {
				return
			}
		}
	}
}
