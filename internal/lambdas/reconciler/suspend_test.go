package reconciler

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/trailhand/trailhand/pkg/trail"
)

// suspended is a world with a whole trail, whose clock is moved by hand.
func suspended(t *testing.T, change func(*trail.Spec)) (w *world, clock *time.Time) {
	spec := managedSpec(t)
	change(&spec)
	w = newWorld(t, &spec)
	at := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	w.now = func() time.Time { return at }
	w.sweep()
	w.repaired()
	return w, &at
}

// undo lets somebody make a change, delivers its event, and gives the calls and the
// detail-types of what was published.
func (w *world) undo(by string, change somebody) (calls, published []string) {
	w.t.Helper()
	if err := change(context.Background(), w.client(by)); err != nil {
		w.t.Fatal(err)
	}
	calls = w.deliver()
	for _, n := range w.notices {
		published = append(published, n.DetailType)
	}
	w.notices = nil
	return calls, published
}

func TestAnotherAutomationWinsAfterSoManyRepairsAndThatIsTold(t *testing.T) {
	w, clock := suspended(t, func(s *trail.Spec) { s.Guard = trail.Guard{Repairs: 3, Window: time.Hour} })
	for i := range 3 {
		if calls, published := w.undo("mallory", stop); !slices.Equal(calls, []string{"StartLogging"}) || !slices.Equal(published, []string{trail.DriftRepaired}) {
			t.Fatalf("repair %d: %v, %v", i+1, calls, published)
		}
		*clock = clock.Add(time.Minute)
	}
	if calls, published := w.undo("mallory", stop); len(calls) > 0 || !slices.Equal(published, []string{trail.DriftRepairFailed}) {
		t.Errorf("the fourth time: %v, %v", calls, published)
	}
	if calls, published := w.undo("mallory", removeTags("Owner")); !slices.Equal(calls, []string{"AddTags"}) ||
		!slices.Contains(published, trail.DriftRepaired) {
		t.Errorf("another setting: %v, %v", calls, published)
	}
	*clock = clock.Add(time.Hour)
	if calls := w.sweep(); !slices.Equal(calls, []string{"StartLogging"}) {
		t.Errorf("after the window: %v", calls)
	}
}

func TestBreakGlassOverTheWire(t *testing.T) {
	const until = "2030-01-01T00:00:00Z"
	holdUntil := addTags(trail.HoldTag, until)
	admins := func(s *trail.Spec) {
		s.BreakGlass = trail.BreakGlass{Principals: []string{"arn:aws:iam::*:user/admin-*"}, For: time.Hour}
	}
	t.Run("what a break-glass principal changes stays for an hour", func(t *testing.T) {
		w, clock := suspended(t, admins)
		if calls, published := w.undo("admin-1", stop); len(calls) > 0 || !slices.Equal(published, []string{trail.DriftDetected}) {
			t.Errorf("%v, %v", calls, published)
		}
		if calls, _ := w.undo("mallory", removeTags("Owner")); len(calls) > 0 {
			t.Errorf("the trail is held, and yet: %v", calls)
		}
		*clock = clock.Add(time.Hour)
		if calls := w.sweep(); !slices.Equal(calls, []string{"AddTags", "StartLogging"}) {
			t.Errorf("after the hour: %v", calls)
		}
	})
	t.Run("a tag of theirs holds until it is removed, and is no drift", func(t *testing.T) {
		w, clock := suspended(t, admins)
		if calls, published := w.undo("admin-1", holdUntil); len(calls)+len(published) > 0 {
			t.Errorf("the tag is taken for drift: %v, %v", calls, published)
		}
		*clock = clock.Add(2 * time.Hour)
		if calls, published := w.undo("mallory", stop); len(calls) > 0 || !slices.Equal(published, []string{trail.DriftDetected}) {
			t.Errorf("held: %v, %v", calls, published)
		}
		if calls, _ := w.undo("admin-1", removeTags(trail.HoldTag)); len(calls) > 0 {
			t.Errorf("the removal is a change by a break-glass principal: %v", calls)
		}
		*clock = clock.Add(time.Hour)
		if calls := w.sweep(); !slices.Equal(calls, []string{"StartLogging"}) {
			t.Errorf("after the tag: %v", calls)
		}
	})
	t.Run("a tag of anybody else holds nothing", func(t *testing.T) {
		w, _ := suspended(t, admins)
		w.undo("mallory", holdUntil)
		if calls, _ := w.undo("mallory", stop); !slices.Equal(calls, []string{"StartLogging"}) {
			t.Errorf("called %v", calls)
		}
	})
	t.Run("a deletion by one of them stays, and is made good afterwards", func(t *testing.T) {
		w, clock := suspended(t, admins)
		if calls, published := w.undo("admin-1", remove); len(calls) > 0 || !slices.Equal(published, []string{trail.DriftDetected}) {
			t.Errorf("%v, %v", calls, published)
		}
		*clock = clock.Add(time.Hour)
		if calls := w.sweep(); len(calls) != 5 || calls[0] != "CreateTrail" || calls[4] != "StartLogging" {
			t.Errorf("called %v", calls)
		}
	})
}

// TestARuleDeletesATrailWhenItIsMade is the one call that no desired trail asks for.
func TestARuleDeletesATrailWhenItIsMade(t *testing.T) {
	w, _ := suspended(t, func(s *trail.Spec) {
		s.NewTrails = []trail.Rule{{NamePattern: "rogue-*", Action: trail.NewTrailDelete}, {NamePattern: "*", Action: trail.NewTrailConform,
			Conform: trail.Desired{IsLogging: aws.Bool(true)}}}
	})
	if calls, published := w.undo("mallory", create("rogue-1")); !slices.Equal(calls, []string{"DeleteTrail"}) || !slices.Equal(published, []string{trail.DriftRepaired}) {
		t.Errorf("a rogue trail: %v, %v", calls, published)
	}
	if calls, _ := w.undo("team", create("team-1")); !slices.Equal(calls, []string{"StartLogging"}) {
		t.Errorf("a team's trail: %v", calls)
	}
}
