package trail

import (
	"cmp"
	"context"
	"math/rand/v2"
	"time"
)

// Backoff is how calls that are throttled are tried again: with "full jitter", any
// part of a delay that doubles.
//
// https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
type Backoff struct {
	// Attempts is how often a call is made at most; 0 is 6.
	Attempts int
	// Base doubles with each attempt up to Cap; 0 are 200 ms and 5 s.
	Base, Cap time.Duration
	// Sleep waits, or returns the context's error; nil is a timer.
	Sleep func(context.Context, time.Duration) error
	// Jitter gives the part of the delay that is waited, in [0, 1); nil is random.
	Jitter func() float64
}

func (b Backoff) sleep(ctx context.Context, delay time.Duration) error {
	part := rand.Float64
	if b.Jitter != nil {
		part = b.Jitter
	}
	delay = time.Duration(part() * float64(delay))
	if b.Sleep != nil {
		return b.Sleep(ctx, delay)
	}
	select {
	case <-time.After(delay):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// try calls until the answer is no longer to try again, and tells how often it
// called.
func (b Backoff) try(ctx context.Context, call func() error) (attempts int, err error) {
	limit := cmp.Or(b.Attempts, 6)
	delay, highest := cmp.Or(b.Base, 200*time.Millisecond), cmp.Or(b.Cap, 5*time.Second)
	for attempts = 1; ; attempts++ {
		err = call()
		if err == nil || attempts == limit || ctx.Err() != nil || ResponseTo(err) != TryAgain {
			return attempts, err
		}
		if b.sleep(ctx, delay) != nil {
			return attempts, err // what CloudTrail said tells more than "deadline exceeded"
		}
		delay = min(2*delay, highest)
	}
}
