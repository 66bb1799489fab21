package trail

import (
	"context"
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/trailhand/trailhand/pkg/events"
	"github.com/trailhand/trailhand/pkg/selectors"
)

// told is the event of a call, as EventBridge hands it over.
func told(name string, principal string, request map[string]any) events.Envelope {
	detail, err := json.Marshal(map[string]any{
		"eventName": name, "eventSource": "cloudtrail.amazonaws.com", "awsRegion": home, "eventID": "id-of-" + name,
		"eventTime": "2026-11-20T11:59:30Z", "sourceIPAddress": "203.0.113.7", "userIdentity": map[string]any{"arn": principal},
		"requestParameters": request,
	})
	if err != nil {
		panic(err)
	}
	return events.Envelope{Source: "aws.cloudtrail", DetailType: "AWS API Call via CloudTrail", Account: account, Region: home, Detail: detail}
}

const mallory = "arn:aws:iam::123456789012:user/mallory"

func named(name string) map[string]any { return map[string]any{"name": name} }

func TestSixCallsThatUndoATrailArePutBackAndNothingLoops(t *testing.T) {
	ctx := context.Background()
	want := complete()
	spec := Spec{Mode: Repair, Trails: []Desired{want}}
	b := newBench(whole(want))
	tests := []struct {
		event   string
		request map[string]any
		undo    func(*Observed)
		fields  []Field
		calls   []Operation
	}{
		{"StopLogging", named("audit"), func(o *Observed) { o.IsLogging = false }, []Field{IsLogging}, []Operation{StartLogging}},
		{"PutEventSelectors", map[string]any{"trailName": arnOf("audit")},
			func(o *Observed) {
				o.Selectors = selectors.Set{Basic: []selectors.Basic{{ReadWriteType: "ReadOnly"}}}
			},
			[]Field{EventSelectors}, []Operation{PutEventSelectors}},
		{"UpdateTrail", named(arnOf("audit")), func(o *Observed) { o.IsMultiRegionTrail, o.EnableLogFileValidation = ptr(false), ptr(false) },
			[]Field{EnableLogFileValidation, IsMultiRegionTrail}, []Operation{UpdateTrail}},
		{"PutInsightSelectors", map[string]any{"trailName": "audit"}, func(o *Observed) { o.Insights = nil }, []Field{InsightSelectors}, []Operation{PutInsightSelectors}},
		{"RemoveTags", map[string]any{"resourceId": arnOf("audit")}, func(o *Observed) { o.Tags = nil }, []Field{Tags}, []Operation{AddTags}},
		{"DeleteTrail", named("audit"), nil, []Field{Exists}, []Operation{CreateTrail, PutInsightSelectors, PutEventConfiguration, StartLogging}},
	}
	for _, tt := range tests {
		t.Run(tt.event, func(t *testing.T) {
			if tt.undo == nil {
				delete(b.model.trails, "audit")
			} else {
				tt.undo(b.model.trails["audit"])
			}
			outcomes, err := b.Event(ctx, spec, told(tt.event, mallory, tt.request))
			if err != nil || len(outcomes) != 1 {
				t.Fatalf("%+v, %v", outcomes, err)
			}
			if got := fieldsOf(outcomes[0].Repaired); !slices.Equal(got, tt.fields) {
				t.Errorf("repaired %v, want %v", got, tt.fields)
			}
			calls := b.operations()
			if !slices.Equal(calls, tt.calls) {
				t.Errorf("called %v, want %v", calls, tt.calls)
			}
			b.whole(t, want)
			b.checkNotice(t, DriftRepaired, "id-of-"+tt.event)
			for _, own := range calls { // our own calls come back as events
				request := map[string]any{"name": arnOf("audit"), "trailName": arnOf("audit"), "resourceId": arnOf("audit")}
				if _, err := b.Event(ctx, spec, told(string(own), "arn:aws:sts::123456789012:assumed-role/reconciler/x", request)); err != nil {
					t.Error(err)
				}
			}
			if again := b.operations(); len(again) > 0 || len(b.press.notices) > 0 {
				t.Errorf("our own events make us call %v and publish %v", again, b.press.notices)
			}
		})
	}
}

// checkNotice wants exactly one notice, with its cause and duration, and takes it.
func (b *bench) checkNotice(t *testing.T, detailType, eventID string) {
	t.Helper()
	if len(b.press.notices) != 1 {
		t.Fatalf("published %+v, want one", b.press.notices)
	}
	n := b.press.notices[0]
	b.press.notices = nil
	switch {
	case n.DetailType != detailType:
		t.Errorf("published %q, want %q", n.DetailType, detailType)
	case n.Cause == nil || n.Cause.EventID != eventID || n.Cause.Principal != mallory || n.Cause.SourceIP != "203.0.113.7":
		t.Errorf("the cause is %+v, want event %s of mallory", n.Cause, eventID)
	case n.LastedSeconds == nil || *n.LastedSeconds != 30:
		t.Errorf("it lasted %v, want 30 seconds", n.LastedSeconds)
	}
}

func TestHowLongItLastedIsRememberedUntilItIsRepaired(t *testing.T) {
	want := complete()
	o := whole(want)
	o.Tags = nil
	b := newBench(o)
	sweep := func(mode Action) Outcome {
		outcomes, err := b.Sweep(context.Background(), Spec{Mode: mode, Trails: []Desired{want}})
		if err != nil {
			t.Fatal(err)
		}
		return outcomes[0]
	}
	first := b.clock
	sweep(Report)
	b.clock = b.clock.Add(time.Hour)
	if out := sweep(Repair); !out.Since.Equal(first) {
		t.Errorf("since %v, want %v", out.Since, first)
	}
	o.Tags = nil
	if out := sweep(Repair); !out.Since.IsZero() {
		t.Errorf("since %v is that of a drift that was repaired", out.Since)
	}
}

func TestNobodyIsBlamedForWhatTheirCallCannotDo(t *testing.T) {
	want := complete()
	o := whole(want)
	o.Tags = nil
	b := newBench(o)
	if _, err := b.Event(context.Background(), Spec{Mode: Repair, Trails: []Desired{want}}, told("StartLogging", mallory, named("audit"))); err != nil {
		t.Fatal(err)
	}
	if n := b.press.notices[0]; n.Cause != nil {
		t.Errorf("blamed: %+v", n.Cause)
	}
}
