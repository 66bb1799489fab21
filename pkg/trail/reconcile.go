package trail

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/trailhand/trailhand/pkg/events"
)

// API is the part of CloudTrail that a reconciler needs. Errors that CloudTrail
// answered are a *[Fault].
type API interface {
	// List gives the ARNs and home Regions of the account's trails, in all Regions.
	List(ctx context.Context) ([]Ref, error)
	// Observe reads a trail as it is seen in a Region; nil without an error when
	// there is none. What is seen may be the shadow of a trail of another Region
	// or account.
	Observe(ctx context.Context, r Ref) (*Observed, error)
	// Do makes one call.
	Do(ctx context.Context, c Call) error
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
	// Policies reads bucket policies for sweeps; nil reads none.
	Policies BucketPolicies
	// Account is the account that trails are kept in; empty is any.
	Account string
	// Report is told each outcome, with its error, as soon as there is one; nil is
	// nobody. A sweep calls it from several goroutines.
	Report func(Outcome, error)
	Now    func() time.Time
	// Log takes what is neither outcome nor error.
	Log     *slog.Logger
	Backoff Backoff
}

// Outcome is what was found and done about one trail.
type Outcome struct {
	Name, Region string
	// ARN is empty for a trail that was not there.
	ARN   string
	Cause *Cause
	// Repaired, Reported and Failed are the drifts by what became of them; Why
	// of the latter two says why they were not repaired.
	Repaired, Reported, Failed []Drift
	// Calls are the API calls that were made.
	Calls []Result
	// Since is when the first of the drifts began, if that is known.
	Since time.Time
	// Left says why the trail was left alone; empty when it was not.
	Left string
	// Held says why repair is suspended; empty when it is not, or nothing drifted.
	Held string
}

// Result is what became of one call. Err is nil or, as a rule, a *[Fault].
type Result struct {
	Call     Call
	Attempts int
	Err      error
}

// Event reconciles the trail that an EventBridge event concerns. An event that
// concerns no trail gives no outcome and no error.
//
// The error says that trying again may help: CloudTrail could not be asked, a call
// failed for a passing reason, a notice was not published. What only a person can
// mend is in the outcome and in a notice, and is no error.
func (r *Reconciler) Event(ctx context.Context, s Spec, e events.Envelope) ([]Outcome, error) {
	ref, cause, concerned, err := Concern(e)
	if err != nil || !concerned {
		return nil, err
	}
	name, region := ref.Trail, ref.Region
	if a, ok := parseARN(ref.Trail); ok {
		name = a.resource
	}
	d, rule := s.find(name, region)
	if rule != nil {
		o, err := r.newTrail(ctx, s, d, *rule, &cause)
		return []Outcome{o}, err
	}
	o, err := r.One(ctx, s, d, &cause)
	return []Outcome{o}, err
}

// find gives the desired trail of that name and Region, or else the rule for a
// trail that nobody asked for.
func (s Spec) find(name, region string) (Desired, *Rule) {
	for _, d := range s.Trails {
		if d.Name == name && d.HomeRegion == region {
			return d, nil
		}
	}
	rule := &Rule{Action: NewTrailIgnore}
	for i := range s.NewTrails {
		if wildcard(s.NewTrails[i].NamePattern, name) {
			rule = &s.NewTrails[i]
			break
		}
	}
	d := rule.Conform
	d.Name, d.HomeRegion = name, region
	return d, rule
}

// One reconciles one desired trail; cause is nil when no event led to it.
func (r *Reconciler) One(ctx context.Context, s Spec, d Desired, cause *Cause) (Outcome, error) {
	run := r.begin(s, d, cause)
	err := run.reconcile(ctx)
	return run.end(ctx, err)
}

func (r *Reconciler) begin(s Spec, d Desired, cause *Cause) *run {
	return &run{
		Reconciler: r, spec: s, desired: d, now: r.Now(),
		counted: map[Field]bool{}, failures: map[Field]error{}, pending: map[Field]error{}, seen: map[Field]Drift{}, reported: map[Field]string{},
		out: Outcome{Name: d.Name, Region: d.HomeRegion, Cause: cause},
	}
}

// call makes one call, again and again while that may help.
func (r *Reconciler) call(ctx context.Context, c Call) Result {
	result := Result{Call: c}
	result.Attempts, result.Err = r.Backoff.try(ctx, func() error { return r.API.Do(ctx, c) })
	return result
}

// observe reads a trail, again and again while a setting that is managed cannot be
// read for a reason that may pass. In the end the others count: a trail that is
// stopped is started, whatever its tags are.
func (r *Reconciler) observe(ctx context.Context, d Desired) (o *Observed, err error) {
	_, err = r.Backoff.try(ctx, func() error {
		o, err = r.API.Observe(ctx, Ref{Region: d.HomeRegion, Trail: d.Name})
		if err == nil && o != nil {
			err = d.passing(o.Unread)
		}
		return err
	})
	if err != nil && o == nil {
		return nil, fmt.Errorf("observing trail %s in %s: %w", d.Name, d.HomeRegion, err)
	}
	return o, nil
}

// passing is the error of the managed settings that may be readable another time.
func (d *Desired) passing(unread map[Field]error) error {
	var errs []error
	for _, f := range Settings() {
		if err := unread[f]; err != nil && d.Wants(f) != nil && ResponseTo(err) == TryAgain {
			errs = append(errs, fmt.Errorf("trail %s: %s could not be read: %w", d.Name, f, err))
		}
	}
	return errors.Join(errs...)
}
