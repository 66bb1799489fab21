package recording_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/trailhand/trailhand/internal/cloud/recording"
	"github.com/trailhand/trailhand/internal/cloud/wire"
)

// shown gives the fields of a foreign call's record that depend on what is known of it.
func shown(t *testing.T, source, name string, foreign wire.Foreign) map[string]any {
	t.Helper()
	raw, err := recording.Record(wire.Call{
		Time: time.Unix(1700000000, 0), EventSource: source, EventName: name, Foreign: &foreign,
		Request:  map[string]any{"userName": "alice", "password": "hunter2"},
		Response: map[string]any{"user": map[string]any{"password": "hunter2"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	var all, some map[string]any
	if err := json.Unmarshal(raw, &all); err != nil {
		t.Fatal(err)
	}
	some = map[string]any{}
	for _, field := range []string{"readOnly", "managementEvent", "eventCategory", "requestParameters", "responseElements"} {
		if value, given := all[field]; given {
			some[field] = value
		}
	}
	return some
}

func TestAForeignCallIsRecordedAsFarAsItIsKnown(t *testing.T) {
	yes, no := true, false
	isPassword := func(field string) bool { return field == "password" }
	plain := map[string]any{"userName": "alice", "password": "hunter2"}
	hidden := map[string]any{"userName": "alice", "password": "HIDDEN_DUE_TO_SECURITY_REASONS"}
	for _, c := range []struct {
		name, source, event string
		foreign             wire.Foreign
		want                map[string]any
	}{
		{"a read", "iam.amazonaws.com", "GetUser", wire.Foreign{ReadOnly: &yes},
			map[string]any{"readOnly": true, "managementEvent": true, "eventCategory": "Management", "requestParameters": plain, "responseElements": nil}},
		{"a write with a secret", "iam.amazonaws.com", "CreateLoginProfile", wire.Foreign{ReadOnly: &no, Secret: isPassword},
			map[string]any{"readOnly": false, "managementEvent": true, "eventCategory": "Management", "requestParameters": hidden,
				"responseElements": map[string]any{"user": map[string]any{"password": "HIDDEN_DUE_TO_SECURITY_REASONS"}}}},
		{"a call of which nobody knows whether it reads", "iam.amazonaws.com", "Ponder", wire.Foreign{Secret: isPassword},
			map[string]any{"managementEvent": true, "eventCategory": "Management", "requestParameters": hidden,
				"responseElements": map[string]any{"user": map[string]any{"password": "HIDDEN_DUE_TO_SECURITY_REASONS"}}}},
		{"the table knows better: a data event", "dynamodb.amazonaws.com", "GetItem", wire.Foreign{},
			map[string]any{"readOnly": true, "managementEvent": false, "eventCategory": "Data", "requestParameters": plain, "responseElements": nil}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, shown(t, c.source, c.event, c.foreign)); diff != "" {
				t.Error(diff)
			}
		})
	}
}
