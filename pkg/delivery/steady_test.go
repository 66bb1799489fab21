package delivery

import (
	"testing"

	"github.com/trailhand/trailhand/pkg/events"
)

func TestARecordOfAKnownKindAllocatesNothing(t *testing.T) {
	r, err := events.Parse([]byte(callRecord(`eventID="a"`, `errorCode="AccessDenied"`)))
	if err != nil {
		t.Fatal(err)
	}
	sum, counter := NewSummary(), NewCounter(File{})
	if n := testing.AllocsPerRun(100, func() { sum.Add(&r) }); n > 0 {
		t.Errorf("a summary allocates %v times a record", n)
	}
	r, err = events.Parse([]byte(callRecord()))
	if err != nil {
		t.Fatal(err)
	}
	if n := testing.AllocsPerRun(100, func() { counter.Add(&r) }); n > 0 {
		t.Errorf("a counter allocates %v times a record", n)
	}
}
