package detector

import (
	"context"
	"errors"
	"sync"

	"golang.org/x/sync/errgroup"
)

// parallelStates bounds how many states are in memory at one time. S3 is waited
// for most of a state's time: four at a time are too few for the clock of 1,000
// accounts to be done within the function's time.
const parallelStates = 16

// clock closes the minutes of every state that no log file closes. A state that
// fails does not hold up the others.
func (h *handler) clock(ctx context.Context, rep *report) error {
	var (
		mu     sync.Mutex
		failed error
		work   errgroup.Group
	)
	work.SetLimit(parallelStates)
	fail := func(err error) {
		mu.Lock()
		defer mu.Unlock()
		failed = errors.Join(failed, err)
	}
	for place, err := range h.states.Known(ctx) {
		if err != nil {
			fail(err)
			break
		}
		work.Go(func() error {
			if err := h.apply(ctx, place[0], place[1], nil, rep); err != nil {
				fail(err)
			}
			return nil
		})
	}
	_ = work.Wait() // every error is in failed
	return failed
}
