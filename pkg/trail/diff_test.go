package trail

import (
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/trailhand/trailhand/pkg/selectors"
)

func fieldsOf(drifts []Drift) []Field {
	var fields []Field
	for _, x := range drifts {
		fields = append(fields, x.Field)
	}
	return fields
}

func TestDiffComparesMeaning(t *testing.T) {
	management := selectors.FieldSelector{Field: "eventCategory", Equals: []string{"Management"}}
	tests := []struct {
		name string
		want Desired
		got  Observed
		diff []Field
	}{
		{"nothing desired, nothing differs", Desired{}, Observed{IsLogging: true, Tags: map[string]string{"a": "b"}}, nil},
		{"an absent setting is its default", Desired{Attributes: Attributes{S3KeyPrefix: ptr(""), IsMultiRegionTrail: ptr(false)}}, Observed{}, nil},
		{"a topic's name is its ARN", Desired{Attributes: Attributes{SnsTopicName: ptr("t")}},
			Observed{Attributes: Attributes{SnsTopicName: ptr("arn:aws:sns:eu-west-1:1:t")}}, nil},
		{"a topic's ARN is its name", Desired{Attributes: Attributes{SnsTopicName: ptr("arn:aws:sns:eu-west-1:1:t")}},
			Observed{Attributes: Attributes{SnsTopicName: ptr("t")}}, nil},
		{"the end of a topic's name is another topic", Desired{Attributes: Attributes{SnsTopicName: ptr("t")}},
			Observed{Attributes: Attributes{SnsTopicName: ptr("arn:aws:sns:eu-west-1:1:not")}}, []Field{SnsTopicName}},
		{"a topic of the same name elsewhere is another topic", Desired{Attributes: Attributes{SnsTopicName: ptr("arn:aws:sns:eu-west-1:1:t")}},
			Observed{Attributes: Attributes{SnsTopicName: ptr("arn:aws:sns:us-east-1:1:t")}}, []Field{SnsTopicName}},
		{"a key's ID is its ARN", Desired{Attributes: Attributes{KMSKeyID: ptr("k-1")}},
			Observed{Attributes: Attributes{KMSKeyID: ptr("arn:aws:kms:eu-west-1:1:key/k-1")}}, nil},
		{"a key that must not be there", Desired{Attributes: Attributes{KMSKeyID: ptr("")}},
			Observed{Attributes: Attributes{KMSKeyID: ptr("arn:aws:kms:eu-west-1:1:key/k-1")}}, []Field{KMSKeyID}},
		{"a log group with and without its asterisk", Desired{Attributes: Attributes{CloudWatchLogsLogGroupArn: ptr("arn:g:*")}},
			Observed{Attributes: Attributes{CloudWatchLogsLogGroupArn: ptr("arn:g")}}, nil},
		{"the default selectors are no selectors", Desired{Selectors: &selectors.Set{}},
			Observed{Selectors: selectors.Set{Basic: []selectors.Basic{{ReadWriteType: "All", IncludeManagementEvents: ptr(true)}}}}, nil},
		{"basic for advanced selectors", Desired{Selectors: &selectors.Set{Advanced: []selectors.Advanced{{FieldSelectors: []selectors.FieldSelector{management}}}}},
			Observed{}, []Field{AdvancedEventSelectors}},
		{"read-only for all", Desired{Selectors: &selectors.Set{}},
			Observed{Selectors: selectors.Set{Basic: []selectors.Basic{{ReadWriteType: "ReadOnly"}}}}, []Field{EventSelectors}},
		{"insights in another order, with their default category",
			Desired{Insights: []InsightSelector{{InsightType: "A"}, {InsightType: "B"}}},
			Observed{Insights: []InsightSelector{{"B", []string{"Management"}}, {"A", nil}}}, nil},
		{"an insight category more", Desired{Insights: []InsightSelector{{InsightType: "A"}}},
			Observed{Insights: []InsightSelector{{"A", []string{"Management", "Data"}}}}, []Field{InsightSelectors}},
		{"insights that must be off", Desired{Insights: []InsightSelector{}}, Observed{Insights: []InsightSelector{{InsightType: "A"}}}, []Field{InsightSelectors}},
		{"templates in another order", Desired{Aggregations: []Aggregation{{"Data", []string{"X", "Y"}}}},
			Observed{Aggregations: []Aggregation{{"Data", []string{"Y", "X"}}}}, nil},
		{"a template less", Desired{Aggregations: []Aggregation{{"Data", []string{"X", "Y"}}}},
			Observed{Aggregations: []Aggregation{{"Data", []string{"Y"}}}}, []Field{AggregationConfigurations}},
		{"a tag more is at least", Desired{Tags: map[string]string{"a": "1"}}, Observed{Tags: map[string]string{"a": "1", "b": "2"}}, nil},
		{"a tag more is not exact", Desired{Tags: map[string]string{"a": "1"}, TagsExact: true}, Observed{Tags: map[string]string{"a": "1", "b": "2"}}, []Field{Tags}},
		{"AWS's tags and the hold are never drift", Desired{Tags: map[string]string{}, TagsExact: true},
			Observed{Tags: map[string]string{"aws:x": "1", HoldTag: "2026-11-20T12:00:00Z"}}, nil},
		{"a tag of another value", Desired{Tags: map[string]string{"a": "1"}}, Observed{Tags: map[string]string{"a": "2"}}, []Field{Tags}},
		{"logging that stopped", Desired{IsLogging: ptr(true)}, Observed{}, []Field{IsLogging}},
		{"logging that must be off", Desired{IsLogging: ptr(false)}, Observed{IsLogging: true}, []Field{IsLogging}},
		{"what could not be read is not compared", Desired{IsLogging: ptr(true)}, Observed{Unread: map[Field]error{IsLogging: errors.New("denied")}}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := fieldsOf(Diff(tt.want, &tt.got)); !slices.Equal(got, tt.diff) {
				t.Errorf("drift in %v, want %v", got, tt.diff)
			}
		})
	}
}

func TestDiffOfAMissingTrailIsThatItIsMissing(t *testing.T) {
	want := []Drift{{Field: Exists, Want: true, Got: false}}
	if d := cmp.Diff(want, Diff(Desired{IsLogging: ptr(true)}, nil)); d != "" {
		t.Error(d)
	}
}

func TestEverySettingThatDriftsIsSeenAndPutBackByOneCall(t *testing.T) {
	want, advanced := complete(), complete()
	advanced.Selectors = &selectors.Set{Advanced: []selectors.Advanced{{FieldSelectors: []selectors.FieldSelector{{Field: "eventCategory", Equals: []string{"Management"}}}}}}
	put := map[Field]Operation{EventSelectors: PutEventSelectors, AdvancedEventSelectors: PutEventSelectors, InsightSelectors: PutInsightSelectors,
		AggregationConfigurations: PutEventConfiguration, Tags: AddTags, IsLogging: StartLogging}
	for _, f := range Settings() {
		d := want
		if f == AdvancedEventSelectors {
			d = advanced
		}
		o := whole(d)
		spoil(o, f)
		drifts := Diff(d, o)
		if got := fieldsOf(drifts); !slices.Equal(got, []Field{f}) {
			t.Errorf("%s: drift in %v", f, got)
		}
		calls := Plan(d, o, drifts)
		operation, ok := put[f]
		if !ok {
			operation = UpdateTrail
		}
		if len(calls) != 1 || calls[0].Operation != operation || !slices.Equal(calls[0].Fields, []Field{f}) {
			t.Errorf("%s: planned %+v, want one %s", f, calls, operation)
		}
		if calls[0].Trail != o.ARN || calls[0].Region != home {
			t.Errorf("%s: called for %s in %s, want the ARN in the home Region", f, calls[0].Trail, calls[0].Region)
		}
	}
}

// complete is a desired trail with every setting managed.
func complete() Desired {
	return Desired{
		Name: "audit", HomeRegion: home,
		Attributes: Attributes{
			S3BucketName: ptr("logs"), S3KeyPrefix: ptr("p"), SnsTopicName: ptr("topic"), KMSKeyID: ptr("k-1"),
			CloudWatchLogsLogGroupArn: ptr("arn:group"), CloudWatchLogsRoleArn: ptr("arn:role"), IncludeGlobalServiceEvents: ptr(true),
			IsMultiRegionTrail: ptr(true), IsOrganizationTrail: ptr(false), EnableLogFileValidation: ptr(true),
		},
		IsLogging: ptr(true), Selectors: &selectors.Set{}, Insights: []InsightSelector{{InsightType: "ApiCallRateInsight"}},
		Aggregations: []Aggregation{{"Data", []string{"API_ACTIVITY"}}}, Tags: map[string]string{"Owner": "me"},
	}
}

// whole is a trail as desired.
func whole(d Desired) *Observed {
	o := &Observed{Name: d.Name, ARN: arnOf(d.Name), HomeRegion: home, Attributes: d.Attributes, IsLogging: *d.IsLogging,
		Selectors: *d.Selectors, Insights: d.Insights, Aggregations: d.Aggregations, Tags: map[string]string{}}
	for k, v := range d.Tags {
		o.Tags[k] = v
	}
	return o
}

// spoil changes one setting.
func spoil(o *Observed, f Field) {
	if p := o.Text(f); p != nil {
		*p = ptr("arn:changed")
		return
	}
	if p := o.Flag(f); p != nil {
		*p = ptr(!value(*p))
		return
	}
	switch f {
	case EventSelectors, AdvancedEventSelectors:
		o.Selectors = selectors.Set{Basic: []selectors.Basic{{ReadWriteType: "ReadOnly"}}}
	case InsightSelectors:
		o.Insights = nil
	case AggregationConfigurations:
		o.Aggregations = nil
	case Tags:
		delete(o.Tags, "Owner")
	case IsLogging:
		o.IsLogging = false
	}
}

func TestPlanMakesTheFewestCallsInOrder(t *testing.T) {
	d := complete()
	o := whole(d)
	for _, f := range Settings() {
		if f != EventSelectors && f != AdvancedEventSelectors {
			spoil(o, f)
		}
	}
	o.Selectors = selectors.Set{Basic: []selectors.Basic{{ReadWriteType: "ReadOnly"}}}
	o.Tags["surplus"] = "x"
	d.TagsExact = true
	tests := []struct {
		name string
		have *Observed
		want []Operation
	}{
		{"everything differs", o, []Operation{UpdateTrail, PutEventSelectors, PutInsightSelectors, PutEventConfiguration, RemoveTags, AddTags, StartLogging}},
		{"the trail is gone", nil, []Operation{CreateTrail, PutInsightSelectors, PutEventConfiguration, StartLogging}},
		{"nothing differs", whole(complete()), nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []Operation
			for _, c := range Plan(d, tt.have, Diff(d, tt.have)) {
				got = append(got, c.Operation)
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("planned %v, want %v", got, tt.want)
			}
		})
	}
}

func TestUpdateTrailCarriesWhatAChangeBringsWithIt(t *testing.T) {
	tests := []struct {
		name         string
		want         Desired
		got          Attributes
		also         Field
		text         string
		flagIsGiven  bool
		globalEvents bool
	}{
		{"a log group with the desired role", Desired{Attributes: Attributes{CloudWatchLogsLogGroupArn: ptr("g"), CloudWatchLogsRoleArn: ptr("r")}},
			Attributes{CloudWatchLogsLogGroupArn: ptr("x"), CloudWatchLogsRoleArn: ptr("r")}, CloudWatchLogsRoleArn, "r", false, false},
		{"a log group with the role that is there", Desired{Attributes: Attributes{CloudWatchLogsLogGroupArn: ptr("g")}},
			Attributes{CloudWatchLogsLogGroupArn: ptr("x"), CloudWatchLogsRoleArn: ptr("r")}, CloudWatchLogsRoleArn, "r", false, false},
		{"no log group and no role", Desired{Attributes: Attributes{CloudWatchLogsLogGroupArn: ptr("")}},
			Attributes{CloudWatchLogsLogGroupArn: ptr("x"), CloudWatchLogsRoleArn: ptr("r")}, CloudWatchLogsRoleArn, "", false, false},
		{"one Region, and global events stay", Desired{Attributes: Attributes{IsMultiRegionTrail: ptr(false), IncludeGlobalServiceEvents: ptr(true)}},
			Attributes{IsMultiRegionTrail: ptr(true), IncludeGlobalServiceEvents: ptr(true)}, IncludeGlobalServiceEvents, "", true, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := &Observed{Attributes: tt.got}
			calls := Plan(tt.want, o, Diff(tt.want, o))
			if len(calls) != 1 {
				t.Fatalf("planned %+v, want one UpdateTrail", calls)
			}
			a := calls[0].Attributes
			if tt.flagIsGiven {
				if p := *a.Flag(tt.also); p == nil || *p != tt.globalEvents {
					t.Errorf("%s is %v", tt.also, p)
				}
				return
			}
			if p := *a.Text(tt.also); p == nil || *p != tt.text {
				t.Errorf("%s is %v, want %q", tt.also, p, tt.text)
			}
		})
	}
}
