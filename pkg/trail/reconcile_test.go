package trail

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
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

func TestNearestPolicyWins(t *testing.T) {
	tests := []struct {
		name       string
		mode       Action
		policy     Policy
		reportOnly bool
		want       Action
	}{
		{"nothing said is report", "", Policy{}, false, Report},
		{"the file's mode", Repair, Policy{}, false, Repair},
		{"the trail over the file", Repair, Policy{Trail: Report}, false, Report},
		{"the field over the trail", Report, Policy{Trail: Report, Fields: map[Field]Action{IsLogging: Repair}}, false, Repair},
		{"another field says nothing", Repair, Policy{Fields: map[Field]Action{Tags: Ignore}}, false, Repair},
		{"MODE=report over all that repairs", Repair, Policy{Fields: map[Field]Action{IsLogging: Repair}}, true, Report},
		{"MODE=report does not report what is ignored", Repair, Policy{Trail: Ignore}, true, Ignore},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			want := complete()
			want.Policy = tt.policy
			o := whole(want)
			o.IsLogging = false
			b := newBench(o)
			out, err := b.One(context.Background(), Spec{Mode: tt.mode, ReportOnly: tt.reportOnly}, want, nil)
			if err != nil {
				t.Fatal(err)
			}
			got := Ignore
			if len(out.Repaired) > 0 {
				got = Repair
			} else if len(out.Reported) > 0 {
				got = Report
			}
			if got != tt.want || o.IsLogging != (tt.want == Repair) {
				t.Errorf("got %s, want %s; logging: %v", got, tt.want, o.IsLogging)
			}
		})
	}
}

func TestAnotherAutomationIsGivenUpOnLoudlyAndAcrossColdStarts(t *testing.T) {
	want := complete()
	o := whole(want)
	b := newBench(o)
	spec := Spec{Mode: Repair, Guard: Guard{Repairs: 3, Window: time.Hour}}
	fight := func() Outcome {
		o.IsLogging = false
		cold := *b.Reconciler // a new process: only the Store is the same
		out, err := cold.One(context.Background(), spec, want, nil)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	for i := range 3 {
		if out := fight(); len(out.Repaired) != 1 {
			t.Fatalf("repair %d: %+v", i+1, out)
		}
		b.clock = b.clock.Add(time.Minute)
	}
	b.press.notices = nil
	out := fight()
	if len(out.Failed) != 1 || !strings.Contains(out.Failed[0].Why, "IsLogging was repaired 3 times within 1h0m0s") || o.IsLogging {
		t.Errorf("the fourth repair: %+v", out)
	}
	if len(b.press.notices) != 1 || b.press.notices[0].DetailType != DriftRepairFailed {
		t.Errorf("published %+v, want that the repair failed", b.press.notices)
	}
	if !strings.Contains(b.logs.String(), `"level":"ERROR"`) {
		t.Error("nothing is logged as an error")
	}
	o.Tags = nil
	if out := fight(); !slices.Equal(fieldsOf(out.Repaired), []Field{Tags}) {
		t.Errorf("another field is not repaired: %+v", out)
	}
	b.clock = b.clock.Add(time.Hour)
	if out := fight(); len(out.Repaired) != 1 {
		t.Errorf("after the window: %+v", out)
	}
}

func TestBreakGlassSuspendsRepairButNotReports(t *testing.T) {
	const admin = "arn:aws:iam::123456789012:user/admin"
	hold := func(value string) map[string]any {
		return map[string]any{"resourceId": arnOf("audit"), "tagsList": []any{map[string]any{"key": HoldTag, "value": value}}}
	}
	tests := []struct {
		name      string
		event     string
		principal string
		request   map[string]any
		tag       string // HoldTag on the trail when it drifts
		after     time.Duration
		repaired  bool
	}{
		{"a change by a break-glass principal stays", "StopLogging", admin, named("audit"), "", 0, false},
		{"until an hour has passed", "StopLogging", admin, named("audit"), "", time.Hour, true},
		{"a change by anyone else does not", "StopLogging", mallory, named("audit"), "", 0, true},
		{"the tag set by a break-glass principal holds", "AddTags", admin, hold("2026-11-21T00:00:00Z"), "2026-11-21T00:00:00Z", 11 * time.Hour, false},
		{"until its time", "AddTags", admin, hold("2026-11-21T00:00:00Z"), "2026-11-21T00:00:00Z", 12 * time.Hour, true},
		{"the tag set by anyone else does not hold", "AddTags", mallory, hold("2026-11-21T00:00:00Z"), "2026-11-21T00:00:00Z", 0, true},
		{"a tag that was changed since does not hold", "AddTags", admin, hold("2026-11-21T00:00:00Z"), "2030-01-01T00:00:00Z", 0, true},
		{"nor one that was removed", "AddTags", admin, hold("2026-11-21T00:00:00Z"), "", 0, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			want := complete()
			o := whole(want)
			b := newBench(o)
			spec := Spec{Mode: Repair, Trails: []Desired{want}, BreakGlass: BreakGlass{Principals: []string{"arn:aws:iam::*:user/admin"}}}
			if tt.tag != "" {
				o.Tags[HoldTag] = tt.tag
			}
			if tt.event == "StopLogging" {
				o.IsLogging = false
			}
			if _, err := b.Event(context.Background(), spec, told(tt.event, tt.principal, tt.request)); err != nil {
				t.Fatal(err)
			}
			o.IsLogging = false
			b.clock = b.clock.Add(tt.after)
			b.press.notices = nil
			outcomes, err := b.Sweep(context.Background(), spec)
			if err != nil {
				t.Fatal(err)
			}
			if o.IsLogging != tt.repaired {
				t.Errorf("repaired: %v, want %v: %+v", o.IsLogging, tt.repaired, outcomes[0])
			}
			if len(b.press.notices) != 1 {
				t.Errorf("published %+v, want one notice", b.press.notices)
			}
			if _, there := o.Tags[HoldTag]; there != (tt.tag != "") {
				t.Error("the hold tag was taken for drift")
			}
		})
	}
}

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

func TestTheLogLineIsAMetricToo(t *testing.T) {
	want := complete()
	o := whole(want)
	o.IsLogging = false
	b := newBench(o)
	if _, err := b.One(context.Background(), Spec{Mode: Repair, Source: "desired.yaml"}, want, nil); err != nil {
		t.Fatal(err)
	}
	var line map[string]any
	if err := json.Unmarshal([]byte(b.logs.String()), &line); err != nil {
		t.Fatalf("not one line of JSON: %v in %s", err, b.logs)
	}
	directive := line["_aws"].(map[string]any)["CloudWatchMetrics"].([]any)[0].(map[string]any)
	for _, metric := range directive["Metrics"].([]any) {
		if name := metric.(map[string]any)["Name"].(string); line[name] == nil {
			t.Errorf("the metric %s has no value", name)
		}
	}
	if line["DriftRepaired"] != 1.0 || line["Trail"] != "audit" || line["desired"] != "desired.yaml" {
		t.Errorf("line %s", b.logs)
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

func TestABreakGlassDeletionStays(t *testing.T) {
	const admin = "arn:aws:iam::123456789012:user/admin"
	want := complete()
	o := whole(want)
	o.Tags[HoldTag] = "2026-11-21T00:00:00Z"
	b := newBench(o)
	spec := Spec{Mode: Repair, Trails: []Desired{want}, BreakGlass: BreakGlass{Principals: []string{admin}}}
	tag := map[string]any{"resourceId": arnOf("audit"), "tagsList": []any{map[string]any{"key": HoldTag, "value": o.Tags[HoldTag]}}}
	for _, e := range []events.Envelope{told("AddTags", admin, tag), told("DeleteTrail", admin, named("audit"))} {
		if e := string(e.Detail); strings.Contains(e, "DeleteTrail") {
			delete(b.model.trails, "audit")
		}
		if _, err := b.Event(context.Background(), spec, e); err != nil {
			t.Fatal(err)
		}
	}
	if calls := b.operations(); len(calls) > 0 {
		t.Errorf("called %v", calls)
	}
	b.clock = b.clock.Add(time.Hour)
	if _, err := b.Sweep(context.Background(), spec); err != nil {
		t.Fatal(err)
	}
	b.whole(t, want)
}

func TestAHoldLastsWhileItsTagCannotBeRead(t *testing.T) {
	m := memory{TagHold: &hold{Until: time.Unix(100, 0), Tag: "x"}}
	unread := &Observed{Unread: map[Field]error{Tags: errors.New("throttled")}}
	if m.held(unread, time.Unix(50, 0)) == "" || m.held(&Observed{}, time.Unix(50, 0)) != "" || m.held(unread, time.Unix(100, 0)) != "" {
		t.Error("a hold is to last until its time, while its tag is there or unreadable")
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
	b.Reconciler.API = mutatingFaults{b.model}
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
