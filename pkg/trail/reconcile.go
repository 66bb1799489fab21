package trail

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/trailhand/trailhand/pkg/events"
)

// API is the part of CloudTrail that a reconciler needs. Errors that CloudTrail
// answered are a *[Fault].
type API interface {
	// List gives the trails of the account in all Regions.
	List(ctx context.Context) ([]Ref, error)
	// Observe reads a trail; nil without an error when there is none.
	Observe(ctx context.Context, r Ref) (*Observed, error)
	// Do makes one call.
	Do(ctx context.Context, c Call) error
}

// ErrConflict is what a Store returns when the stored version is not the
// expected one.
var ErrConflict = errors.New("the stored state has another version")

// Store keeps what must survive a cold start, one small document a trail.
type Store interface {
	// Load returns nil data and an empty version when there is no document.
	Load(ctx context.Context, name string) (data []byte, version string, err error)
	// Save writes only if the stored version is ifVersion (empty: only if there
	// is none), and returns an error that wraps ErrConflict otherwise.
	Save(ctx context.Context, name string, data []byte, ifVersion string) (version string, err error)
}

// Publisher puts notices on an event bus.
type Publisher interface {
	Publish(ctx context.Context, n Notice) error
}

// Reconciler keeps trails as a [Spec] wants them.
type Reconciler struct {
	API       API
	Store     Store
	Publisher Publisher
	Now       func() time.Time
	Log       *slog.Logger
	Backoff   Backoff
}

// Outcome is what was found and done about one trail.
type Outcome struct {
	Trail Ref
	ARN   string
	Cause *Cause
	// Repaired, Reported and Failed are the drifts by what became of them.
	Repaired, Reported, Failed []Drift
	// Calls are the API calls that were made.
	Calls []Result
	// Left says why the trail was left alone; empty when it was not.
	Left string
}

// Result is what became of one call. Err is nil or, as a rule, a *[Fault].
type Result struct {
	Call     Call
	Attempts int
	Err      error
}

// Event reconciles the trail that an EventBridge event concerns. An event that
// concerns no trail gives no outcome and no error.
func (r *Reconciler) Event(ctx context.Context, s Spec, e events.Envelope) ([]Outcome, error) {
	return nil, nil
}

// Sweep reconciles every desired trail, applies the rules for new trails to all
// others, and reports what no configuration shows. It goes on after a failure;
// the error joins those of the trails.
func (r *Reconciler) Sweep(ctx context.Context, s Spec) ([]Outcome, error) { return nil, nil }
