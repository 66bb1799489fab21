package trail

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/trailhand/trailhand/pkg/events"
)

func TestNearestPolicyWins(t *testing.T) {
	tests := []struct {
		name       string
		mode       Action
		policy     Policy
		reportOnly bool
		want       Action
	}{
		{"nothing said is report", "", Policy{}, false, Report},
		{"the file's mode", Repair, Policy{}, false, Repair},
		{"the trail over the file", Repair, Policy{Trail: Report}, false, Report},
		{"the field over the trail", Report, Policy{Trail: Report, Fields: map[Field]Action{IsLogging: Repair}}, false, Repair},
		{"another field says nothing", Repair, Policy{Fields: map[Field]Action{Tags: Ignore}}, false, Repair},
		{"MODE=report over all that repairs", Repair, Policy{Fields: map[Field]Action{IsLogging: Repair}}, true, Report},
		{"MODE=report does not report what is ignored", Repair, Policy{Trail: Ignore}, true, Ignore},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			want := complete()
			want.Policy = tt.policy
			o := whole(want)
			o.IsLogging = false
			b := newBench(o)
			out, err := b.One(context.Background(), Spec{Mode: tt.mode, ReportOnly: tt.reportOnly}, want, nil)
			if err != nil {
				t.Fatal(err)
			}
			got := Ignore
			if len(out.Repaired) > 0 {
				got = Repair
			} else if len(out.Reported) > 0 {
				got = Report
			}
			if got != tt.want || o.IsLogging != (tt.want == Repair) {
				t.Errorf("got %s, want %s; logging: %v", got, tt.want, o.IsLogging)
			}
		})
	}
}

func TestAnotherAutomationIsGivenUpOnLoudlyAndAcrossColdStarts(t *testing.T) {
	want := complete()
	o := whole(want)
	b := newBench(o)
	spec := Spec{Mode: Repair, Guard: Guard{Repairs: 3, Window: time.Hour}}
	fight := func() Outcome {
		o.IsLogging = false
		cold := *b.Reconciler // a new process: only the Store is the same
		out, err := cold.One(context.Background(), spec, want, nil)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	for i := range 3 {
		if out := fight(); len(out.Repaired) != 1 {
			t.Fatalf("repair %d: %+v", i+1, out)
		}
		b.clock = b.clock.Add(time.Minute)
	}
	b.press.notices = nil
	out := fight()
	if len(out.Failed) != 1 || !strings.Contains(out.Failed[0].Why, "IsLogging was repaired 3 times within 1h0m0s") || o.IsLogging {
		t.Errorf("the fourth repair: %+v", out)
	}
	if len(b.press.notices) != 1 || b.press.notices[0].DetailType != DriftRepairFailed {
		t.Errorf("published %+v, want that the repair failed", b.press.notices)
	}
	o.Tags = nil
	if out := fight(); !slices.Equal(fieldsOf(out.Repaired), []Field{Tags}) {
		t.Errorf("another field is not repaired: %+v", out)
	}
	b.clock = b.clock.Add(time.Hour)
	if out := fight(); len(out.Repaired) != 1 {
		t.Errorf("after the window: %+v", out)
	}
}

func TestBreakGlassSuspendsRepairButNotReports(t *testing.T) {
	const admin = "arn:aws:iam::123456789012:user/admin"
	hold := func(value string) map[string]any {
		return map[string]any{"resourceId": arnOf("audit"), "tagsList": []any{map[string]any{"key": HoldTag, "value": value}}}
	}
	tests := []struct {
		name      string
		event     string
		principal string
		request   map[string]any
		tag       string // HoldTag on the trail when it drifts
		after     time.Duration
		repaired  bool
	}{
		{"a change by a break-glass principal stays", "StopLogging", admin, named("audit"), "", 0, false},
		{"until an hour has passed", "StopLogging", admin, named("audit"), "", time.Hour, true},
		{"a change by anyone else does not", "StopLogging", mallory, named("audit"), "", 0, true},
		{"the tag set by a break-glass principal holds", "AddTags", admin, hold("2026-11-21T00:00:00Z"), "2026-11-21T00:00:00Z", 11 * time.Hour, false},
		{"until its time", "AddTags", admin, hold("2026-11-21T00:00:00Z"), "2026-11-21T00:00:00Z", 12 * time.Hour, true},
		{"the tag set by anyone else does not hold", "AddTags", mallory, hold("2026-11-21T00:00:00Z"), "2026-11-21T00:00:00Z", 0, true},
		{"a tag that was changed since does not hold", "AddTags", admin, hold("2026-11-21T00:00:00Z"), "2030-01-01T00:00:00Z", 0, true},
		{"nor one that was removed", "AddTags", admin, hold("2026-11-21T00:00:00Z"), "", 0, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			want := complete()
			o := whole(want)
			b := newBench(o)
			spec := Spec{Mode: Repair, Trails: []Desired{want}, BreakGlass: BreakGlass{Principals: []string{"arn:aws:iam::*:user/admin"}}}
			if tt.tag != "" {
				o.Tags[HoldTag] = tt.tag
			}
			if tt.event == "StopLogging" {
				o.IsLogging = false
			}
			if _, err := b.Event(context.Background(), spec, told(tt.event, tt.principal, tt.request)); err != nil {
				t.Fatal(err)
			}
			o.IsLogging = false
			b.clock = b.clock.Add(tt.after)
			outcomes, err := b.Sweep(context.Background(), spec)
			if err != nil {
				t.Fatal(err)
			}
			if o.IsLogging != tt.repaired {
				t.Errorf("repaired: %v, want %v: %+v", o.IsLogging, tt.repaired, outcomes[0])
			}
			if suspended := outcomes[0].Held != ""; suspended == tt.repaired {
				t.Errorf("repaired: %v, and suspended: %q", tt.repaired, outcomes[0].Held)
			}
			detailType := DriftDetected
			if tt.repaired {
				detailType = DriftRepaired
			}
			if n := b.press.notices; len(n) == 0 || n[len(n)-1].DetailType != detailType {
				t.Errorf("published %+v, want %q at last", n, detailType)
			}
			if _, there := o.Tags[HoldTag]; there != (tt.tag != "") {
				t.Error("the hold tag was taken for drift")
			}
		})
	}
}

func TestABreakGlassDeletionStays(t *testing.T) {
	const admin = "arn:aws:iam::123456789012:user/admin"
	want := complete()
	o := whole(want)
	o.Tags[HoldTag] = "2026-11-21T00:00:00Z"
	b := newBench(o)
	spec := Spec{Mode: Repair, Trails: []Desired{want}, BreakGlass: BreakGlass{Principals: []string{admin}}}
	tag := map[string]any{"resourceId": arnOf("audit"), "tagsList": []any{map[string]any{"key": HoldTag, "value": o.Tags[HoldTag]}}}
	for _, e := range []events.Envelope{told("AddTags", admin, tag), told("DeleteTrail", admin, named("audit"))} {
		if e := string(e.Detail); strings.Contains(e, "DeleteTrail") {
			delete(b.model.trails, "audit")
		}
		if _, err := b.Event(context.Background(), spec, e); err != nil {
			t.Fatal(err)
		}
	}
	if calls := b.operations(); len(calls) > 0 {
		t.Errorf("called %v", calls)
	}
	b.clock = b.clock.Add(time.Hour)
	if _, err := b.Sweep(context.Background(), spec); err != nil {
		t.Fatal(err)
	}
	b.whole(t, want)
}

func TestAHoldLastsWhileItsTagCannotBeRead(t *testing.T) {
	m := memory{TagHold: &hold{Until: time.Unix(100, 0), Tag: "x"}}
	unread := &Observed{Unread: map[Field]error{Tags: errors.New("throttled")}}
	if m.held(unread, time.Unix(50, 0)) == "" || m.held(&Observed{}, time.Unix(50, 0)) != "" || m.held(unread, time.Unix(100, 0)) != "" {
		t.Error("a hold is to last until its time, while its tag is there or unreadable")
	}
}
