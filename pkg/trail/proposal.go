package trail

import (
	"context"
	"errors"
)

// Proposal is what could be done about one trail. It was only looked at.
type Proposal struct {
	Name, Region string
	// ARN is empty for a trail that is not there.
	ARN string
	// Repair are the drifts that Calls put right.
	Repair []Drift
	// Report are the drifts that are only reported; Why says why.
	Report []Drift
	// Make are the settings of a trail that Calls make, those too that are CloudTrail's
	// defaults. Got is nil.
	Make  []Drift
	Calls []Call
	// Left says why nothing is proposed, since the trail is not ours to change or
	// cannot be observed; empty otherwise.
	Left string
}

// Propose looks at every trail that a sweep would look at, and says what it would
// repair and by which calls. Nothing is changed, published or remembered, and neither
// guard nor break-glass holds count: who asks is a person who decides. Proposals are
// in the order of Sweep's outcomes.
func (r *Reconciler) Propose(ctx context.Context, s Spec) ([]Proposal, error) {
	subjects, listErr := r.subjects(ctx, s)
	proposals, err := inParallel(subjects, func(x subject) (Proposal, error) {
		if x.rule != nil {
			return r.proposeByRule(ctx, s, x.desired, x.rule)
		}
		return r.propose(ctx, s, x.desired)
	})
	return proposals, errors.Join(listErr, err)
}

func (r *Reconciler) propose(ctx context.Context, s Spec, d Desired) (Proposal, error) {
	run := r.begin(s, d, nil)
	p, err := run.empty(ctx)
	if err != nil || p.Left != "" {
		return p, err
	}
	want := d.withProfiles(run.observed)
	p.Repair = run.decide(want.mark(Diff(want, run.observed), run.observed))
	run.noteUnread(want)
	p.Report = run.reports()
	p.Calls = Plan(want, run.observed, p.Repair)
	if run.observed == nil && len(p.Calls) > 0 {
		p.Make = want.mark(want.settings(), nil)
	}
	return p, nil
}

// proposeByRule is for a trail that nobody asked for.
func (r *Reconciler) proposeByRule(ctx context.Context, s Spec, d Desired, rule *Rule) (Proposal, error) {
	if rule.Action == NewTrailConform {
		d.Policy.Fields = conforming(d.Policy.Fields)
		return r.propose(ctx, s, d)
	}
	run := r.begin(s, d, nil)
	p, err := run.empty(ctx)
	if p.Left == "" && run.observed != nil {
		p.Report = []Drift{{Field: Exists, Want: false, Got: true, Why: rule.reason()}}
	}
	return p, err
}

// empty looks at the trail, and gives a proposal without drifts.
func (r *run) empty(ctx context.Context) (Proposal, error) {
	err := r.look(ctx)
	p := Proposal{Name: r.out.Name, Region: r.out.Region, ARN: r.out.ARN, Left: r.out.Left}
	if err != nil {
		p.Left = "it could not be observed"
	}
	return p, err
}

// Apply makes the calls of a proposal, and tells what became of each. The error joins
// theirs. A call is not made when one that it needs failed.
func (r *Reconciler) Apply(ctx context.Context, p Proposal, tell func(Result)) error {
	var errs []error
	for _, c := range p.Calls {
		result := r.call(ctx, c)
		tell(result)
		errs = append(errs, result.Err)
		if result.Err != nil && c.Operation == CreateTrail || ctx.Err() != nil {
			break
		}
	}
	return errors.Join(errs...)
}
