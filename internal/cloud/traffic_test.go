package cloud

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"

	"github.com/trailhand/trailhand/pkg/events"
)

// analyzedTrail makes a trail of both kinds of analysis, for categories.
func analyzedTrail(t *testing.T, c *Cloud, categories ...types.SourceEventCategory) string {
	t.Helper()
	arn := logged(t, c, &cloudtrail.CreateTrailInput{Name: aws.String("trailhand")})
	client := trailClient(c, testRegion)
	_, err := client.PutEventSelectors(t.Context(), &cloudtrail.PutEventSelectorsInput{TrailName: &arn, EventSelectors: []types.EventSelector{{
		ReadWriteType: types.ReadWriteTypeAll, IncludeManagementEvents: aws.Bool(true),
		DataResources: []types.DataResource{{Type: aws.String("AWS::DynamoDB::Table"), Values: []string{"arn:aws:dynamodb"}}},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.PutInsightSelectors(t.Context(), &cloudtrail.PutInsightSelectorsInput{TrailName: &arn, InsightSelectors: []types.InsightSelector{
		{InsightType: types.InsightTypeApiCallRateInsight, EventCategories: categories},
		{InsightType: types.InsightTypeApiErrorRateInsight, EventCategories: categories},
	}})
	if err != nil {
		t.Fatal(err)
	}
	return arn
}

// traffic sends the calls of an hour: some now and then, and in the minutes
// from 20 to 24 of a busy hour 30 a minute of another.
func traffic(t *testing.T, c *Cloud, hour time.Time, r *rand.Rand, category string, busy bool) {
	t.Helper()
	var all []string
	call := func(minute int, name, errorCode string) {
		at := hour.Add(time.Duration(minute)*time.Minute + time.Duration(r.IntN(60))*time.Second)
		if errorCode != "" {
			errorCode = fmt.Sprintf(`"errorCode":%q,`, errorCode)
		}
		all = append(all, fmt.Sprintf(`{"eventVersion":"1.11","userIdentity":{"type":"IAMUser","arn":"arn:aws:iam::123456789012:user/u%d"},"eventTime":%q,`+
			`"eventSource":"dynamodb.amazonaws.com","eventName":%q,"awsRegion":"us-east-1","userAgent":"aws-cli",%s"eventID":"%d-%d","readOnly":false,`+
			`"resources":[{"type":"AWS::DynamoDB::Table","ARN":"arn:aws:dynamodb:us-east-1:123456789012:table/t"}],`+
			`"eventType":"AwsApiCall","managementEvent":%v,"recipientAccountId":"123456789012","eventCategory":%q}`,
			r.IntN(3), at.Format(time.RFC3339), name, errorCode, hour.Unix(), len(all), category == "Management", category))
	}
	for minute := range 60 {
		for range r.IntN(3) {
			call(minute, "PutItem", "")
		}
		if busy && minute >= 20 && minute < 25 {
			for range 30 {
				call(minute, "DeleteItem", "AccessDenied")
			}
		}
	}
	if status, out := send(t, c, "["+strings.Join(all, ",")+"]"); status != http.StatusOK {
		t.Fatalf("%d %+v", status, out)
	}
}

// hours plays hours of traffic that end now; the last but two is a busy one.
func hours(t *testing.T, c *Cloud, clock *handClock, n int, category string) {
	t.Helper()
	r := rand.New(rand.NewPCG(7, 7))
	for i := range n {
		hour := clock.now().UTC().Truncate(time.Minute)
		clock.forward(time.Hour)
		traffic(t, c, hour, r, category, i == n-3)
		if err := c.Deliver(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := c.Idle(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := c.Analyze(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Deliver(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// told are the Insight events under a folder of a bucket: type, name, error and state.
func told(records []events.Record) []string {
	var all []string
	for i := range records {
		var d struct{ InsightType, EventName, ErrorCode, State, SourceEventCategory string }
		if err := json.Unmarshal(records[i].Text(events.InsightDetails), &d); err != nil {
			return []string{err.Error()}
		}
		all = append(all, strings.Join([]string{d.SourceEventCategory, d.InsightType, d.EventName, d.ErrorCode, d.State}, " "))
	}
	slices.Sort(all)
	return all
}

func expected(category string) []string {
	return []string{
		category + " ApiCallRateInsight DeleteItem  End", category + " ApiCallRateInsight DeleteItem  Start",
		category + " ApiErrorRateInsight DeleteItem AccessDenied End", category + " ApiErrorRateInsight DeleteItem AccessDenied Start",
	}
}

// aboutItems leaves out what is told of the test's own calls.
func aboutItems(all []string) []string {
	return slices.DeleteFunc(all, func(s string) bool { return !strings.Contains(s, "Item") })
}
