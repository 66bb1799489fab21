package trail

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
)

// sweepers is how many trails a sweep looks at at one time.
const sweepers = 8

// Sweep reconciles every desired trail, applies the rules for new trails to all
// others, and reports what no configuration shows. It goes on after a failure;
// the error joins those of the trails. Outcomes are in the order of the spec, then
// of List.
func (r *Reconciler) Sweep(ctx context.Context, s Spec) ([]Outcome, error) {
	subjects, listErr := r.subjects(ctx, s)
	outcomes, err := inParallel(subjects, func(x subject) (Outcome, error) {
		if x.rule != nil {
			return r.newTrail(ctx, s, x.desired, *x.rule, nil)
		}
		return r.inspect(ctx, s, x.desired)
	})
	return outcomes, errors.Join(listErr, err)
}

// subject is a trail that a sweep looks at. Rule is nil for one that is desired.
type subject struct {
	desired Desired
	rule    *Rule
}

// subjects gives the desired trails, and those that a rule for new trails is about.
func (r *Reconciler) subjects(ctx context.Context, s Spec) (all []subject, err error) {
	for _, d := range s.Trails {
		if s.Counts(d.HomeRegion) {
			all = append(all, subject{desired: d})
		}
	}
	if len(s.NewTrails) == 0 {
		return all, nil
	}
	var refs []Ref
	_, err = r.Backoff.try(ctx, func() error { refs, err = r.API.List(ctx); return err })
	if err != nil {
		return all, fmt.Errorf("listing trails for the rules of new trails: %w", err)
	}
	for _, ref := range refs {
		a, ok := parseARN(ref.Trail)
		if !ok || a.resource == "" || !s.Counts(ref.Region) {
			continue
		}
		if d, rule := s.find(a.resource, ref.Region); rule != nil && rule.Action != NewTrailIgnore {
			all = append(all, subject{d, rule})
		}
	}
	return all, nil
}

// inspect reconciles a trail and adds the findings about its health.
func (r *Reconciler) inspect(ctx context.Context, s Spec, d Desired) (Outcome, error) {
	run := r.begin(s, d, nil)
	err := run.reconcile(ctx)
	if run.observed != nil && run.out.Left == "" {
		for _, x := range run.health(ctx) {
			if s.Action(d, x.Field) != Ignore {
				run.seen[x.Field], run.reported[x.Field] = x, "found by a sweep"
			}
		}
	}
	return run.end(ctx, err)
}

// inParallel looks at some subjects at a time, and gives what was found in their
// order.
func inParallel[T any](subjects []subject, look func(subject) (T, error)) ([]T, error) {
	found, errs := make([]T, len(subjects)), make([]error, len(subjects))
	free := make(chan struct{}, sweepers)
	var all sync.WaitGroup
	for _, i := range spread(subjects) {
		free <- struct{}{}
		all.Go(func() {
			defer func() { <-free }()
			found[i], errs[i] = look(subjects[i])
		})
	}
	all.Wait()
	return found, errors.Join(errs...)
}

// spread gives an order in which neighbours are in different Regions as far as that
// goes: CloudTrail limits the calls a second by Region.
//
// https://docs.aws.amazon.com/general/latest/gr/ct.html
func spread(subjects []subject) (order []int) {
	turn, before := make([]int, len(subjects)), map[string]int{}
	for i, x := range subjects {
		order = append(order, i)
		turn[i] = before[x.desired.HomeRegion]
		before[x.desired.HomeRegion]++
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(turn[a], turn[b]) })
	return order
}
