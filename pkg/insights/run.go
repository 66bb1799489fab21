package insights

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"
)

// ErrConflict is what a Store returns when the stored version is not the expected one.
var ErrConflict = errors.New("the stored state has another version")

const (
	conflicts    = 10 // how often a Run begins again before it gives up
	aheadMinutes = 10 // how far a tally may be ahead of the clock
)

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

// Runner applies batches to the stored states. Several states may be run side by side, but of those
// that are in parts one at a time: a million keys take 400 MB.
type Runner struct {
	Store     Store
	Publisher Publisher
	Config    Config
	Now       func() time.Time
	Log       *slog.Logger

	large sync.Mutex // held while a state is in memory that is stored in parts
}

// Outcome is what one Run did.
type Outcome struct {
	Added       []Added      // one for each batch
	Transitions []Transition // published by this run, those left over by a crash included
	Watermark   time.Time
	Unjudged    int // keys and minutes that were learned and not judged, as 10,000 insights were open
	Conflicts   int // how often another run saved first, and this one began again
}

// Run loads the state, adds the batches (all of one account and Region; none for the clock's
// tick), closes what is complete, saves, publishes, and saves again. It may be called again after
// any failure: calls count once, and each transition keeps its ids.
//
// The first save keeps the transitions as unsent, the second one forgets them. A crash between
// the two publishes them again, under the same ids; one before the first save decides them again.
func (r *Runner) Run(ctx context.Context, account, region string, batches []Batch) (Outcome, error) {
	var last error
	for n := range conflicts {
		out, err := r.once(ctx, account, region, batches)
		out.Conflicts = n
		if !errors.Is(err, ErrConflict) {
			if err != nil {
				return out, fmt.Errorf("rates of %s %s: %w", account, region, err)
			}
			return out, nil
		}
		last = err
		r.Log.Info("state changed meanwhile, beginning again", "account", account, "region", region)
	}
	return Outcome{Conflicts: conflicts}, fmt.Errorf("rates of %s %s: %d times: %w", account, region, conflicts, last)
}

func (r *Runner) once(ctx context.Context, account, region string, batches []Batch) (Outcome, error) {
	o, version, done, err := r.turn(ctx, account, region)
	defer done()
	if err != nil {
		return Outcome{}, err
	}
	s, err := r.whole(ctx, o)
	if err != nil {
		return Outcome{}, err
	}
	var out Outcome
	now := r.Now()
	s.horizon = minuteOf(now) + aheadMinutes
	for _, b := range batches {
		out.Added = append(out.Added, s.Add(b))
	}
	s.unsent = append(s.unsent, s.Advance(now)...)
	out.Watermark, out.Unjudged = s.Watermark(), s.unjudged
	version, err = r.save(ctx, s, version)
	if err != nil {
		return Outcome{}, err
	}
	if len(s.unsent) == 0 {
		return out, nil
	}
	if err := r.Publisher.Publish(ctx, s.unsent); err != nil {
		return out, fmt.Errorf("publishing %d transitions: %w", len(s.unsent), err)
	}
	out.Transitions, s.unsent = s.unsent, nil
	if _, err := r.save(ctx, s, version); err != nil && !errors.Is(err, ErrConflict) {
		return out, err
	}
	// After a conflict another run holds the unsent transitions, and publishes them again.
	return out, nil
}

// turn opens a state as soon as it may be in memory, which it may until done is called.
func (r *Runner) turn(ctx context.Context, account, region string) (o *opened, version string, done func(), err error) {
	o, version, err = r.open(ctx, account, region)
	if err != nil || len(o.state.parts) == 0 {
		return o, version, func() {}, err
	}
	if !r.large.TryLock() {
		r.large.Lock()
		o, version, err = r.open(ctx, account, region) // others may have saved meanwhile
	}
	return o, version, r.large.Unlock, err
}

// open loads a snapshot, or makes the state that has observed nothing.
func (r *Runner) open(ctx context.Context, account, region string) (*opened, string, error) {
	data, version, err := r.Store.Load(ctx, account, region)
	if err != nil {
		return nil, "", fmt.Errorf("loading the state: %w", err)
	}
	if version == "" {
		return &opened{state: NewState(account, region, r.Config)}, "", nil
	}
	o, err := open(data, r.Config)
	if err == nil && (o.state.account != account || o.state.region != region) {
		err = fmt.Errorf("the stored state is that of %s %s", o.state.account, o.state.region)
	}
	return o, version, err
}

// whole loads the parts of a state.
func (r *Runner) whole(ctx context.Context, o *opened) (*State, error) {
	if o.rest == nil {
		return o.state, nil
	}
	if err := r.loadParts(ctx, o.state); err != nil {
		return nil, fmt.Errorf("loading the state: %w", err)
	}
	return o.finish()
}

func (r *Runner) loadParts(ctx context.Context, s *State) error {
	if len(s.parts) == 0 {
		return nil
	}
	if store, ok := r.Store.(Parts); ok {
		return s.readParts(ctx, store)
	}
	return ErrParts
}

// save swaps the snapshot, after its parts were written.
func (r *Runner) save(ctx context.Context, s *State, version string) (string, error) {
	store, ok := r.Store.(Parts)
	if !ok {
		data, err := s.Encode()
		if err != nil {
			return "", err
		}
		return r.swap(ctx, s, data, version)
	}
	before := slices.Clone(s.parts)
	keys, err := s.writeParts(ctx, store, r.Now())
	if err != nil {
		return "", err
	}
	data, err := s.encode(s.orderOf(keys, s.buckets), s.generation, s.parts)
	if err != nil {
		return "", err
	}
	version, err = r.swap(ctx, s, data, version)
	if err == nil && !slices.Equal(before, s.parts) {
		if err := s.sweep(ctx, store); err != nil { // what is left is deleted next time
			r.Log.Warn("stale parts remain", "account", s.account, "region", s.region, "error", err.Error())
		}
	}
	return version, err
}

func (r *Runner) swap(ctx context.Context, s *State, data []byte, version string) (string, error) {
	version, err := r.Store.Save(ctx, s.account, s.region, data, version)
	if err != nil {
		return "", fmt.Errorf("saving the state: %w", err)
	}
	return version, nil
}
