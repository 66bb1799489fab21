package trail

import (
	"encoding/json"
	"testing"

	"github.com/trailhand/trailhand/pkg/events"
)

func TestConcernFindsTheTrailOfEveryMutatingCall(t *testing.T) {
	const arn = "arn:aws:cloudtrail:us-east-1:123456789012:trail/audit"
	parameter := map[string]string{
		"CreateTrail": "name", "UpdateTrail": "name", "DeleteTrail": "name", "StartLogging": "name", "StopLogging": "name",
		"PutEventSelectors": "trailName", "PutInsightSelectors": "trailName", "PutEventConfiguration": "trailName",
		"AddTags": "resourceId", "RemoveTags": "resourceId",
	}
	for event, name := range parameter {
		for _, given := range []string{"audit", arn} {
			want := Ref{Region: home, Trail: given}
			if given == arn {
				want.Region = "us-east-1" // an ARN says where the trail lives
			}
			ref, cause, ok, err := Concern(told(event, mallory, map[string]any{name: given}))
			if err != nil || !ok || ref != want {
				t.Errorf("%s by %q: %+v, %v, %v", event, given, ref, ok, err)
			}
			if cause.Principal != mallory || cause.EventName != event || cause.EventID != "id-of-"+event {
				t.Errorf("%s: cause %+v", event, cause)
			}
		}
	}
}

func TestConcernIgnoresWhatChangesNoTrail(t *testing.T) {
	change := func(f func(e *events.Envelope, detail map[string]any)) events.Envelope {
		e := told("StopLogging", mallory, named("audit"))
		var detail map[string]any
		if err := json.Unmarshal(e.Detail, &detail); err != nil {
			t.Fatal(err)
		}
		f(&e, detail)
		e.Detail, _ = json.Marshal(detail)
		return e
	}
	type fields = map[string]any
	tests := map[string]events.Envelope{
		"a call that failed":          change(func(_ *events.Envelope, d fields) { d["errorCode"] = "AccessDenied" }),
		"another service":             change(func(_ *events.Envelope, d fields) { d["eventSource"] = "s3.amazonaws.com" }),
		"a call that only reads":      change(func(_ *events.Envelope, d fields) { d["eventName"] = "DescribeTrails" }),
		"another kind of event":       change(func(e *events.Envelope, _ fields) { e.DetailType = "AWS Insight via CloudTrail" }),
		"another source":              change(func(e *events.Envelope, _ fields) { e.Source = "trailhand" }),
		"a name of another case":      change(func(_ *events.Envelope, d fields) { d["EventName"] = d["eventName"]; delete(d, "eventName") }),
		"tags of an event data store": told("AddTags", mallory, fields{"resourceId": "arn:aws:cloudtrail:eu-west-1:123456789012:eventdatastore/x"}),
	}
	for name, e := range tests {
		if ref, _, ok, err := Concern(e); ok || err != nil {
			t.Errorf("%s concerns %+v, %v", name, ref, err)
		}
	}
}

func TestConcernRefusesWhatCannotBeRead(t *testing.T) {
	tests := map[string]events.Envelope{
		"no trail":           told("StopLogging", mallory, map[string]any{}),
		"no parameters":      told("StopLogging", mallory, nil),
		"a number":           told("StopLogging", mallory, map[string]any{"name": 7}),
		"a detail of no use": {ID: "x", Source: "aws.cloudtrail", DetailType: "AWS API Call via CloudTrail", Detail: []byte("[]")},
	}
	for name, e := range tests {
		if _, _, ok, err := Concern(e); ok || err == nil {
			t.Errorf("%s: taken: %v, %v", name, ok, err)
		}
	}
}

func TestWildcardStandsForAnyText(t *testing.T) {
	tests := []struct {
		pattern, text string
		want          bool
	}{
		{"a", "a", true}, {"a", "ab", false}, {"*", "", true}, {"a*", "a", true}, {"a*", "ba", false}, {"*a", "ba", true}, {"a*a", "a", false},
		{"a*b*c", "a-b-c", true}, {"a*b*c", "a-c", false}, {"a*b*b", "ab", false}, {"arn:aws:iam::*:role/x", "arn:aws:iam::1:role/x", true}, {"", "", true}, {"", "a", false},
	}
	for _, tt := range tests {
		if got := wildcard(tt.pattern, tt.text); got != tt.want {
			t.Errorf("%q on %q: %v", tt.pattern, tt.text, got)
		}
	}
}

func TestBreakGlassKnowsARoleByItsSession(t *testing.T) {
	b := BreakGlass{Principals: []string{"arn:aws:iam::1:role/admin"}}
	session := Cause{Principal: "arn:aws:sts::1:assumed-role/admin/me", Role: "arn:aws:iam::1:role/admin"}
	if !b.names(&session) {
		t.Error("the session of a named role is not known")
	}
	if b.names(&Cause{Principal: "arn:aws:sts::1:assumed-role/other/me"}) {
		t.Error("anyone is known")
	}
}

func FuzzConcernTakesOnlyCallsOnNamedTrails(f *testing.F) {
	for _, name := range []string{"StopLogging", "AddTags"} {
		f.Add([]byte(told(name, mallory, map[string]any{"name": "audit", "resourceId": arnOf("audit")}).Detail))
	}
	f.Fuzz(func(t *testing.T, detail []byte) {
		ref, cause, ok, err := Concern(events.Envelope{Source: "aws.cloudtrail", DetailType: "AWS API Call via CloudTrail", Detail: detail})
		if ok && (err != nil || ref.Trail == "" || trailParameter(cause.EventName) == "") {
			t.Errorf("took %+v by %+v, %v", ref, cause, err)
		}
	})
}
