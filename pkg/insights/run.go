package insights

import (
	"context"
	"errors"
	"log/slog"
	"time"
)

// ErrConflict is what a Store returns when the stored version is not the expected one.
var ErrConflict = errors.New("the stored state has another version")

// Store keeps one snapshot an account and Region.
type Store interface {
	// Load returns nil data and an empty version when there is no snapshot yet.
	Load(ctx context.Context, account, region string) (data []byte, version string, err error)
	// Save writes only if the stored version is ifVersion (empty: only if there is none), and
	// returns an error that wraps ErrConflict otherwise.
	Save(ctx context.Context, account, region string, data []byte, ifVersion string) (version string, err error)
}

// Publisher tells transitions. It may be asked to publish one again after a crash, under the
// same EventID.
type Publisher interface {
	Publish(ctx context.Context, transitions []Transition) error
}

// Runner applies batches to the stored states.
type Runner struct {
	Store     Store
	Publisher Publisher
	Config    Config
	Now       func() time.Time
	Log       *slog.Logger
}

// Outcome is what one Run did.
type Outcome struct {
	Added       []Added      // one for each batch
	Transitions []Transition // published by this run, those left over by a crash included
	Watermark   time.Time
}

// Run loads the state, adds the batches (all of one account and Region; none for the clock's
// tick), closes what is complete, saves, publishes, and saves again. It may be called again after
// any failure: calls count once, and each transition keeps its ids.
func (r *Runner) Run(ctx context.Context, account, region string, batches []Batch) (Outcome, error) {
	return Outcome{}, nil
}
