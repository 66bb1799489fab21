package trail

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
)

func TestFailuresAreToldPerChangeAndTheRestIsRepaired(t *testing.T) {
	want := complete()
	o := whole(want)
	o.IsLogging, o.Insights, o.Tags = false, nil, nil
	b := newBench(o)
	b.model.fault = func(op Operation) (error, bool) {
		if op == PutInsightSelectors {
			return &Fault{string(op), "AccessDeniedException", "User: x is not authorized to perform: cloudtrail:PutInsightSelectors on resource: y"}, false
		}
		return nil, false
	}
	out, err := b.One(context.Background(), Spec{Mode: Repair}, want, nil)
	if err != nil {
		t.Errorf("only a person can help, so trying again is no use: %v", err)
	}
	if !slices.Equal(fieldsOf(out.Repaired), []Field{IsLogging, Tags}) || !slices.Equal(fieldsOf(out.Failed), []Field{InsightSelectors}) {
		t.Errorf("repaired %v, failed %v", fieldsOf(out.Repaired), fieldsOf(out.Failed))
	}
	if why := out.Failed[0].Why; !strings.Contains(why, "the permission cloudtrail:PutInsightSelectors is missing") {
		t.Errorf("why: %s", why)
	}
	if calls := b.operations(); !slices.Equal(calls, []Operation{PutInsightSelectors, AddTags, StartLogging}) {
		t.Errorf("called %v", calls)
	}
}

func TestAPassingFailureIsTriedAgain(t *testing.T) {
	tests := []struct {
		name     string
		err      error
		applied  bool
		failures int
		calls    []Operation
		repaired bool
	}{
		{"throttled twice", &Fault{"StartLogging", "ThrottlingException", "Rate exceeded"}, false, 2, slices.Repeat([]Operation{StartLogging}, 3), true},
		{"a broken connection after it was applied", errors.New("reset"), true, 1, slices.Repeat([]Operation{StartLogging}, 2), true},
		{"not found, though it was there", &Fault{"StartLogging", "TrailNotFoundException", "Unknown trail"}, false, 1, slices.Repeat([]Operation{StartLogging}, 2), true},
		{"throttled for ever", &Fault{"StartLogging", "ThrottlingException", "Rate exceeded"}, false, 1000, slices.Repeat([]Operation{StartLogging}, 6*rounds), false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			want := complete()
			o := whole(want)
			o.IsLogging = false
			b := newBench(o)
			left := tt.failures
			b.model.fault = func(op Operation) (error, bool) {
				if op != StartLogging || left == 0 {
					return nil, false
				}
				left--
				return tt.err, tt.applied
			}
			out, err := b.One(context.Background(), Spec{Mode: Repair}, want, nil)
			if (err == nil) != tt.repaired || (len(out.Repaired) == 1) != tt.repaired || (len(out.Failed) == 0) != tt.repaired {
				t.Errorf("repaired %v, failed %v, error %v", out.Repaired, out.Failed, err)
			}
			if calls := b.operations(); !slices.Equal(calls, tt.calls) {
				t.Errorf("called %v, want %v", calls, tt.calls)
			}
		})
	}
}

func TestATrailThatSomebodyElseRecreatesMeanwhileIsOnlyCompleted(t *testing.T) {
	want := complete()
	b := newBench()
	b.model.fault = func(op Operation) (error, bool) {
		if op == CreateTrail && b.model.trails["audit"] == nil {
			o := whole(want)
			o.IsLogging = false
			b.model.trails["audit"] = o
		}
		return nil, false
	}
	if _, err := b.One(context.Background(), Spec{Mode: Repair}, want, nil); err != nil {
		t.Fatal(err)
	}
	if calls := b.operations(); !slices.Equal(calls, []Operation{CreateTrail, StartLogging}) {
		t.Errorf("called %v", calls)
	}
	b.whole(t, want)
}

func TestAnUnreadableStateStopsNoRepair(t *testing.T) {
	want := complete()
	o := whole(want)
	o.IsLogging = false
	b := newBench(o)
	b.store.err = errors.New("no such bucket")
	if _, err := b.One(context.Background(), Spec{Mode: Repair}, want, nil); err != nil || !o.IsLogging {
		t.Errorf("logging: %v, %v", o.IsLogging, err)
	}
	if !strings.Contains(b.logs.String(), "no such bucket") {
		t.Error("it is not logged")
	}
}

func TestADamagedStateStartsAnew(t *testing.T) {
	want := complete()
	o := whole(want)
	o.IsLogging = false
	b := newBench(o)
	b.store.docs[want.document()], b.store.vers[want.document()] = []byte("{"), 1
	if _, err := b.One(context.Background(), Spec{Mode: Repair}, want, nil); err != nil || !o.IsLogging {
		t.Errorf("logging: %v, %v", o.IsLogging, err)
	}
	var m memory
	if err := json.Unmarshal(b.store.docs[want.document()], &m); err != nil || len(m.Repairs[IsLogging]) != 1 {
		t.Errorf("state %s, %v", b.store.docs[want.document()], err)
	}
}

func TestASettingThatMayNotBeReadIsReportedIfItIsManaged(t *testing.T) {
	want := complete()
	want.Insights = nil
	o := whole(want)
	denied := &Fault{"ListTags", "AccessDeniedException", "no"}
	o.Unread = map[Field]error{Tags: denied, InsightSelectors: denied}
	o.Tags = nil
	b := newBench(o)
	out, err := b.One(context.Background(), Spec{Mode: Repair}, want, nil)
	if err != nil || len(b.operations()) > 0 || !slices.Equal(fieldsOf(out.Reported), []Field{Tags}) {
		t.Fatalf("%+v, %v", out, err)
	}
	if why := out.Reported[0].Why; !strings.Contains(why, "the permission cloudtrail:ListTags is missing") {
		t.Errorf("why: %s", why)
	}
}

func TestASettingThatCannotBeReadForNowHoldsUpNoOther(t *testing.T) {
	throttled := &Fault{"ListTags", "ThrottlingException", "Rate exceeded"}
	for _, failures := range []int{2, 1000} {
		want := complete()
		o := whole(want)
		o.IsLogging, o.Tags = false, nil
		b := newBench(o)
		left := failures
		b.model.unread = func() map[Field]error {
			left--
			if left < 0 {
				return nil
			}
			return map[Field]error{Tags: throttled, InsightSelectors: &Fault{"GetInsightSelectors", "UnsupportedOperationException", "no"}}
		}
		out, err := b.One(context.Background(), Spec{Mode: Repair}, want, nil)
		repaired, passing := fieldsOf(out.Repaired), err == nil
		if failures == 2 && (!passing || !slices.Equal(repaired, []Field{IsLogging, Tags})) {
			t.Errorf("read the third time: repaired %v, %v", repaired, err)
		}
		if failures == 1000 && (passing || !slices.Equal(repaired, []Field{IsLogging})) {
			t.Errorf("never read: repaired %v, %v", repaired, err)
		}
	}
}

func TestCallsAfterOneThatIsNotOursToMakeAreNotMade(t *testing.T) {
	want := complete()
	o := whole(want)
	o.S3KeyPrefix, o.IsLogging = nil, false
	b := newBench(o)
	b.model.fault = func(op Operation) (error, bool) {
		return &Fault{string(op), "NotOrganizationMasterAccountException", "no"}, false
	}
	b.API = mutatingFaults{b.model}
	out, err := b.One(context.Background(), Spec{Mode: Repair}, want, nil)
	if err != nil || out.Left == "" || len(out.Repaired)+len(out.Failed) > 0 || !slices.Equal(fieldsOf(out.Reported), []Field{IsLogging, S3KeyPrefix}) {
		t.Errorf("%+v, %v", out, err)
	}
	if calls := b.operations(); !slices.Equal(calls, []Operation{UpdateTrail}) {
		t.Errorf("called %v", calls)
	}
}

// mutatingFaults lets a model fail only calls that change something.
type mutatingFaults struct{ *model }

func (m mutatingFaults) Observe(context.Context, Ref) (*Observed, error) { return m.see("audit"), nil }
