package logs

import (
	"cmp"
	"fmt"
	"io"
	"math"

	"github.com/trailhand/trailhand/pkg/events"
)

// The limits of events.Limits that are meant by zero.
const (
	usualInflated = 4 << 30
	usualRatio    = 250
	usualRecord   = 64 << 20
	ratioFrom     = 1 << 20 // inflated bytes that are free of the ratio
)

// limit gives one of events.Limits; a negative one is none.
func limit(n, usual int64) int64 {
	if n < 0 {
		return math.MaxInt64
	}
	return cmp.Or(n, usual)
}

// counting counts what is read.
type counting struct {
	io.Reader
	n int64
}

// Read implements io.Reader.
func (c *counting) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.n += int64(n)
	return n, err
}

// bounded holds what another inflater than that of events gives to the same limits.
type bounded struct {
	inflated counting
	stored   *counting
	lim      events.Limits
}

// Read implements io.Reader.
func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.inflated.Read(p)
	most, ratio := limit(b.lim.Inflated, usualInflated), limit(b.lim.Ratio, usualRatio)
	switch {
	case b.inflated.n > most:
		return 0, fmt.Errorf("over limit: it has more than %d bytes inflated (limit Inflated)", most)
	case b.inflated.n > ratioFrom && b.inflated.n/max(b.stored.n, 1) > ratio:
		return 0, fmt.Errorf("over limit: it inflates to more than %d times its size (limit Ratio)", ratio)
	}
	return n, err
}
