package trail

import (
	"testing"
	"time"
)

func TestAHoldByChangeIsRenewedButNeverShortened(t *testing.T) {
	b := BreakGlass{Principals: []string{"admin"}}
	at := func(minute int) *Cause {
		return &Cause{Principal: "admin", Time: time.Date(2026, 11, 20, 12, minute, 0, 0, time.UTC)}
	}
	var m memory
	for _, step := range []struct {
		minute, until int
		changed       bool
	}{{10, 10, true}, {30, 30, true}, {20, 30, false}, {30, 30, false}} {
		changed := m.open(b, at(step.minute))
		if want := at(step.until).Time.Add(time.Hour); changed != step.changed || !m.ChangeHold.Until.Equal(want) {
			t.Errorf("a change at minute %d: held until %v, changed: %v", step.minute, m.ChangeHold.Until, changed)
		}
	}
}

func TestTheFirstBeginningOfADriftIsKept(t *testing.T) {
	first, second := time.Unix(1, 0), time.Unix(2, 0)
	m := memory{Since: map[Field]time.Time{IsLogging: first, Tags: first}}
	if !m.settle(map[Field]time.Time{IsLogging: second, S3KeyPrefix: second}, nil) {
		t.Error("nothing changed")
	}
	if len(m.Since) != 2 || !m.Since[IsLogging].Equal(first) || !m.Since[S3KeyPrefix].Equal(second) {
		t.Errorf("since %v", m.Since)
	}
	if m.settle(map[Field]time.Time{IsLogging: second, S3KeyPrefix: second}, nil) {
		t.Error("the same again changed something")
	}
}
