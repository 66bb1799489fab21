package trails_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"

	"github.com/trailhand/trailhand/internal/cloud/trails"
)

// played answers lookups with numbered records, two a page, and keeps what it was asked.
type played struct {
	lookup  trails.Lookup
	query   trails.InsightsQuery
	metric  trails.MetricQuery
	from    time.Time
	to      time.Time
	records int
	points  []trails.Point
}

func (p *played) page(after string, limit int) ([][]byte, string) {
	start := 0
	if after != "" {
		if _, err := fmt.Sscan(after, &start); err != nil {
			panic(err)
		}
	}
	var out [][]byte
	for i := start; i < p.records && len(out) < limit; i++ {
		out = append(out, fmt.Appendf(nil, `{"eventVersion":"1.11","eventID":"id-%d","eventTime":"2024-01-01T00:00:00Z","eventName":"StopLogging","eventSource":"cloudtrail.amazonaws.com","readOnly":false,
			"userIdentity":{"type":"IAMUser","userName":"Mary","accessKeyId":"AKIAIOSFODNN7EXAMPLE"},"resources":[{"type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::b"}]}`, i))
	}
	if end := start + len(out); end < p.records {
		return out, fmt.Sprint(end)
	}
	return out, ""
}

func (p *played) Lookup(_ context.Context, l trails.Lookup) ([][]byte, string, error) {
	p.lookup = l
	records, next := p.page(l.After, l.Limit)
	return records, next, nil
}

func (p *played) Events(_ context.Context, q trails.InsightsQuery) ([][]byte, string, error) {
	p.query = q
	records, next := p.page(q.After, q.Limit)
	return records, next, nil
}

func (p *played) Metric(_ context.Context, q trails.MetricQuery) ([]trails.Point, error) {
	p.metric = q
	var out []trails.Point
	for _, point := range p.points {
		if !point.Time.Before(q.From) && point.Time.Before(q.To) {
			out = append(out, point)
		}
	}
	return out, nil
}

func (p *played) PublicKeys(_ string, from, to time.Time) ([]types.PublicKey, error) {
	p.from, p.to = from, to
	return []types.PublicKey{{Value: []byte("DER")}}, nil
}

func withProviders(t *testing.T, p *played) *world {
	return newWorld(t, func(cfg *trails.Config) { cfg.History, cfg.Keys, cfg.Insights = p, p, p })
}

func TestLookupEventsPagesToTheEnd(t *testing.T) {
	provider := &played{records: 5}
	w := withProviders(t, provider)
	pages := cloudtrail.NewLookupEventsPaginator(w.client(account, home), &cloudtrail.LookupEventsInput{
		MaxResults:       p(int32(2)),
		LookupAttributes: []types.LookupAttribute{{AttributeKey: "EventName", AttributeValue: p("StopLogging")}},
	})
	ids := ""
	for pages.HasMorePages() {
		page, err := pages.NextPage(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range page.Events {
			ids += *e.EventId + " "
		}
	}
	if ids != "id-0 id-1 id-2 id-3 id-4 " {
		t.Errorf("the pages hold %s", ids)
	}
	l := provider.lookup
	if l.AccountID != account || l.Region != home || l.Attribute != "EventName" || l.Value != "StopLogging" || l.Insight || !l.To.Equal(w.now()) || !l.From.Equal(w.now().AddDate(0, 0, -90)) {
		t.Errorf("the history was asked %+v", l)
	}
}

func TestAnEventOfTheHistoryShowsItsRecord(t *testing.T) {
	record, _ := (&played{records: 1}).page("", 1)
	e, err := trails.EventOf(record[0])
	if err != nil {
		t.Fatal(err)
	}
	got := fmt.Sprint(*e.EventId, *e.EventName, *e.EventSource, *e.Username, *e.AccessKeyId, *e.ReadOnly, e.EventTime.Unix(), *e.Resources[0].ResourceType, *e.Resources[0].ResourceName)
	if want := "id-0StopLoggingcloudtrail.amazonaws.comMaryAKIAIOSFODNN7EXAMPLEfalse1704067200AWS::S3::Bucketb"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if *e.CloudTrailEvent != string(record[0]) {
		t.Errorf("CloudTrailEvent is %s", *e.CloudTrailEvent)
	}
}

func TestTheResourcesOfAnEventAreNamed(t *testing.T) {
	for record, want := range map[string]string{
		`"eventSource":"s3.amazonaws.com","resources":[{"type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::b"}]`:                                                                                 "AWS::S3::Bucket b",
		`"eventSource":"cloudtrail.amazonaws.com","requestParameters":{"name":"audit","s3BucketName":"logs"},"responseElements":{"name":"audit","s3BucketName":"logs","trailARN":"arn:t"}`: "AWS::CloudTrail::Trail audit, AWS::CloudTrail::Trail arn:t, AWS::S3::Bucket logs",
		`"eventSource":"cloudtrail.amazonaws.com","requestParameters":{"trailName":"audit"},"responseElements":null`:                                                                       "AWS::CloudTrail::Trail audit",
		`"eventSource":"iam.amazonaws.com","requestParameters":{"userName":"bob","policyArn":"arn:p"}`:                                                                                     "AWS::IAM::User bob, AWS::IAM::Policy arn:p",
		`"eventSource":"iam.amazonaws.com","requestParameters":{"username":"evading","userName":7}`:                                                                                        "",
		`"eventSource":"iam.amazonaws.com","requestParameters":"none"`:                                                                                                                     "",
		`"eventSource":"ec2.amazonaws.com","requestParameters":{"name":"x"},"resources":[{"type":"AWS::KMS::Key","ARN":"arn:k"},{"type":"AWS::KMS::Key"}]`:                                 "AWS::KMS::Key arn:k",
	} {
		e, err := trails.EventOf([]byte(`{"eventID":"i","eventTime":"2024-01-01T00:00:00Z",` + record + `}`))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, r := range e.Resources {
			got = append(got, *r.ResourceType+" "+*r.ResourceName)
		}
		if strings.Join(got, ", ") != want {
			t.Errorf("%s: %q, want %q", record, got, want)
		}
	}
}

func TestAnInsightEventShowsWhatItIsAbout(t *testing.T) {
	e, err := trails.EventOf([]byte(`{"eventID":"i","eventTime":"2026-03-02T09:00:00Z","eventCategory":"Insight",` +
		`"insightDetails":{"eventName":"UpdateInstanceInformation","eventSource":"ssm.amazonaws.com","insightType":"ApiCallRateInsight"}}`))
	if err != nil || e.EventName == nil || *e.EventName != "UpdateInstanceInformation" || e.EventSource == nil || *e.EventSource != "ssm.amazonaws.com" {
		t.Errorf("%+v, %v", e, err)
	}
}

func TestUsernames(t *testing.T) {
	for identity, want := range map[string]string{
		`{"type":"IAMUser","userName":"Mary"}`:                                         "Mary",
		`{"type":"Root","arn":"arn:aws:iam::123456789012:root"}`:                       "root",
		`{"type":"AssumedRole","arn":"arn:aws:sts::123456789012:assumed-role/r/name"}`: "name",
		`{"type":"AWSService","invokedBy":"ec2.amazonaws.com"}`:                        "ec2.amazonaws.com",
		`{"username":"evading"}`:                                                       "",
		`{"userName":7,"arn":"arn:aws:iam::123456789012:user/named"}`:                  "named",
		`null`: "",
	} {
		e, err := trails.EventOf([]byte(`{"eventID":"i","eventTime":"2024-01-01T00:00:00Z","userIdentity":` + identity + `}`))
		got := ""
		if e.Username != nil {
			got = *e.Username
		}
		if err != nil || got != want {
			t.Errorf("%s is %q, %v; want %q", identity, got, err, want)
		}
	}
}

func TestLookupEventsRefuses(t *testing.T) {
	attribute := func(key, value string) []types.LookupAttribute {
		return []types.LookupAttribute{{AttributeKey: types.LookupAttributeKey(key), AttributeValue: &value}}
	}
	early, late := time.Unix(1700000000, 0), time.Unix(1700000001, 0)
	w := withProviders(t, &played{records: 5})
	client := w.client(account, home)
	first, err := client.LookupEvents(context.Background(), &cloudtrail.LookupEventsInput{MaxResults: p(int32(2))})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, code string
		in         cloudtrail.LookupEventsInput
	}{
		{"nothing of a time that is one instant", "", cloudtrail.LookupEventsInput{StartTime: &early, EndTime: &early}},
		{"nothing of Insight events", "", cloudtrail.LookupEventsInput{EventCategory: "insight"}},
		{"no result", "InvalidMaxResultsException", cloudtrail.LookupEventsInput{MaxResults: p(int32(0))}},
		{"51 results", "InvalidMaxResultsException", cloudtrail.LookupEventsInput{MaxResults: p(int32(51))}},
		{"an end before the start", "InvalidTimeRangeException", cloudtrail.LookupEventsInput{StartTime: &late, EndTime: &early}},
		{"two attributes", "InvalidLookupAttributesException", cloudtrail.LookupEventsInput{LookupAttributes: append(attribute("EventId", "a"), attribute("EventName", "b")...)}},
		{"an attribute that is none", "InvalidLookupAttributesException", cloudtrail.LookupEventsInput{LookupAttributes: attribute("ErrorCode", "a")}},
		{"an attribute without a value", "InvalidLookupAttributesException", cloudtrail.LookupEventsInput{LookupAttributes: attribute("EventId", "")}},
		{"a category that is none", "InvalidEventCategoryException", cloudtrail.LookupEventsInput{EventCategory: "data"}},
		{"a token that is none", "InvalidNextTokenException", cloudtrail.LookupEventsInput{NextToken: p("next")}},
		{"a token of other parameters", "InvalidNextTokenException", cloudtrail.LookupEventsInput{NextToken: first.NextToken, LookupAttributes: attribute("EventId", "a")}},
		{"a token with another page size", "", cloudtrail.LookupEventsInput{NextToken: first.NextToken}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := client.LookupEvents(context.Background(), &c.in)
			check(t, err, c.code, "")
		})
	}
}

func TestLookupsAreLimitedASecond(t *testing.T) {
	w := newWorld(t, func(cfg *trails.Config) { cfg.History, cfg.LookupsPerSecond = &played{}, 2 })
	lookup := func(account, region, code string) {
		t.Helper()
		_, err := w.client(account, region).LookupEvents(context.Background(), &cloudtrail.LookupEventsInput{})
		check(t, err, code, "")
	}
	lookup(account, home, "")
	lookup(account, home, "")
	lookup(account, home, "ThrottlingException")
	lookup(account, away, "")
	lookup(stranger, home, "")
	w.pass(time.Second)
	lookup(account, home, "")
}

func TestListPublicKeys(t *testing.T) {
	provider := &played{}
	w := withProviders(t, provider)
	client := w.client(account, home)
	early, late := time.Unix(1700000000, 0), time.Unix(1700000001, 0)
	out, err := client.ListPublicKeys(context.Background(), &cloudtrail.ListPublicKeysInput{})
	if err != nil || string(out.PublicKeyList[0].Value) != "DER" || !provider.from.Equal(w.now()) || !provider.to.Equal(w.now()) {
		t.Errorf("got %+v, %v from %s to %s", out, err, provider.from, provider.to)
	}
	_, err = client.ListPublicKeys(context.Background(), &cloudtrail.ListPublicKeysInput{StartTime: &late, EndTime: &early})
	check(t, err, "InvalidTimeRangeException", "")
	_, err = client.ListPublicKeys(context.Background(), &cloudtrail.ListPublicKeysInput{NextToken: p("next")})
	check(t, err, "InvalidTokenException", "")
}

func TestWhatNobodyProvidesIsUnsupported(t *testing.T) {
	ctx := context.Background()
	client := newWorld(t).client(account, home)
	_, lookup := client.LookupEvents(ctx, &cloudtrail.LookupEventsInput{})
	_, keys := client.ListPublicKeys(ctx, &cloudtrail.ListPublicKeysInput{})
	_, data := client.ListInsightsData(ctx, &cloudtrail.ListInsightsDataInput{InsightSource: p(arnOf(home, account, "my-trail")), DataType: "InsightsEvents"})
	_, metric := client.ListInsightsMetricData(ctx, &cloudtrail.ListInsightsMetricDataInput{EventName: p("E"), EventSource: p("s3.amazonaws.com"), InsightType: "ApiCallRateInsight"})
	for _, err := range []error{lookup, keys, data, metric} {
		check(t, err, "UnsupportedOperationException", "")
	}
}
