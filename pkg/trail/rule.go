package trail

import (
	"context"
	"fmt"
	"maps"
)

// Rule says what to do with a trail that nobody asked for.
type Rule struct {
	// NamePattern is matched against the trail's name; * stands for any text.
	NamePattern string
	Action      NewTrail
	// Conform is what such a trail should be, under Action NewTrailConform; its
	// Name and HomeRegion are the trail's.
	Conform Desired
}

// NewTrail is what a [Rule] does.
type NewTrail string

// What can be done with a new trail.
const (
	NewTrailIgnore  NewTrail = "ignore"
	NewTrailReport  NewTrail = "report"
	NewTrailConform NewTrail = "conform"
	NewTrailDelete  NewTrail = "delete"
)

// newTrail applies a rule to a trail that nobody asked for.
func (r *Reconciler) newTrail(ctx context.Context, s Spec, d Desired, rule Rule, cause *Cause) (Outcome, error) {
	switch rule.Action {
	case NewTrailConform:
		return r.conform(ctx, s, d, cause)
	case NewTrailReport, NewTrailDelete:
		run := r.begin(s, d, cause)
		err := run.unwanted(ctx, rule)
		return run.end(ctx, err)
	}
	return Outcome{Name: d.Name, Region: d.HomeRegion, Cause: cause, Left: "no desired trail has this name"}, nil
}

// conform holds a trail that is there to its rule; it does not bring back one that
// was deleted.
func (r *Reconciler) conform(ctx context.Context, s Spec, d Desired, cause *Cause) (Outcome, error) {
	if cause != nil && cause.is(DeleteTrail) {
		return Outcome{Name: d.Name, Region: d.HomeRegion, Cause: cause, Left: "deleted, and no desired trail has this name"}, nil
	}
	d.Policy.Fields = conforming(d.Policy.Fields)
	if cause == nil {
		return r.inspect(ctx, s, d)
	}
	return r.One(ctx, s, d, cause)
}

// conforming gives the policy of a trail that is not made again.
func conforming(policy map[Field]Action) map[Field]Action {
	fields := maps.Clone(policy)
	if fields == nil {
		fields = map[Field]Action{}
	}
	fields[Exists] = Ignore
	return fields
}

// unwanted reports a trail that nobody asked for, or deletes it. It deletes only on
// the event of its creation: a sweep cannot tell a new trail from one that was there
// before the rule.
func (r *run) unwanted(ctx context.Context, rule Rule) error {
	if err := r.look(ctx); err != nil || r.observed == nil || r.out.Left != "" {
		return err
	}
	r.recall(ctx)
	x := Drift{Field: Exists, Want: false, Got: true}
	r.seen[Exists] = x
	if held := r.memory.held(r.observed, r.now); held != "" {
		r.reported[Exists], r.out.Held = held, held
		return nil
	}
	created := r.out.Cause != nil && r.out.Cause.is(CreateTrail)
	if rule.Action != NewTrailDelete || !created || r.spec.ReportOnly {
		r.reported[Exists] = rule.reason()
		return nil
	}
	if len(r.guard(ctx, []Drift{x})) > 0 {
		return r.remove(ctx)
	}
	return nil
}

// remove deletes the trail, and looks again after a failure that may have passed: the
// trail may be gone all the same.
func (r *run) remove(ctx context.Context) error {
	for range rounds {
		clear(r.pending)
		r.apply(ctx, []Call{{Operation: DeleteTrail, Region: r.observed.HomeRegion, Trail: r.observed.ARN, Fields: []Field{Exists}}})
		if len(r.pending) == 0 || ctx.Err() != nil {
			break
		}
		if err := r.look(ctx); err != nil {
			return err
		}
		if r.observed == nil {
			clear(r.pending)
			break
		}
	}
	return r.stillPending()
}

// reason says why a trail that nobody asked for is reported.
func (rule *Rule) reason() string {
	return fmt.Sprintf("no desired trail has this name; the rule for %q is %s", rule.NamePattern, rule.Action)
}
