package trail

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"
)

// run is one reconciliation of one trail.
type run struct {
	*Reconciler
	spec     Spec
	desired  Desired
	now      time.Time
	memory   memory
	observed *Observed
	seen     map[Field]Drift  // every drift of this run, as first seen
	counted  map[Field]bool   // the guard knows of its repair
	reported map[Field]string // why a drift is not repaired
	failures map[Field]error  // why a drift could not be repaired
	pending  map[Field]error  // the same, for reasons that may have passed on another look
	out      Outcome
}

// rounds is how often a run looks again after a call that failed for a reason that
// may have passed, or that was applied although it failed.
const rounds = 4

func (r *run) reconcile(ctx context.Context) error {
	var want Desired
	for round := range rounds {
		if err := r.look(ctx); err != nil || r.out.Left != "" {
			return err
		}
		if round == 0 {
			r.recall(ctx)
		}
		clear(r.pending) // what was pending either differs still or was applied
		want = r.desired.withProfiles(r.observed)
		repair := r.guard(ctx, r.decide(want.mark(Diff(want, r.observed), r.observed)))
		r.apply(ctx, Plan(want, r.observed, repair))
		if len(r.pending) == 0 || r.out.Left != "" || ctx.Err() != nil {
			break
		}
	}
	r.noteUnread(want)
	return r.stillPending()
}

// look observes the trail, and notes why it is not ours to change if it is not.
func (r *run) look(ctx context.Context) error {
	observed, err := r.observe(ctx, r.desired)
	if err != nil {
		return err
	}
	r.observed = observed
	r.out.Left = r.foreign()
	if c := r.out.Cause; c != nil && c.elsewhere(r.home()) {
		r.out.Cause = nil
	}
	return nil
}

// home is the account whose trail it is; "" when that is not known.
func (r *run) home() string {
	if r.observed != nil {
		return AccountOf(r.observed.ARN)
	}
	return r.Account
}

// stillPending is the error of what may succeed another time.
func (r *run) stillPending() error {
	var errs []error
	if r.observed != nil {
		errs = append(errs, r.desired.passing(r.observed.Unread))
	}
	for _, f := range slices.Sorted(maps.Keys(r.pending)) {
		errs = append(errs, fmt.Errorf("trail %s: %s: %w", r.desired.Name, f, r.pending[f]))
	}
	return errors.Join(errs...)
}

// noteUnread reports the managed settings that could not be read.
func (r *run) noteUnread(want Desired) {
	if r.observed == nil {
		return
	}
	for f, err := range r.observed.Unread {
		_, known := r.seen[f]
		if w := want.Wants(f); w != nil && !known && r.spec.Action(r.desired, f) != Ignore {
			r.seen[f] = Drift{Field: f, Want: w}
			r.reported[f] = "it could not be read: " + err.Error()
		}
	}
}

// foreign tells why a trail is not ours to change; "" when it is.
func (r *run) foreign() string {
	o := r.observed
	if o == nil {
		return ""
	}
	r.out.ARN = o.ARN
	if o.HomeRegion != r.desired.HomeRegion {
		return "it is the shadow of a trail in " + o.HomeRegion
	}
	a, _ := parseARN(o.ARN)
	if r.Account != "" && a.account != r.Account && !value(r.desired.IsOrganizationTrail) {
		return "it is the copy of the organization trail of account " + a.account
	}
	return ""
}

// recall reads what is remembered of the trail. A trail that logs matters more
// than a count of repairs, so that without a memory the run goes on.
func (r *run) recall(ctx context.Context) {
	m, err := r.remember(ctx, r.desired, func(m *memory) bool { return m.open(r.spec.BreakGlass, r.out.Cause) })
	if err != nil {
		r.Log.Error("repairing without guard and hold: the state cannot be read", "trail", r.desired.Name, "error", err)
	}
	r.memory = m
}

// decide gives the drifts to repair in this round and notes why the others are not.
func (r *run) decide(drifts []Drift) (repair []Drift) {
	held := r.memory.held(r.observed, r.now)
	for _, x := range drifts {
		action := r.spec.Action(r.desired, x.Field)
		if action == Ignore {
			continue
		}
		if _, known := r.seen[x.Field]; !known {
			r.seen[x.Field] = x
		}
		switch {
		case action == Report:
			r.reported[x.Field] = "reported only, as configured"
		case x.Want == anyValue:
			r.reported[x.Field] = "which one is for a person to say"
		case held != "":
			r.reported[x.Field], r.out.Held = held, held
		case r.failures[x.Field] == nil:
			repair = append(repair, x)
		}
	}
	return repair
}

// guard counts the repairs, each field once in a run, and fails those that another
// undoes again and again; it gives the others.
func (r *run) guard(ctx context.Context, repair []Drift) []Drift {
	var fields []Field
	for _, x := range repair {
		if !r.counted[x.Field] {
			r.counted[x.Field] = true
			fields = append(fields, x.Field)
		}
	}
	if len(fields) == 0 {
		return repair
	}
	var tooOften []Field
	_, err := r.remember(ctx, r.desired, func(m *memory) (noted bool) {
		tooOften, noted = m.count(r.spec.Guard, fields, r.now)
		return noted
	})
	if err != nil {
		r.Log.Error("a repair is not counted: the state cannot be written", "trail", r.desired.Name, "error", err)
	}
	g := r.spec.Guard.orDefault()
	for _, f := range tooOften {
		r.failures[f] = fmt.Errorf("stopped: %s was repaired %d times within %s, something keeps changing it back", f, g.Repairs, g.Window)
	}
	return slices.DeleteFunc(repair, func(x Drift) bool { return r.failures[x.Field] != nil })
}

// apply makes the calls and notes which drifts failed: for good, or pending
// another look.
func (r *run) apply(ctx context.Context, calls []Call) {
	for i, c := range calls {
		result := r.call(ctx, c)
		r.out.Calls = append(r.out.Calls, result)
		if result.Err == nil {
			continue
		}
		failed := r.failures
		switch ResponseTo(result.Err) {
		case LookAgain, TryAgain:
			failed = r.pending
		case LeaveAlone:
			r.leave(calls[i:], result.Err)
			return
		case TellOperator:
		}
		for _, f := range c.Fields {
			failed[f] = errors.Join(failed[f], result.Err)
		}
		if c.Operation == CreateTrail {
			return // what follows needs the trail
		}
	}
}

// leave gives up a trail that turned out not to be ours to change.
func (r *run) leave(calls []Call, err error) {
	r.out.Left = err.Error()
	for _, c := range calls {
		for _, f := range c.Fields {
			r.reported[f] = r.out.Left
		}
	}
}
