package trail

import (
	"context"
	"errors"
	"fmt"
	"sync"
)

// sweepers is how many trails a sweep looks at at one time. CloudTrail allows ten
// calls a second of most operations in an account and Region.
const sweepers = 8

// Sweep reconciles every desired trail, applies the rules for new trails to all
// others, and reports what no configuration shows. It goes on after a failure;
// the error joins those of the trails. Outcomes are in the order of the spec, then
// of List.
func (r *Reconciler) Sweep(ctx context.Context, s Spec) ([]Outcome, error) {
	jobs := make([]func() (Outcome, error), 0, len(s.Trails))
	for _, d := range s.Trails {
		if s.counts(d.HomeRegion) {
			jobs = append(jobs, func() (Outcome, error) { return r.inspect(ctx, s, d) })
		}
	}
	others, listErr := r.others(ctx, s)
	for _, d := range others {
		_, rule := s.find(d.Name, d.HomeRegion)
		jobs = append(jobs, func() (Outcome, error) { return r.newTrail(ctx, s, d, *rule, nil) })
	}
	outcomes, err := inParallel(jobs)
	return outcomes, errors.Join(listErr, err)
}

// others lists the trails that a rule for new trails is about.
func (r *Reconciler) others(ctx context.Context, s Spec) (others []Desired, err error) {
	if len(s.NewTrails) == 0 {
		return nil, nil
	}
	var refs []Ref
	_, err = r.Backoff.try(ctx, func() error { refs, err = r.API.List(ctx); return err })
	if err != nil {
		return nil, fmt.Errorf("listing trails for the rules of new trails: %w", err)
	}
	for _, ref := range refs {
		a, ok := parseARN(ref.Trail)
		if !ok || a.resource == "" || !s.counts(ref.Region) {
			continue
		}
		if d, rule := s.find(a.resource, ref.Region); rule != nil && rule.Action != NewTrailIgnore {
			others = append(others, d)
		}
	}
	return others, nil
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

func inParallel[T any](jobs []func() (T, error)) ([]T, error) {
	results, errs := make([]T, len(jobs)), make([]error, len(jobs))
	free := make(chan struct{}, sweepers)
	var all sync.WaitGroup
	for i, job := range jobs {
		free <- struct{}{}
		all.Go(func() {
			defer func() { <-free }()
			results[i], errs[i] = job()
		})
	}
	all.Wait()
	return results, errors.Join(errs...)
}
