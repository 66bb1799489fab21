package awsio

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/trailhand/trailhand/pkg/trail"
)

func TestANoticeFitsIntoAnEvent(t *testing.T) {
	long := strings.Repeat("x", 1<<20)
	n := trail.Notice{Name: "audit", Fields: []trail.Drift{
		{Field: trail.EventSelectors, Want: long, Got: long}, {Field: trail.IsLogging, Want: true, Got: false},
	}}
	detail, err := encodeNotice(n)
	if err != nil || len(detail) > maxDetail {
		t.Fatalf("%d bytes, %v", len(detail), err)
	}
	var got trail.Notice
	if err := json.Unmarshal(detail, &got); err != nil {
		t.Fatal(err)
	}
	if got.Fields[0].Want != nil || !strings.Contains(got.Fields[0].Why, "too long for an event") || got.Fields[1].Want != true {
		t.Errorf("fields %+v", got.Fields)
	}
	if n.Fields[0].Want != long {
		t.Error("the notice itself was changed")
	}
}
