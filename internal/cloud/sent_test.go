package cloud

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"

	"github.com/trailhand/trailhand/internal/cloud/outbox"
)

// outgoing are the lines of a file of the outbox.
func outgoing[T any](t *testing.T, dir, file string) []T {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "outbox", file))
	if err != nil {
		t.Fatal(err)
	}
	var all []T
	for line := range bytes.Lines(text) {
		var one T
		if err := json.Unmarshal(line, &one); err != nil {
			t.Fatal(err)
		}
		all = append(all, one)
	}
	return all
}

func TestATrailsTopicAndLogGroupAreToldAndItsStatusSaysSo(t *testing.T) {
	cfg := testConfig(t, t.TempDir())
	c := started(t, cfg)
	arn := logged(t, c, &cloudtrail.CreateTrailInput{
		Name: aws.String("trailhand"), SnsTopicName: aws.String("told"),
		CloudWatchLogsLogGroupArn: aws.String("arn:aws:logs:us-east-1:123456789012:log-group:trail:*"),
		CloudWatchLogsRoleArn:     aws.String("arn:aws:iam::123456789012:role/trail"),
	})
	look(t, c, arn)
	names := named(delivered(t, c, "/CloudTrail/"))
	files := objects(t, c, "/CloudTrail/")
	type message struct{ TopicArn, Message string }
	sent := outgoing[message](t, cfg.Dir, outbox.SNSFile)
	want := message{"arn:aws:sns:us-east-1:123456789012:told", `{"s3Bucket":"` + logBucket + `","s3ObjectKey":["` + files[0] + `"]}`}
	if len(files) != 1 || len(sent) != 1 || sent[0] != want {
		t.Errorf("%d files, and the topic was told %+v; want %+v", len(files), sent, want)
	}
	logs := outgoing[outbox.LogEvent](t, cfg.Dir, outbox.LogsFile)
	if len(logs) != len(names) {
		t.Errorf("%d events in the log group, want %q", len(logs), names)
	}
	for _, e := range logs {
		if e.Stream != "123456789012_CloudTrail_us-east-1" || e.Timestamp == 0 || !strings.Contains(e.Message, `"eventSource":"cloudtrail.amazonaws.com"`) {
			t.Errorf("an event is %+v", e)
		}
	}
	status, err := trailClient(c, testRegion).GetTrailStatus(t.Context(), &cloudtrail.GetTrailStatusInput{Name: &arn})
	if err != nil {
		t.Fatal(err)
	}
	if status.LatestNotificationTime == nil || *status.LatestNotificationAttemptSucceeded == "" || status.LatestCloudWatchLogsDeliveryTime == nil ||
		status.LatestNotificationError != nil || status.LatestCloudWatchLogsDeliveryError != nil {
		t.Errorf("the status is %+v", status)
	}
}
