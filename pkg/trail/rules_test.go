package trail

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestTrailsOfOthersAreLeftAlone(t *testing.T) {
	shadow := whole(complete())
	shadow.HomeRegion, shadow.IsLogging = "us-east-1", false
	copyOf := whole(complete())
	copyOf.ARN, copyOf.IsLogging = "arn:aws:cloudtrail:"+home+":999999999999:trail/audit", false
	copyOf.IsOrganizationTrail = ptr(true)
	for name, o := range map[string]*Observed{"the shadow of a trail in us-east-1": shadow, "the copy of the organization trail of account 999999999999": copyOf} {
		b := newBench(o)
		out, err := b.One(context.Background(), Spec{Mode: Repair}, complete(), nil)
		if err != nil || !strings.Contains(out.Left, name) || len(b.operations()) > 0 {
			t.Errorf("%s: %+v, %v", name, out, err)
		}
	}
}

func TestARuleDecidesAboutATrailThatNobodyAskedFor(t *testing.T) {
	tests := []struct {
		name    string
		action  NewTrail
		event   string
		only    bool
		calls   []Operation
		notices int
	}{
		{"ignored", NewTrailIgnore, "CreateTrail", false, nil, 0},
		{"reported", NewTrailReport, "CreateTrail", false, nil, 1},
		{"made to conform", NewTrailConform, "CreateTrail", false, []Operation{UpdateTrail, StartLogging}, 1},
		{"made to conform again", NewTrailConform, "StopLogging", false, []Operation{UpdateTrail, StartLogging}, 1},
		{"deleted when it is made", NewTrailDelete, "CreateTrail", false, []Operation{DeleteTrail}, 1},
		{"only reported later", NewTrailDelete, "StopLogging", false, nil, 1},
		{"only reported when all is", NewTrailDelete, "CreateTrail", true, nil, 1},
		{"not made to conform once it is deleted", NewTrailConform, "DeleteTrail", false, nil, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(&Observed{Name: "team-a", ARN: arnOf("team-a"), HomeRegion: home})
			spec := Spec{Mode: Repair, ReportOnly: tt.only, NewTrails: []Rule{
				{NamePattern: "team-*", Action: tt.action, Conform: Desired{Attributes: Attributes{EnableLogFileValidation: ptr(true)}, IsLogging: ptr(true)}},
				{NamePattern: "*", Action: NewTrailDelete},
			}}
			if _, err := b.Event(context.Background(), spec, told(tt.event, mallory, named("team-a"))); err != nil {
				t.Fatal(err)
			}
			if calls := b.operations(); !slices.Equal(calls, tt.calls) {
				t.Errorf("called %v, want %v", calls, tt.calls)
			}
			if len(b.press.notices) != tt.notices {
				t.Errorf("published %+v, want %d", b.press.notices, tt.notices)
			}
		})
	}
}

func TestASweepReachesEveryTrailAndDeletesNone(t *testing.T) {
	var trails []*Observed
	spec := Spec{Mode: Repair, NewTrails: []Rule{{NamePattern: "new-*", Action: NewTrailDelete}, {NamePattern: "team-*", Action: NewTrailConform, Conform: Desired{IsLogging: ptr(true)}}}}
	for i := range 85 {
		d := complete()
		d.Name = fmt.Sprintf("trail-%d", i)
		o := whole(d)
		o.IsLogging = false
		trails, spec.Trails = append(trails, o), append(spec.Trails, d)
	}
	for _, name := range []string{"new-1", "team-1", "other-1"} {
		trails = append(trails, &Observed{Name: name, ARN: arnOf(name), HomeRegion: home})
	}
	b := newBench(trails...)
	outcomes, err := b.Sweep(context.Background(), spec)
	if err != nil || len(outcomes) != 87 {
		t.Fatalf("%d outcomes, %v", len(outcomes), err)
	}
	for i, o := range outcomes[:85] {
		if o.Name != fmt.Sprintf("trail-%d", i) || len(o.Repaired) != 1 {
			t.Errorf("outcome %d: %+v", i, o)
		}
	}
	if calls := b.operations(); len(calls) != 86 || slices.Contains(calls, DeleteTrail) {
		t.Errorf("called %v, want 86 times StartLogging", calls)
	}
}
