package events

import "math"

// Limits keeps a file from using more than it should. A zero field means the
// default, a negative one no limit.
type Limits struct {
	Inflated int64 // bytes of one file after inflating; 4 GiB by default
	Ratio    int64 // inflated bytes for each compressed byte, from the first MiB on; 250 by default
	Record   int   // bytes of one record; 64 MiB by default, never more than 1 GiB
}

// ratioFrom is how many inflated bytes are free of the ratio limit: a small
// file of one repeated record may well be squeezed further.
const ratioFrom = 1 << 20

// maxRecord keeps offsets within a record to 32 bits.
const maxRecord = 1 << 30

// filled gives limits with defaults in place of zeros and no negative field.
func (l Limits) filled() Limits {
	return Limits{
		Inflated: limit(l.Inflated, 4<<30, math.MaxInt64),
		Ratio:    limit(l.Ratio, 250, math.MaxInt64),
		Record:   min(limit(l.Record, 64<<20, maxRecord), maxRecord),
	}
}

func limit[T int | int64](n, zero, negative T) T {
	switch {
	case n == 0:
		return zero
	case n < 0:
		return negative
	}
	return n
}
