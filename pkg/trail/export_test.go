package trail

import (
	"context"
	"slices"
	"testing"
)

func TestWhatIsExportedIsWhatIsThere(t *testing.T) {
	for seed := range uint64(cases) {
		o := roll(seed).observed()
		if o == nil {
			continue
		}
		o = newModel(o).see(o.Name)
		if drifts := Diff(o.AsDesired(), o); len(drifts) > 0 {
			t.Fatalf("seed %d: %+v", seed, drifts)
		}
	}
}

func TestAnExportedTrailIsMadeAgainAsItWas(t *testing.T) {
	for seed := range uint64(cases) {
		o := roll(seed).observed()
		if o == nil {
			continue
		}
		d := o.AsDesired()
		b := newBench()
		if _, err := b.One(context.Background(), Spec{Mode: Repair}, d, nil); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		b.whole(t, d)
	}
}

func TestEverySettingIsExplained(t *testing.T) {
	for _, f := range append(Settings(), Exists) {
		e, ok := Explain(f)
		if !ok || e.Purpose == "" || len(e.Calls) == 0 {
			t.Errorf("%s: %+v", f, e)
		}
	}
	e, _ := Explain(EnableLogFileValidation)
	for _, want := range []string{"CIS AWS Foundations 3.2 (cis-l2)", "FSBP CloudTrail.4 (fsbp)"} {
		if !slices.Contains(e.Controls, want) {
			t.Errorf("%v lacks %q", e.Controls, want)
		}
	}
	for _, f := range Findings() {
		if e, ok := Explain(f); !ok || e.Purpose == "" || len(e.Calls) > 0 {
			t.Errorf("%s: %+v", f, e)
		}
	}
	if _, ok := Explain("Nonsense"); ok {
		t.Error("nonsense is explained")
	}
}

func BenchmarkDiff(b *testing.B) {
	d := complete()
	same, other := whole(d), whole(d)
	for _, f := range Settings() {
		spoil(other, f)
	}
	b.Run("of equal trails", func(b *testing.B) {
		for b.Loop() {
			if len(Diff(d, same)) > 0 {
				b.Fatal("they differ")
			}
		}
	})
	b.Run("of trails that differ in everything", func(b *testing.B) {
		for b.Loop() {
			if len(Diff(d, other)) == 0 {
				b.Fatal("they are equal")
			}
		}
	})
}

// BenchmarkRound is from an event to the repair, without a network.
func BenchmarkRound(b *testing.B) {
	d := complete()
	o := whole(d)
	bench := newBench(o)
	spec := Spec{Mode: Repair, Trails: []Desired{d}, Guard: Guard{Repairs: 1, Window: 1}}
	event := told("StopLogging", mallory, named("audit"))
	for b.Loop() {
		o.IsLogging = false
		bench.clock = bench.clock.Add(1)
		if _, err := bench.Event(context.Background(), spec, event); err != nil || !o.IsLogging {
			b.Fatal(err)
		}
		bench.press.notices, bench.model.calls = nil, nil
		bench.logs.Reset()
	}
}
