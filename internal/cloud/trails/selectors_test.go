package trails_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/trailhand/trailhand/pkg/events"
	"github.com/trailhand/trailhand/pkg/selectors"
)

var unexported = cmpopts.IgnoreUnexported(types.EventSelector{}, types.DataResource{}, types.AdvancedEventSelector{}, types.AdvancedFieldSelector{},
	types.InsightSelector{}, types.AggregationConfiguration{})

func onlyData(resourceType string) types.AdvancedEventSelector {
	return types.AdvancedEventSelector{Name: p("data"), FieldSelectors: []types.AdvancedFieldSelector{
		{Field: p("eventCategory"), Equals: []string{"Data"}}, {Field: p("resources.type"), Equals: []string{resourceType}},
	}}
}

func TestEventSelectorsAreShownAsTheyWereGivenWithDefaultsSpelledOut(t *testing.T) {
	ctx := context.Background()
	whole := types.EventSelector{ReadWriteType: "All", IncludeManagementEvents: p(true), DataResources: []types.DataResource{}, ExcludeManagementEventSources: []string{}}
	writes := whole
	writes.ReadWriteType = "WriteOnly"
	objects := whole
	objects.DataResources = []types.DataResource{{Type: p("AWS::S3::Object"), Values: []string{"arn:aws:s3:::b/"}}}
	for _, c := range []struct {
		name   string
		put    cloudtrail.PutEventSelectorsInput
		want   cloudtrail.PutEventSelectorsOutput
		custom bool
	}{
		{"the default", cloudtrail.PutEventSelectorsInput{EventSelectors: []types.EventSelector{{}}}, cloudtrail.PutEventSelectorsOutput{EventSelectors: []types.EventSelector{whole}}, false},
		{"writes only", cloudtrail.PutEventSelectorsInput{EventSelectors: []types.EventSelector{{ReadWriteType: "WriteOnly"}}}, cloudtrail.PutEventSelectorsOutput{EventSelectors: []types.EventSelector{writes}}, true},
		{"objects", cloudtrail.PutEventSelectorsInput{EventSelectors: []types.EventSelector{{DataResources: objects.DataResources}}}, cloudtrail.PutEventSelectorsOutput{EventSelectors: []types.EventSelector{objects}}, true},
		{"advanced ones replace basic ones", cloudtrail.PutEventSelectorsInput{AdvancedEventSelectors: []types.AdvancedEventSelector{onlyData("AWS::SQS::Queue")}},
			cloudtrail.PutEventSelectorsOutput{AdvancedEventSelectors: []types.AdvancedEventSelector{onlyData("AWS::SQS::Queue")}}, true},
		{"basic ones replace advanced ones", cloudtrail.PutEventSelectorsInput{EventSelectors: []types.EventSelector{whole}}, cloudtrail.PutEventSelectorsOutput{EventSelectors: []types.EventSelector{whole}}, false},
	} {
		w := newWorld(t)
		client := w.client(account, home)
		arn := w.create(cloudtrail.CreateTrailInput{Name: p("my-trail")})
		t.Run(c.name, func(t *testing.T) {
			c.put.TrailName = &arn
			put, err := client.PutEventSelectors(ctx, &c.put)
			if err != nil {
				t.Fatal(err)
			}
			got, err := client.GetEventSelectors(ctx, &cloudtrail.GetEventSelectorsInput{TrailName: &arn})
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(c.want.EventSelectors, got.EventSelectors, unexported) + cmp.Diff(c.want.AdvancedEventSelectors, got.AdvancedEventSelectors, unexported); d != "" || *got.TrailARN != arn {
				t.Errorf("of %s (-want +got)\n%s", *got.TrailARN, d)
			}
			if d := cmp.Diff(put.EventSelectors, got.EventSelectors, unexported) + cmp.Diff(put.AdvancedEventSelectors, got.AdvancedEventSelectors, unexported); d != "" {
				t.Errorf("put and get differ (-put +get)\n%s", d)
			}
			trail, err := client.GetTrail(ctx, &cloudtrail.GetTrailInput{Name: &arn})
			if err != nil || *trail.Trail.HasCustomEventSelectors != c.custom {
				t.Errorf("HasCustomEventSelectors is %v, %v", trail, err)
			}
		})
	}
}

func TestPutEventSelectorsRefuses(t *testing.T) {
	for _, c := range []struct {
		name, message string
		put           cloudtrail.PutEventSelectorsInput
	}{
		{"neither kind", "", cloudtrail.PutEventSelectorsInput{}},
		{"both kinds", "", cloudtrail.PutEventSelectorsInput{EventSelectors: []types.EventSelector{{}}, AdvancedEventSelectors: []types.AdvancedEventSelector{onlyData("AWS::S3::Object")}}},
		{"six selectors", "", cloudtrail.PutEventSelectorsInput{EventSelectors: make([]types.EventSelector, 6)}},
		{"a wildcard", "Value arn:aws:s3:::*/* for DataResources.Values is invalid.",
			cloudtrail.PutEventSelectorsInput{EventSelectors: []types.EventSelector{{DataResources: []types.DataResource{{Type: p("AWS::S3::Object"), Values: []string{"arn:aws:s3:::*/*"}}}}}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			arn := w.create(cloudtrail.CreateTrailInput{Name: p("my-trail")})
			c.put.TrailName = &arn
			_, err := w.client(account, home).PutEventSelectors(context.Background(), &c.put)
			check(t, err, "InvalidEventSelectorsException", c.message)
			if got, _ := w.trails.Trail(arn); len(got.Selectors.Basic)+len(got.Selectors.Advanced) != 0 {
				t.Errorf("the trail has %+v", got.Selectors)
			}
		})
	}
}

func TestALoggingTrailSelectsWithItsSelectors(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t)
	client := w.client(account, home)
	w.create(cloudtrail.CreateTrailInput{Name: p("my-trail")})
	if _, err := client.StartLogging(ctx, &cloudtrail.StartLoggingInput{Name: p("my-trail")}); err != nil {
		t.Fatal(err)
	}
	read := selectors.Event{Category: events.Management, EventSource: "ec2.amazonaws.com", EventName: "DescribeInstances", ReadOnly: true}
	if logging := w.trails.Logging(account); len(logging) != 1 || !logging[0].Matcher().Match(&read) {
		t.Errorf("a new trail misses a read: %v", logging)
	}
	_, err := client.PutEventSelectors(ctx, &cloudtrail.PutEventSelectorsInput{TrailName: p("my-trail"), EventSelectors: []types.EventSelector{{ReadWriteType: "WriteOnly"}}})
	if err != nil {
		t.Fatal(err)
	}
	if w.trails.Logging(account)[0].Matcher().Match(&read) {
		t.Error("a trail of writes takes a read")
	}
}

func TestInsightSelectors(t *testing.T) {
	ctx := context.Background()
	calls, failures := types.InsightTypeApiCallRateInsight, types.InsightTypeApiErrorRateInsight
	reads := []types.EventSelector{{ReadWriteType: "ReadOnly"}}
	objects := []types.EventSelector{{IncludeManagementEvents: p(false), DataResources: []types.DataResource{{Type: p("AWS::S3::Object"), Values: []string{"arn:aws:s3"}}}}}
	for _, c := range []struct {
		name   string
		events []types.EventSelector
		put    []types.InsightSelector
		want   string
		code   string
	}{
		{"both types, of management events unless told", nil, []types.InsightSelector{{InsightType: calls}, {InsightType: failures}}, "[ApiCallRateInsight [Management] ApiErrorRateInsight [Management]]", ""},
		{"none switches them off", nil, []types.InsightSelector{}, "[]", ""},
		{"data events where the trail logs such", objects, []types.InsightSelector{{InsightType: calls, EventCategories: []types.SourceEventCategory{"Data"}}}, "[ApiCallRateInsight [Data]]", ""},
		{"data events where it logs none", nil, []types.InsightSelector{{InsightType: calls, EventCategories: []types.SourceEventCategory{"Management", "Data"}}}, "", "InvalidInsightSelectorsException"},
		{"the call rate of a trail of reads", reads, []types.InsightSelector{{InsightType: calls}}, "", "InvalidInsightSelectorsException"},
		{"the error rate of a trail of reads", reads, []types.InsightSelector{{InsightType: failures}}, "[ApiErrorRateInsight [Management]]", ""},
		{"the error rate of a trail without management events", objects, []types.InsightSelector{{InsightType: failures}}, "", "InvalidInsightSelectorsException"},
		{"a type twice", nil, []types.InsightSelector{{InsightType: calls}, {InsightType: calls}}, "", "InvalidInsightSelectorsException"},
		{"a type that is none", nil, []types.InsightSelector{{InsightType: "ApiLatencyInsight"}}, "", "InvalidInsightSelectorsException"},
		{"a category that is none", nil, []types.InsightSelector{{InsightType: calls, EventCategories: []types.SourceEventCategory{"Insight"}}}, "", "InvalidInsightSelectorsException"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			client := w.client(account, home)
			arn := w.create(cloudtrail.CreateTrailInput{Name: p("my-trail")})
			if c.events != nil {
				if _, err := client.PutEventSelectors(ctx, &cloudtrail.PutEventSelectorsInput{TrailName: &arn, EventSelectors: c.events}); err != nil {
					t.Fatal(err)
				}
			}
			put, err := client.PutInsightSelectors(ctx, &cloudtrail.PutInsightSelectorsInput{TrailName: &arn, InsightSelectors: c.put})
			check(t, err, c.code, "")
			if err == nil && describe(put.InsightSelectors) != c.want {
				t.Errorf("put shows %s, want %s", describe(put.InsightSelectors), c.want)
			}
			got, err := client.GetInsightSelectors(ctx, &cloudtrail.GetInsightSelectorsInput{TrailName: &arn})
			if c.want == "" || c.want == "[]" {
				check(t, err, "InsightNotEnabledException", "Trail "+arn+" does not have Insights enabled. Edit the trail settings to enable Insights, and then try the operation again.")
			} else if err != nil || describe(got.InsightSelectors) != c.want {
				t.Errorf("get shows %+v, %v", got, err)
			}
			if trail, err := client.GetTrail(ctx, &cloudtrail.GetTrailInput{Name: &arn}); err != nil || *trail.Trail.HasInsightSelectors != (c.want != "" && c.want != "[]") {
				t.Errorf("HasInsightSelectors is %v, %v", trail, err)
			}
		})
	}
}

func describe(in []types.InsightSelector) string {
	out := []any{}
	for _, s := range in {
		out = append(out, s.InsightType, s.EventCategories)
	}
	return fmt.Sprint(out)
}

func TestInsightSelectorsNeedTheBucket(t *testing.T) {
	w := newWorld(t)
	arn := w.create(cloudtrail.CreateTrailInput{Name: p("my-trail")})
	for document, code := range map[string]string{"": "InsufficientS3BucketPolicyException", "none": "S3BucketDoesNotExistException"} {
		w.buckets[bucket] = document
		if document == "none" {
			delete(w.buckets, bucket)
		}
		_, err := w.client(account, home).PutInsightSelectors(context.Background(), &cloudtrail.PutInsightSelectorsInput{
			TrailName: &arn, InsightSelectors: []types.InsightSelector{{InsightType: types.InsightTypeApiCallRateInsight}},
		})
		check(t, err, code, "")
	}
}

func TestATrailOrAnEventDataStore(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t)
	client := w.client(account, home)
	trail, store := p(w.create(cloudtrail.CreateTrailInput{Name: p("my-trail")})), p("arn:aws:cloudtrail:us-east-2:123456789012:eventdatastore/abc")
	for _, c := range []struct {
		trail, store *string
		code         string
	}{
		{trail, store, "InvalidParameterCombinationException"},
		{nil, store, "UnsupportedOperationException"},
		{nil, nil, "InvalidParameterException"},
	} {
		_, err := client.PutInsightSelectors(ctx, &cloudtrail.PutInsightSelectorsInput{TrailName: c.trail, EventDataStore: c.store, InsightSelectors: []types.InsightSelector{}})
		check(t, err, c.code, "")
		_, err = client.GetInsightSelectors(ctx, &cloudtrail.GetInsightSelectorsInput{TrailName: c.trail, EventDataStore: c.store})
		check(t, err, c.code, "")
		_, err = client.PutEventConfiguration(ctx, &cloudtrail.PutEventConfigurationInput{TrailName: c.trail, EventDataStore: c.store})
		check(t, err, c.code, "")
		_, err = client.GetEventConfiguration(ctx, &cloudtrail.GetEventConfigurationInput{TrailName: c.trail, EventDataStore: c.store})
		check(t, err, c.code, "")
	}
}

func TestEventConfiguration(t *testing.T) {
	ctx := context.Background()
	data := func(templates ...types.Template) []types.AggregationConfiguration {
		return []types.AggregationConfiguration{{EventCategory: "Data", Templates: templates}}
	}
	for _, c := range []struct {
		name string
		put  cloudtrail.PutEventConfigurationInput
		want []types.AggregationConfiguration
		code string
	}{
		{"all templates", cloudtrail.PutEventConfigurationInput{AggregationConfigurations: data("API_ACTIVITY", "RESOURCE_ACCESS", "USER_ACTIONS")}, data("API_ACTIVITY", "RESOURCE_ACCESS", "USER_ACTIONS"), ""},
		{"an empty list switches it off", cloudtrail.PutEventConfigurationInput{AggregationConfigurations: []types.AggregationConfiguration{}}, []types.AggregationConfiguration{}, ""},
		{"no list", cloudtrail.PutEventConfigurationInput{}, data("API_ACTIVITY"), "InvalidParameterException"},
		{"two configurations", cloudtrail.PutEventConfigurationInput{AggregationConfigurations: append(data("API_ACTIVITY"), data("USER_ACTIONS")...)}, data("API_ACTIVITY"), "InvalidParameterException"},
		{"a template twice", cloudtrail.PutEventConfigurationInput{AggregationConfigurations: data("USER_ACTIONS", "USER_ACTIONS")}, data("API_ACTIVITY"), "InvalidParameterException"},
		{"a template that is none", cloudtrail.PutEventConfigurationInput{AggregationConfigurations: data("WEATHER")}, data("API_ACTIVITY"), "InvalidParameterException"},
		{"no template", cloudtrail.PutEventConfigurationInput{AggregationConfigurations: data([]types.Template{}...)}, data("API_ACTIVITY"), "InvalidParameterException"},
		{"management events", cloudtrail.PutEventConfigurationInput{AggregationConfigurations: []types.AggregationConfiguration{{EventCategory: "Management", Templates: []types.Template{"API_ACTIVITY"}}}}, data("API_ACTIVITY"), "InvalidParameterException"},
		{"a size, which is for event data stores", cloudtrail.PutEventConfigurationInput{MaxEventSize: "Large"}, data("API_ACTIVITY"), "InvalidParameterCombinationException"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			client := w.client(account, home)
			arn := w.create(cloudtrail.CreateTrailInput{Name: p("my-trail")})
			if _, err := client.PutEventConfiguration(ctx, &cloudtrail.PutEventConfigurationInput{TrailName: &arn, AggregationConfigurations: data("API_ACTIVITY")}); err != nil {
				t.Fatal(err)
			}
			for i := range c.put.AggregationConfigurations {
				if c.put.AggregationConfigurations[i].Templates == nil {
					c.put.AggregationConfigurations[i].Templates = []types.Template{}
				}
			}
			c.put.TrailName = &arn
			_, err := client.PutEventConfiguration(ctx, &c.put)
			check(t, err, c.code, "")
			got, err := client.GetEventConfiguration(ctx, &cloudtrail.GetEventConfigurationInput{TrailName: &arn})
			if err != nil || *got.TrailARN != arn {
				t.Fatal(got, err)
			}
			if d := cmp.Diff(c.want, got.AggregationConfigurations, unexported); d != "" {
				t.Errorf("(-want +got)\n%s", d)
			}
		})
	}
}
