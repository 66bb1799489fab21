package trail

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Source is the source of the events that the reconciler publishes.
const Source = "trailhand"

// The detail-types of the events that the reconciler publishes.
const (
	DriftDetected     = "Trail Drift Detected"
	DriftRepaired     = "Trail Drift Repaired"
	DriftRepairFailed = "Trail Drift Repair Failed"
)

// Notice is the detail of a published event.
type Notice struct {
	DetailType string  `json:"-"`
	Trail      string  `json:"trail"` // ARN; the name of a trail that is not there
	Name       string  `json:"name"`
	Region     string  `json:"region"`
	Fields     []Drift `json:"fields"`
	// Cause is the call that made the fields drift. Absent when that is not known:
	// on a sweep, or when the event's call cannot have done it.
	Cause *Cause `json:"cause,omitempty"`
	// Since is when the drift began, if that is known.
	Since *time.Time `json:"since,omitempty"`
	// Time is when the drift was repaired or found, or its repair failed.
	Time time.Time `json:"time"`
	// LastedSeconds is from Since to Time.
	LastedSeconds *float64 `json:"lastedSeconds,omitempty"`
}

// notices gives one notice for each thing that became of drifts.
func (o *Outcome) notices(at time.Time) []Notice {
	var list []Notice
	for _, n := range []Notice{
		{DetailType: DriftDetected, Fields: o.Reported},
		{DetailType: DriftRepaired, Fields: o.Repaired},
		{DetailType: DriftRepairFailed, Fields: o.Failed},
	} {
		if len(n.Fields) == 0 {
			continue
		}
		n.Trail, n.Name, n.Region, n.Time = o.ARN, o.Name, o.Region, at
		if n.Trail == "" {
			n.Trail = o.Name
		}
		n.Cause = o.causeOf(n.Fields)
		if !o.Since.IsZero() {
			since, lasted := o.Since, at.Sub(o.Since).Seconds()
			n.Since, n.LastedSeconds = &since, &lasted
		}
		list = append(list, n)
	}
	return list
}

func (o *Outcome) causeOf(drifts []Drift) *Cause {
	for _, x := range drifts {
		if o.Cause != nil && o.Cause.canCause(x.Field) {
			return o.Cause
		}
	}
	return nil
}

// publish publishes the notices, and gives what has been told of the open drifts: nil
// if there are none, or if not all could be told.
func (r *run) publish(ctx context.Context) (*telling, error) {
	var errs []error
	at := r.Now()
	notices := r.out.notices(at)
	told, known := tell(notices, at), r.memory.Told
	stale := told.covered(known)
	for _, n := range notices {
		if stale && n.DetailType != DriftRepaired {
			continue
		}
		if _, err := r.Backoff.try(ctx, func() error { return r.Publisher.Publish(ctx, n) }); err != nil {
			errs = append(errs, fmt.Errorf("publishing %q for trail %s: %w", n.DetailType, r.desired.Name, err))
		}
	}
	switch {
	case errs != nil:
		return nil, errors.Join(errs...)
	case stale:
		return known, nil
	}
	return told, nil
}
