package trail

import (
	"context"
	"slices"
	"strings"
	"testing"
)

func TestAProposalChangesNothingAndAppliedPutsRight(t *testing.T) {
	ctx := context.Background()
	for seed := range uint64(300) {
		d := roll(seed)
		want, have := d.desired(), d.observed()
		b := newBench(&Observed{Name: "rest", ARN: arnOf("rest"), HomeRegion: home})
		if have != nil {
			b.model.trails["audit"] = have
		}
		spec := Spec{Mode: Repair, Trails: []Desired{want}}
		proposals, err := b.Propose(ctx, spec)
		if err != nil || len(proposals) != 1 {
			t.Fatalf("seed %d: %+v, %v", seed, proposals, err)
		}
		p := proposals[0]
		if len(b.operations()) > 0 || len(b.press.notices) > 0 || len(b.store.docs) > 0 || b.logs.Len() > 0 {
			t.Fatalf("seed %d: looking left a trace: %v %s", seed, b.store.docs, b.logs)
		}
		if drifts := Diff(want, b.model.see("audit")); len(drifts) != len(p.Repair) || len(p.Report) > 0 {
			t.Errorf("seed %d: proposed %+v of %+v", seed, p, drifts)
		}
		told := 0
		if err := b.Apply(ctx, p, func(Result) { told++ }); err != nil || told != len(p.Calls) {
			t.Errorf("seed %d: %d of %d calls told, %v", seed, told, len(p.Calls), err)
		}
		b.whole(t, want)
	}
}

func TestWhatIsNotRepairedIsProposedAsAReport(t *testing.T) {
	want := complete()
	o := whole(want)
	o.IsLogging, o.Tags = false, nil
	tests := []struct {
		name   string
		spec   func(*Spec)
		repair []Field
		report []Field
		why    string
	}{
		{"a field that is only reported", func(s *Spec) { s.Trails[0].Policy.Fields = map[Field]Action{Tags: Report} }, []Field{IsLogging}, []Field{Tags}, "reported only"},
		{"a field that is ignored", func(s *Spec) { s.Trails[0].Policy.Fields = map[Field]Action{Tags: Ignore} }, []Field{IsLogging}, nil, ""},
		{"mode report", func(s *Spec) { s.Mode = Report }, nil, []Field{IsLogging, Tags}, "reported only"},
		{"a trail of a rule", func(s *Spec) {
			s.Trails, s.NewTrails = nil, []Rule{{NamePattern: "*", Action: NewTrailReport}}
		}, nil, []Field{Exists}, "no desired trail has this name"},
		{"a trail that a rule holds to a model", func(s *Spec) {
			s.Trails, s.NewTrails = nil, []Rule{{NamePattern: "*", Action: NewTrailConform, Conform: Desired{IsLogging: ptr(true)}}}
		}, []Field{IsLogging}, nil, ""},
		{"another Region's trail", func(s *Spec) { s.Regions = []string{"us-east-1"} }, nil, nil, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			spec := Spec{Mode: Repair, Trails: []Desired{want}}
			tt.spec(&spec)
			proposals, err := newBench(o).Propose(context.Background(), spec)
			if err != nil {
				t.Fatal(err)
			}
			var p Proposal
			if len(proposals) == 1 {
				p = proposals[0]
			}
			if !slices.Equal(fieldsOf(p.Repair), tt.repair) || !slices.Equal(fieldsOf(p.Report), tt.report) {
				t.Errorf("repair %v, report %v", fieldsOf(p.Repair), fieldsOf(p.Report))
			}
			for _, x := range p.Report {
				if !strings.Contains(x.Why, tt.why) {
					t.Errorf("%s: %q does not say %q", x.Field, x.Why, tt.why)
				}
			}
		})
	}
}

func TestWhatNeedsATrailIsNotCalledWhenItCannotBeMade(t *testing.T) {
	b := newBench()
	b.model.fault = func(o Operation) (error, bool) {
		if o == CreateTrail {
			return refuse(o, "S3BucketDoesNotExist", "S3 bucket logs does not exist!"), false
		}
		return nil, false
	}
	spec := Spec{Mode: Repair, Trails: []Desired{complete()}}
	proposals, err := b.Propose(context.Background(), spec)
	if err != nil {
		t.Fatal(err)
	}
	err = b.Apply(context.Background(), proposals[0], func(Result) {})
	if calls := b.operations(); len(calls) != 1 || err == nil || !strings.Contains(err.Error(), "make the bucket") {
		t.Errorf("called %v, %v", calls, err)
	}
}

func TestATrailThatCannotBeObservedIsNotTakenForWhole(t *testing.T) {
	b := newBench(whole(complete()))
	b.model.fault = func(o Operation) (error, bool) { return refuse(o, "AccessDenied", "no"), false }
	rule := Spec{NewTrails: []Rule{{NamePattern: "*", Action: NewTrailReport}}}
	for _, spec := range []Spec{{Trails: []Desired{complete()}}, rule} {
		proposals, err := b.Propose(context.Background(), spec)
		if err == nil || len(proposals) != 1 || proposals[0].Left == "" {
			t.Errorf("%+v, %v", proposals, err)
		}
	}
}
