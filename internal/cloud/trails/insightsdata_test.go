package trails_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"

	"github.com/trailhand/trailhand/internal/cloud/trails"
)

func TestListInsightsData(t *testing.T) {
	ctx := context.Background()
	provider := &played{records: 3}
	w := withProviders(t, provider)
	client := w.client(account, home)
	arn := w.create(cloudtrail.CreateTrailInput{Name: p("my-trail")})
	ask := func(change func(*cloudtrail.ListInsightsDataInput)) (*cloudtrail.ListInsightsDataOutput, error) {
		in := &cloudtrail.ListInsightsDataInput{InsightSource: &arn, DataType: "InsightsEvents", MaxResults: p(int32(2)), Dimensions: map[string]string{"EventName": "StopLogging"}}
		change(in)
		return client.ListInsightsData(ctx, in)
	}
	first, err := ask(func(*cloudtrail.ListInsightsDataInput) {})
	if err != nil || len(first.Events) != 2 {
		t.Fatal(first, err)
	}
	rest, err := ask(func(in *cloudtrail.ListInsightsDataInput) { in.NextToken = first.NextToken })
	if err != nil || len(rest.Events) != 1 || *rest.Events[0].EventId != "id-2" || rest.NextToken != nil {
		t.Errorf("the second page is %+v, %v", rest, err)
	}
	if q := provider.query; q.TrailARN != arn || q.Dimension != "EventName" || q.Value != "StopLogging" {
		t.Errorf("asked %+v", q)
	}
	for name, change := range map[string]func(*cloudtrail.ListInsightsDataInput){
		"a name for the source":        func(in *cloudtrail.ListInsightsDataInput) { in.InsightSource = p("my-trail") },
		"a trail that is none":         func(in *cloudtrail.ListInsightsDataInput) { in.InsightSource = p(arnOf(home, account, "unheard-of")) },
		"a type of data that is none":  func(in *cloudtrail.ListInsightsDataInput) { in.DataType = "Weather" },
		"51 results":                   func(in *cloudtrail.ListInsightsDataInput) { in.MaxResults = p(int32(51)) },
		"two dimensions":               func(in *cloudtrail.ListInsightsDataInput) { in.Dimensions["EventId"] = "x" },
		"a dimension that is none":     func(in *cloudtrail.ListInsightsDataInput) { in.Dimensions = map[string]string{"Weather": "x"} },
		"a token of another dimension": func(in *cloudtrail.ListInsightsDataInput) { in.NextToken, in.Dimensions = first.NextToken, nil },
		"an end that is before the start": func(in *cloudtrail.ListInsightsDataInput) {
			in.StartTime, in.EndTime = p(w.now()), p(w.now().Add(-time.Hour))
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ask(change)
			check(t, err, "InvalidParameterException", "")
		})
	}
}

func TestListInsightsMetricData(t *testing.T) {
	ctx := context.Background()
	start := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	provider := &played{points: []trails.Point{{Time: start.Add(time.Minute), Value: 2}, {Time: start.Add(3 * time.Minute), Value: 4}}}
	w := withProviders(t, provider)
	arn := w.create(cloudtrail.CreateTrailInput{Name: p("my-trail")})
	ask := func(change func(*cloudtrail.ListInsightsMetricDataInput)) (string, error) {
		in := &cloudtrail.ListInsightsMetricDataInput{
			EventName: p("StopLogging"), EventSource: p("cloudtrail.amazonaws.com"), InsightType: "ApiCallRateInsight",
			Period: p(int32(60)), StartTime: &start, EndTime: p(start.Add(5 * time.Minute)),
		}
		change(in)
		shown := ""
		pages := cloudtrail.NewListInsightsMetricDataPaginator(w.client(account, home), in)
		for pages.HasMorePages() {
			out, err := pages.NextPage(ctx)
			if err != nil {
				return "", err
			}
			for i, at := range out.Timestamps {
				shown += fmt.Sprintf("%s=%g ", at.Format("4"), out.Values[i])
			}
			if pages.HasMorePages() {
				shown += "| "
			}
		}
		return shown, nil
	}
	for _, c := range []struct {
		name, want, code string
		change           func(*cloudtrail.ListInsightsMetricDataInput)
	}{
		{"points that are not zero", "1=2 3=4 ", "", func(*cloudtrail.ListInsightsMetricDataInput) {}},
		{"all points", "0=0 1=2 2=0 3=4 4=0 ", "", func(in *cloudtrail.ListInsightsMetricDataInput) { in.DataType = "FillWithZeros" }},
		{"all points, two a page", "0=0 1=2 | 2=0 3=4 | 4=0 ", "", func(in *cloudtrail.ListInsightsMetricDataInput) {
			in.DataType, in.MaxResults = "FillWithZeros", p(int32(2))
		}},
		{"of a trail, by its name", "1=2 3=4 ", "", func(in *cloudtrail.ListInsightsMetricDataInput) { in.TrailName = p("my-trail") }},
		{"of an error", "1=2 3=4 ", "", func(in *cloudtrail.ListInsightsMetricDataInput) {
			in.InsightType, in.ErrorCode = types.InsightTypeApiErrorRateInsight, p("AccessDenied")
		}},
		{"of an error without its code", "", "InvalidParameterException", func(in *cloudtrail.ListInsightsMetricDataInput) {
			in.InsightType = types.InsightTypeApiErrorRateInsight
		}},
		{"a period of two minutes", "", "InvalidParameterException", func(in *cloudtrail.ListInsightsMetricDataInput) { in.Period = p(int32(120)) }},
		{"a type that is none", "", "InvalidParameterException", func(in *cloudtrail.ListInsightsMetricDataInput) { in.InsightType = "Weather" }},
		{"a source that is none", "", "InvalidParameterException", func(in *cloudtrail.ListInsightsMetricDataInput) { in.EventSource = p("cloudtrail") }},
		{"21601 results", "", "InvalidParameterException", func(in *cloudtrail.ListInsightsMetricDataInput) { in.MaxResults = p(int32(21601)) }},
		{"a trail that is none", "", "InvalidParameterException", func(in *cloudtrail.ListInsightsMetricDataInput) { in.TrailName = p("unheard-of") }},
		{"a name that no trail can have", "", "InvalidTrailNameException", func(in *cloudtrail.ListInsightsMetricDataInput) { in.TrailName = p("a") }},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := ask(c.change)
			check(t, err, c.code, "")
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
	if _, err := ask(func(in *cloudtrail.ListInsightsMetricDataInput) { in.TrailName = &arn }); err != nil || provider.metric.TrailARN != arn {
		t.Errorf("asked %+v, %v", provider.metric, err)
	}
}
