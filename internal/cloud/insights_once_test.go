package cloud

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"

	"github.com/trailhand/trailhand/internal/cloud/outbox"
)

// The analysis tells an Insight until it is taken, and may die in between.
func TestAnInsightThatIsToldAgainGoesNowhereTwice(t *testing.T) {
	cfg := testConfig(t, t.TempDir())
	heard := listening(&cfg)
	c := started(t, cfg)
	arn := logged(t, c, &cloudtrail.CreateTrailInput{
		Name: aws.String("trailhand"), CloudWatchLogsLogGroupArn: aws.String("arn:aws:logs:us-east-1:123456789012:log-group:trail:*"),
		CloudWatchLogsRoleArn: aws.String("arn:aws:iam::123456789012:role/trail"),
	})
	heard.listen(t, c, `{"eventCategory":["Insight"]}`)
	if err := c.Deliver(t.Context()); err != nil {
		t.Fatal(err)
	}
	insight := []byte(`{"eventVersion":"1.09","eventTime":"` + time.Now().UTC().Format(time.RFC3339) + `","awsRegion":"us-east-1","eventID":"8d2b0c5e-insight",` +
		`"eventType":"AwsCloudTrailInsight","recipientAccountId":"123456789012","sharedEventID":"s","insightDetails":{"state":"Start","eventSource":"ec2.amazonaws.com",` +
		`"eventName":"RunInstances","insightType":"ApiCallRateInsight"},"eventCategory":"Insight"}`)
	mend := wreck(t, c, filepath.Join(cfg.Dir, "journals"))
	for range 3 {
		if err := c.publishInsight(t.Context(), arn, insight); err == nil {
			t.Error("nothing is told of an Insight that could not be kept")
		}
	}
	mend()
	for range 3 {
		if err := c.publishInsight(t.Context(), arn, insight); err != nil {
			t.Fatal(err)
		}
	}
	closed(t, c)
	c = started(t, cfg)
	if got := delivered(t, c, "/CloudTrail-Insight/"); len(got) != 1 {
		t.Errorf("it is in the bucket %d times", len(got))
	}
	group := 0
	for _, e := range outgoing[outbox.LogEvent](t, cfg.Dir, outbox.LogsFile) {
		if e.Stream == "123456789012_CloudTrail-Insight_us-east-1" {
			group++
		}
	}
	if said := heard.said(t, c); group != 1 || len(said) != 1 {
		t.Errorf("it is %d times in the log group, and was %d times on the bus", group, len(said))
	}
	found, err := trailClient(c, testRegion).LookupEvents(t.Context(), &cloudtrail.LookupEventsInput{EventCategory: "insight"})
	if err != nil || len(found.Events) != 1 {
		t.Errorf("it is %d times in the history: %v", len(found.Events), err)
	}
}
