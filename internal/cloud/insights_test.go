package cloud

import (
	"context"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"

	"github.com/trailhand/trailhand/internal/cloud/functions"
	"github.com/trailhand/trailhand/internal/lambdas/detector"
	"github.com/trailhand/trailhand/internal/lambdas/logparser"
	"github.com/trailhand/trailhand/pkg/events"
)

func TestATrailsInsightsGoEverywhereThatCloudTrailTellsThem(t *testing.T) {
	for _, category := range []types.SourceEventCategory{types.SourceEventCategoryManagement, types.SourceEventCategoryData} {
		t.Run(string(category), func(t *testing.T) {
			clock := &handClock{behind: 12 * time.Hour}
			cfg := testConfig(t, t.TempDir())
			cfg.Now, cfg.InsightWarmup = clock.now, 4*time.Hour
			heard := listening(&cfg)
			c := started(t, cfg)
			arn := analyzedTrail(t, c, category)
			heard.listen(t, c, `{"eventCategory":["Insight"]}`)
			hours(t, c, clock, 11, string(category))
			want := expected(string(category))
			if got := aboutItems(told(delivered(t, c, "/CloudTrail-Insight/"))); !slices.Equal(got, want) {
				t.Errorf("delivered %q, want %q", got, want)
			}
			on := slices.Compact(heard.said(t, c))
			if len(on) != 1 || on[0] != "AWS Insight via CloudTrail aws.cloudtrail " {
				t.Errorf("on the bus: %q", on)
			}
			clock.forward(time.Minute)
			listed(t, c, arn, category)
		})
	}
}

// listed holds what the API lists of a trail's insights.
func listed(t *testing.T, c *Cloud, arn string, category types.SourceEventCategory) {
	t.Helper()
	client := trailClient(c, testRegion)
	data, err := client.ListInsightsData(t.Context(), &cloudtrail.ListInsightsDataInput{
		InsightSource: &arn, DataType: types.ListInsightsDataTypeInsightsEvents, Dimensions: map[string]string{"EventName": "DeleteItem"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(data.Events) != 4 {
		t.Errorf("ListInsightsData has %d events, want 4", len(data.Events))
	}
	found, err := client.LookupEvents(t.Context(), &cloudtrail.LookupEventsInput{EventCategory: types.EventCategoryInsight, LookupAttributes: []types.LookupAttribute{
		{AttributeKey: types.LookupAttributeKeyEventName, AttributeValue: aws.String("DeleteItem")},
	}})
	if err != nil {
		t.Fatal(err)
	}
	if len(found.Events) != 4 || !strings.Contains(*found.Events[0].CloudTrailEvent, `"insightSource":"`+arn+`"`) {
		t.Errorf("LookupEvents finds %d, want 4 with the trail's ARN", len(found.Events))
	}
	in := &cloudtrail.ListInsightsMetricDataInput{
		EventSource: aws.String("dynamodb.amazonaws.com"), EventName: aws.String("DeleteItem"), Period: aws.Int32(300),
		InsightType: types.InsightTypeApiErrorRateInsight, ErrorCode: aws.String("AccessDenied"),
	}
	if category == types.SourceEventCategoryData {
		in.TrailName = &arn
	}
	metric, err := client.ListInsightsMetricData(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	sum := 0.0
	for _, v := range metric.Values {
		sum += v * 5
	}
	if int(sum+.5) != 150 {
		t.Errorf("the metric has %v, which sum up to %g calls, want 150", metric.Values, sum)
	}
}

func TestABaselineBeginsAnewWhenTheTrailStops(t *testing.T) {
	clock := &handClock{behind: 14 * time.Hour}
	cfg := testConfig(t, t.TempDir())
	cfg.Now, cfg.InsightWarmup = clock.now, 4*time.Hour
	c := started(t, cfg)
	arn := analyzedTrail(t, c, types.SourceEventCategoryManagement)
	r := rand.New(rand.NewPCG(7, 7))
	hour := func(busy bool) {
		t.Helper()
		at := clock.now().UTC().Truncate(time.Minute)
		clock.forward(time.Hour)
		traffic(t, c, at, r, "Management", busy)
		if err := c.Deliver(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := c.Analyze(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	for range 6 {
		hour(false)
	}
	client := trailClient(c, testRegion)
	if _, err := client.StopLogging(t.Context(), &cloudtrail.StopLoggingInput{Name: &arn}); err != nil {
		t.Fatal(err)
	}
	if err := c.Deliver(t.Context()); err != nil {
		t.Fatal(err)
	}
	clock.forward(time.Second)
	if _, err := client.StartLogging(t.Context(), &cloudtrail.StartLoggingInput{Name: &arn}); err != nil {
		t.Fatal(err)
	}
	hour(true)
	hour(false)
	hour(false)
	if got := aboutItems(told(delivered(t, c, "/CloudTrail-Insight/"))); len(got) != 0 {
		t.Errorf("told %q two hours after the trail was started again", got)
	}
}

// withFunctions makes the functions of a Config those that are deployed.
func withFunctions(cfg *Config) {
	now, log := cfg.Now, cfg.Log
	cfg.Functions["Logparser"] = functions.Function(func(ctx context.Context, env map[string]string) (lambda.Handler, error) {
		return logparser.New(ctx, env, now, log)
	})
	cfg.Functions["Detector"] = functions.Function(func(ctx context.Context, env map[string]string) (lambda.Handler, error) {
		return detector.New(ctx, env, now, log)
	})
}

func TestTheCloudAndTheDetectorAgreeWhenWarmedUpAlike(t *testing.T) {
	clock := &handClock{behind: 33 * time.Hour}
	cfg := testConfig(t, t.TempDir())
	cfg.Now = clock.now
	withFunctions(&cfg)
	c := started(t, cfg)
	analyzedTrail(t, c, types.SourceEventCategoryManagement)
	hours(t, c, clock, 32, "Management")
	if err := c.Idle(t.Context()); err != nil {
		t.Fatal(err)
	}
	own := delivered(t, c, "/CloudTrail-Insight/")
	var theirs []events.Record
	const bucket = "trailhand-data-123456789012-us-east-1"
	all, err := c.buckets.List(t.Context(), bucket, "insights/")
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range all {
		body, _, err := c.buckets.Get(t.Context(), bucket, o.Key)
		if err != nil {
			t.Fatal(err)
		}
		for rec, err := range events.OpenGzip(body, events.Limits{}).All() {
			if err != nil {
				t.Fatal(err)
			}
			theirs = append(theirs, rec.Clone())
		}
		body.Close()
	}
	if got := aboutItems(told(own)); !slices.Equal(got, expected("Management")) {
		t.Errorf("the cloud tells %q", got)
	}
	if a, b := items(own), items(theirs); !slices.Equal(a, b) {
		t.Errorf("the cloud tells\n%s\nand the detector\n%s", strings.Join(a, "\n"), strings.Join(b, "\n"))
	}
}

// items are the records about the traffic, without the trail that is CloudTrail's alone to name.
func items(records []events.Record) []string {
	var all []string
	for i := range records {
		raw := string(records[i].Raw())
		if !strings.Contains(raw, "Item") {
			continue
		}
		before, source, ours := strings.Cut(raw, `"insightSource":`)
		if ours {
			_, rest, _ := strings.Cut(source, ",")
			raw = before + rest
		}
		all = append(all, raw)
	}
	slices.Sort(all)
	return all
}
