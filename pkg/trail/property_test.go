package trail

import (
	"context"
	"errors"
	"sync"
	"testing"
)

const cases = 3000

func TestPlanLeavesNothingOfTheDiffInEachOperationOnce(t *testing.T) {
	for seed := range uint64(cases) {
		d := roll(seed)
		want, have := d.desired(), d.observed()
		m := newModel()
		if have != nil {
			m.trails[have.Name] = have
		}
		before := m.see(want.Name)
		once := map[Operation]bool{}
		for _, c := range Plan(want, before, Diff(want, before)) {
			if once[c.Operation] {
				t.Errorf("seed %d: %s is called twice", seed, c.Operation)
			}
			once[c.Operation] = true
			if err := m.do(c); err != nil {
				t.Fatalf("seed %d: %v\ncall %+v", seed, err, c)
			}
		}
		after := m.see(want.Name)
		if drifts := Diff(want, after); len(drifts) > 0 {
			t.Fatalf("seed %d: %+v is left\nof %+v\nin  %+v", seed, drifts, want, after)
		}
		if calls := Plan(want, after, nil); len(calls) > 0 {
			t.Errorf("seed %d: no drift, yet a plan: %+v", seed, calls)
		}
	}
}

func TestPlanTouchesOnlyTheDriftsThatItIsGiven(t *testing.T) {
	for seed := range uint64(cases) {
		d := roll(seed)
		want, have := d.desired(), d.observed()
		if have == nil {
			continue
		}
		m := newModel(have)
		before := m.see(want.Name)
		drifts := Diff(want, before)
		if len(drifts) == 0 {
			continue
		}
		one := drifts[d.IntN(len(drifts))]
		refused := false
		for _, c := range Plan(want, before, []Drift{one}) {
			if len(c.Fields) != 1 || c.Fields[0] != one.Field {
				t.Errorf("seed %d: asked to repair %s, the call is for %v", seed, one.Field, c.Fields)
			}
			var f *Fault // CloudTrail refuses half a pair, when the other half was not to be repaired
			if err := m.do(c); errors.As(err, &f) && f.Code == "InvalidParameterCombinationException" {
				refused = true
			} else if err != nil {
				t.Fatal(err)
			}
		}
		for _, left := range Diff(want, m.see(want.Name)) {
			if left.Field == one.Field && !refused {
				t.Errorf("seed %d: %s is not repaired", seed, one.Field)
			}
		}
	}
}

// unreliable fails one call in ten; half of those are applied all the same.
func unreliable(d dice) func(Operation) (error, bool) {
	return func(o Operation) (error, bool) {
		switch d.IntN(20) {
		case 0:
			return &Fault{Operation: string(o), Code: "ThrottlingException", Message: "Rate exceeded"}, false
		case 1:
			return errors.New("connection reset by peer"), o != "Observe"
		}
		return nil, false
	}
}

// disturb makes a random change, as somebody else would.
func (m *model) disturb(d dice) {
	m.mu.Lock()
	defer m.mu.Unlock()
	o := m.trails["audit"]
	if o == nil {
		return
	}
	other := d.observed()
	switch d.IntN(8) {
	case 0:
		o.IsLogging = false
	case 1:
		o.Selectors = d.selectors()
	case 2:
		o.Insights = nil
	case 3:
		o.Tags = d.tags("Owner", "Surplus")
	case 4:
		o.Aggregations = d.aggregations()
	case 5, 6:
		if other != nil {
			o.Attributes = other.Attributes
		}
	case 7:
		delete(m.trails, "audit")
	}
}

func TestAThousandChangesUnderFailuresEndAsDesired(t *testing.T) {
	for seed := range uint64(8) {
		d := roll(seed)
		want := d.desired()
		b := newBench(&Observed{Name: "audit", ARN: arnOf("audit"), HomeRegion: home})
		b.model.fault = unreliable(d)
		spec := Spec{Mode: Repair, Trails: []Desired{want}, Guard: Guard{Repairs: 1 << 20}}
		for range 1000 {
			b.model.disturb(d)
			if d.IntN(3) > 0 {
				_, _ = b.Sweep(context.Background(), spec) // may fail: the next one goes on
			}
		}
		b.model.fault = newModel().fault
		if _, err := b.Sweep(context.Background(), spec); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		b.whole(t, want)
	}
}

func TestTwoReconcilersAtOnceSettle(t *testing.T) {
	for seed := range uint64(100) {
		d := roll(seed)
		want, have := d.desired(), d.observed()
		if have == nil {
			have = &Observed{Name: "gone", ARN: arnOf("gone"), HomeRegion: home}
		}
		b := newBench(have)
		spec := Spec{Mode: Repair, Trails: []Desired{want}}
		var both sync.WaitGroup
		for range 2 {
			both.Go(func() {
				if _, err := b.One(context.Background(), spec, want, nil); err != nil {
					t.Errorf("seed %d: %v", seed, err)
				}
			})
		}
		both.Wait()
		b.whole(t, want)
		b.operations()
		if _, err := b.Sweep(context.Background(), spec); err != nil {
			t.Error(err)
		}
		if again := b.operations(); len(again) > 0 {
			t.Errorf("seed %d: the trail is whole, and the reconciler calls %v", seed, again)
		}
	}
}
