package trail

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"
)

// end sorts the drifts by what became of them, remembers the open ones, publishes,
// and hands on the outcome.
func (r *run) end(ctx context.Context, err error) (Outcome, error) {
	maps.Copy(r.failures, r.pending)
	for _, f := range slices.Sorted(maps.Keys(r.seen)) {
		x := r.seen[f]
		switch {
		case r.failures[f] != nil:
			x.Why = r.failures[f].Error()
			r.out.Failed = append(r.out.Failed, x)
		case r.reported[f] == "":
			r.out.Repaired = append(r.out.Repaired, x)
		}
	}
	r.out.Reported = r.reports()
	open := r.date()
	told, publishErr := r.publish(ctx)
	r.settle(ctx, open, told)
	err = errors.Join(err, publishErr)
	if r.Report != nil {
		r.Report(r.out, err)
	}
	return r.out, err
}

// reports gives the drifts that were reported and did not fail, with the reasons.
func (r *run) reports() (list []Drift) {
	for _, f := range slices.Sorted(maps.Keys(r.reported)) {
		if r.failures[f] != nil {
			continue
		}
		x := r.seen[f]
		x.Why = strings.Join(nonEmpty(x.Why, r.reported[f]), "; ")
		list = append(list, x)
	}
	return list
}

func nonEmpty(texts ...string) []string {
	return slices.DeleteFunc(texts, func(s string) bool { return s == "" })
}

// date finds out when the drifts began, and gives that of the open ones.
func (r *run) date() (open map[Field]time.Time) {
	open = map[Field]time.Time{}
	for f := range r.seen {
		began := r.began(f)
		if !began.IsZero() && (r.out.Since.IsZero() || began.Before(r.out.Since)) {
			r.out.Since = began
		}
		if r.failures[f] != nil || r.reported[f] != "" {
			open[f] = began
			if began.IsZero() {
				open[f] = r.now
			}
		}
	}
	return open
}

// settle remembers which drifts are open, and what was told of them.
func (r *run) settle(ctx context.Context, open map[Field]time.Time, told *telling) {
	if len(open)+len(r.memory.Since) == 0 && told == nil && r.memory.Told == nil {
		return
	}
	if _, err := r.remember(ctx, r.desired, func(m *memory) bool { return m.settle(open, told) }); err != nil {
		r.Log.Error("the beginning of a drift is not remembered", "trail", r.desired.Name, "error", err)
	}
}

// began is when a drift began: as remembered, as the event says, or as the trail's
// status says; zero when nobody knows.
func (r *run) began(f Field) time.Time {
	if t, ok := r.memory.Since[f]; ok {
		return t
	}
	if c := r.out.Cause; c != nil && c.canCause(f) {
		return c.Time
	}
	if f == IsLogging && r.observed != nil {
		return r.observed.Status.StopLoggingTime
	}
	return time.Time{}
}
