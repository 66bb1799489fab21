package template

import (
	"slices"
	"testing"
)

// TestTheRoleInOtherRegionsMaySendToTheBusAndNothingElse: no flow goes through it here.
func TestTheRoleInOtherRegionsMaySendToTheBusAndNothingElse(t *testing.T) {
	const bus = "arn:aws:events:us-east-1:123456789012:event-bus/default"
	w, err := Read([]byte(file(t, "examples/regions.yaml")), place(map[string]string{"BusArn": bus}))
	if err != nil {
		t.Fatal(err)
	}
	if len(w.Grants) != 1 || w.Grants[0].Role != "SenderRole" ||
		!slices.Equal(w.Grants[0].Actions, []string{"events:PutEvents"}) || !slices.Equal(w.Grants[0].Resources, []string{bus}) {
		t.Errorf("grants: %+v", w.Grants)
	}
}
