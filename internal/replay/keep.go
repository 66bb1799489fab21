package replay

import (
	"context"
	"errors"

	"github.com/trailhand/trailhand/pkg/insights"
)

// ErrThere says that a place has a snapshot already, which was left as it is.
var ErrThere = errors.New("there is a snapshot already")

// Keep writes the snapshot of a place where the detector looks for it. One that
// is there, or comes there meanwhile, is written over only if replace is true.
func Keep(ctx context.Context, to insights.Store, p Place, s *insights.State, replace bool) (size int, err error) {
	data, err := s.Encode()
	if err != nil {
		return 0, err
	}
	_, version, err := to.Load(ctx, p.AccountID, p.Region)
	if err != nil {
		return 0, err
	}
	if version != "" && !replace {
		return 0, ErrThere
	}
	_, err = to.Save(ctx, p.AccountID, p.Region, data, version)
	if errors.Is(err, insights.ErrConflict) && !replace {
		return 0, ErrThere
	}
	return len(data), err
}
