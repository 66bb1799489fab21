package awsio

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/trailhand/trailhand/pkg/events"
	"github.com/trailhand/trailhand/pkg/trail"
)

// TrailStore is the trail.Store over a bucket: one object a trail under Prefix.
type TrailStore struct {
	Bucket *Bucket
	Prefix string
}

// Load implements trail.Store.
func (s TrailStore) Load(ctx context.Context, name string) (data []byte, version string, err error) {
	return s.Bucket.Get(ctx, s.Prefix+name)
}

// Save implements trail.Store.
func (s TrailStore) Save(ctx context.Context, name string, data []byte, ifVersion string) (string, error) {
	version, err := s.Bucket.Swap(ctx, s.Prefix+name, data, ifVersion)
	if errors.Is(err, ErrConflict) {
		return "", fmt.Errorf("%w: %w", trail.ErrConflict, err)
	}
	return version, err
}

// TrailNotices is the trail.Publisher over an event bus.
type TrailNotices struct{ Bus *Bus }

// Publish implements trail.Publisher.
func (p TrailNotices) Publish(ctx context.Context, n trail.Notice) error {
	detail, err := encodeNotice(n)
	if err != nil {
		return fmt.Errorf("encoding a notice about trail %s: %w", n.Name, err)
	}
	return p.Bus.Publish(ctx, []events.Envelope{{
		Source: trail.Source, DetailType: n.DetailType, Time: n.Time, Resources: []string{n.Trail}, Detail: detail,
	}})
}

// maxDetail leaves room for the rest of an entry in EventBridge's 256 KB.
const maxDetail = 240 << 10

// encodeNotice leaves out what is wanted and what was found where selectors are too
// long for an event: that it drifted is the news.
func encodeNotice(n trail.Notice) ([]byte, error) {
	detail, err := json.Marshal(n)
	if err != nil || len(detail) <= maxDetail {
		return detail, err
	}
	short := slices.Clone(n.Fields)
	for i, x := range short {
		if value, err := json.Marshal(x); err == nil && len(value) > maxDetail/(2*len(short)) {
			short[i].Want, short[i].Got = nil, nil
			short[i].Why = fmt.Sprintf("too long for an event: %d bytes, see the function's log", len(value))
		}
	}
	n.Fields = short
	return json.Marshal(n)
}
