package trail

import (
	"context"
	"slices"
	"testing"
)

func TestASweepGoesFromRegionToRegion(t *testing.T) {
	var subjects []subject
	for _, region := range []string{"a", "a", "a", "b", "c", "c"} {
		subjects = append(subjects, subject{desired: Desired{HomeRegion: region}})
	}
	if got, want := spread(subjects), []int{0, 3, 4, 1, 5, 2}; !slices.Equal(got, want) {
		t.Errorf("the order is %v, want %v", got, want)
	}
}

func TestASweepLooksAtTheHealthOfATrailThatARuleHolds(t *testing.T) {
	o := whole(complete())
	o.Status.LatestDeliveryError = "AccessDenied"
	b := newBench(o)
	b.Policies = policies("")
	spec := Spec{Mode: Repair, NewTrails: []Rule{{NamePattern: "*", Action: NewTrailConform, Conform: Desired{IsLogging: ptr(true)}}}}
	outcomes, err := b.Sweep(context.Background(), spec)
	if err != nil || len(outcomes) != 1 {
		t.Fatalf("%+v, %v", outcomes, err)
	}
	if got := fieldsOf(outcomes[0].Reported); !slices.Equal(got, []Field{LatestDeliveryError, LogBucketPolicy}) {
		t.Errorf("reported %v", got)
	}
}
