//go:build !noparquet

package logparser

import (
	"github.com/trailhand/trailhand/internal/sinks"
	"github.com/trailhand/trailhand/pkg/delivery"
)

func parquet(b sinks.Bucket, prefix string) (delivery.Sink, error) {
	return sinks.Parquet{Bucket: b, Prefix: prefix}, nil
}
