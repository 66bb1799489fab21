package trails

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"

	"github.com/trailhand/trailhand/internal/cloud/wire"
)

// Keys knows the public keys that verify digest files.
type Keys interface {
	// PublicKeys gives the keys of a Region that were valid at some time
	// between from and to, DER-encoded PKCS#1.
	PublicKeys(region string, from, to time.Time) ([]types.PublicKey, error)
}

// listPublicKeys gives all keys on one page. Without times it is about now.
func (ts *Trails) listPublicKeys(_ context.Context, c wire.Caller, in *cloudtrail.ListPublicKeysInput) (*cloudtrail.ListPublicKeysOutput, error) {
	switch {
	case ts.cfg.Keys == nil:
		return nil, fault("UnsupportedOperation", "Digest files are not written.")
	case in.NextToken != nil:
		return nil, fault("InvalidToken", "The token is not valid.")
	case endsBeforeStart(in.StartTime, in.EndTime):
		return nil, fault("InvalidTimeRange", "The end time is before the start time.")
	}
	now := ts.cfg.Now()
	to := or(in.EndTime, now)
	keys, err := ts.cfg.Keys.PublicKeys(c.Region, or(in.StartTime, to), to)
	if err != nil {
		return nil, err
	}
	return &cloudtrail.ListPublicKeysOutput{PublicKeyList: append([]types.PublicKey{}, keys...)}, nil
}
