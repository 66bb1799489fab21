package trail

import (
	"context"
	"encoding/json"
	"slices"
	"testing"
)

// A member of an organization may have a trail of the same name; with its events on
// the bus, what it does to its own trail is no cause here.

const member = "999999999999"

func TestAMembersChangeOfItsOwnTrailSuspendsNothing(t *testing.T) {
	const breakGlass = "arn:aws:iam::" + member + ":role/break-glass"
	spec := Spec{Mode: Repair, Trails: []Desired{complete()}, BreakGlass: BreakGlass{Principals: []string{"arn:aws:iam::*:role/break-glass"}}}
	tests := []struct {
		name      string
		recipient any
		trail     string
		gone      bool
		calls     []Operation
	}{
		{"by a name, in the member", member, "audit", false, []Operation{StartLogging}},
		{"by the ARN of its own trail", account, "arn:aws:cloudtrail:" + home + ":" + member + ":trail/audit", false, []Operation{StartLogging}},
		{"when the trail here is gone", member, "audit", true, []Operation{CreateTrail, PutInsightSelectors, PutEventConfiguration, StartLogging}},
		{"by the ARN of the trail here, as a delegated administrator may", member, arnOf("audit"), false, nil},
		{"by a name, in this account", account, "audit", false, nil},
		{"by a name, in the account that EventBridge says", nil, "audit", false, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := whole(complete())
			o.IsLogging = false
			b := newBench(o)
			if tt.gone {
				delete(b.model.trails, "audit")
			}
			e := told("StopLogging", breakGlass, named(tt.trail))
			e.Detail = withField(t, e.Detail, "recipientAccountId", tt.recipient)
			out, err := b.Event(context.Background(), spec, e)
			if err != nil {
				t.Fatal(err)
			}
			if got := b.operations(); !slices.Equal(got, tt.calls) {
				t.Errorf("calls %v, want %v: %+v", got, tt.calls, out)
			}
			if held := tt.calls == nil; (out[0].Cause != nil) != held || (out[0].Held != "") != held {
				t.Errorf("cause %+v, held %q", out[0].Cause, out[0].Held)
			}
		})
	}
}

func TestAMembersNewTrailDeletesNoneHere(t *testing.T) {
	b := newBench(&Observed{Name: "team-a", ARN: arnOf("team-a"), HomeRegion: home})
	e := told("CreateTrail", mallory, named("team-a"))
	e.Detail = withField(t, e.Detail, "recipientAccountId", member)
	spec := Spec{Mode: Repair, NewTrails: []Rule{{NamePattern: "team-*", Action: NewTrailDelete}}}
	out, err := b.Event(context.Background(), spec, e)
	if err != nil || len(b.operations()) > 0 || len(out[0].Reported) != 1 {
		t.Errorf("%+v, %v", out, err)
	}
}

// withField gives an object with one field more.
func withField(t *testing.T, raw []byte, name string, value any) []byte {
	t.Helper()
	var all map[string]any
	if err := json.Unmarshal(raw, &all); err != nil {
		t.Fatal(err)
	}
	all[name] = value
	raw, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}
