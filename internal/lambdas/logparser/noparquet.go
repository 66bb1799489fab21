//go:build noparquet

package logparser

import (
	"errors"

	"github.com/trailhand/trailhand/internal/sinks"
	"github.com/trailhand/trailhand/pkg/delivery"
)

func parquet(sinks.Bucket, string) (delivery.Sink, error) {
	return nil, errors.New("OUTPUT_FORMATS: this function was built without parquet: build it with PARQUET=1")
}
