package cloud

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/trailhand/trailhand/internal/cloud/outbox"
)

// smallDisk is a folder on a disk of 4 MB.
func smallDisk(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=4m"); err != nil {
		t.Skipf("SKIPPED: a full disk is not tried, because no small one can be mounted: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// fillUp leaves no byte on a disk until it is emptied.
func fillUp(t *testing.T, dir string) (empty func()) {
	t.Helper()
	path := filepath.Join(dir, "ballast")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for size := 64 << 10; size > 0; {
		if n, err := f.Write(make([]byte, size)); err != nil && n == 0 {
			size /= 2
		}
	}
	return func() {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAFullDiskLosesNothingAndDoublesNothing(t *testing.T) {
	dir := smallDisk(t)
	c := started(t, testConfig(t, filepath.Join(dir, "data")))
	arn := logged(t, c, &cloudtrail.CreateTrailInput{
		Name: aws.String("trailhand"), EnableLogFileValidation: aws.Bool(true), SnsTopicName: aws.String("told"),
		CloudWatchLogsLogGroupArn: aws.String("arn:aws:logs:us-east-1:123456789012:log-group:trail:*"),
		CloudWatchLogsRoleArn:     aws.String("arn:aws:iam::123456789012:role/trail"),
	})
	look(t, c, arn)
	empty := fillUp(t, dir)
	const looks = 100
	for range looks {
		look(t, c, arn)
	}
	if _, err := trailClient(c, testRegion).AddTags(t.Context(), &cloudtrail.AddTagsInput{ResourceId: &arn, TagsList: []types.Tag{{Key: aws.String("made"), Value: aws.String("full")}}}); err != nil {
		t.Error(err)
	}
	_, err := bucketClient(c).PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String(logBucket), Key: aws.String("mine"), Body: bytes.NewReader(make([]byte, 64<<10))}, func(o *s3.Options) { o.RetryMaxAttempts = 1 })
	if err == nil {
		t.Error("an object was stored on a full disk")
	}
	event := happened(testRegion, "ec2.amazonaws.com", "RunInstances", `,"eventID":"sent-again","requestParameters":"`+strings.Repeat("x", 8<<10)+`"`)
	for range 2 {
		if status, out := send(t, c, event); status != http.StatusServiceUnavailable || !strings.Contains(out.Refused[0].Reason, syscall.ENOSPC.Error()) {
			t.Errorf("an event from outside is answered with %d %+v", status, out)
		}
	}
	if err := c.Deliver(t.Context()); err == nil {
		t.Error("nothing is told of delivering on a full disk")
	}
	if said := healthOf(t, c); !strings.Contains(said, `"status":"degraded"`) || !strings.Contains(said, "keeping trails.json") || strings.Contains(said, `"recordsInMemory":0`) || !strings.Contains(said, `"recordsLost":0`) {
		t.Errorf("health says %s", said)
	}
	empty()
	if status, out := send(t, c, event); status != http.StatusOK {
		t.Errorf("then it is answered with %d %+v", status, out)
	}
	if err := c.keepOften(t.Context()); err != nil {
		t.Error(err)
	}
	records := named(delivered(t, c, "/CloudTrail/"))
	if got := strings.Count(strings.Join(records, " "), "GetTrail"); got != looks+1 {
		t.Errorf("%d of %d calls were delivered", got, looks+1)
	}
	if got := strings.Count(strings.Join(records, " "), "RunInstances"); got != 1 {
		t.Errorf("the event from outside was delivered %d times", got)
	}
	if said := healthOf(t, c); !strings.Contains(said, `"status":"ok"`) || !strings.Contains(said, `"recordsWaiting":0,"recordsInMemory":0,"recordsLost":0,"logEventsWaiting":0,"logEventsLost":0,"filesUntold":0`) {
		t.Errorf("then health says %s", said)
	}
	if found := found(t, c, testRegion, types.LookupAttributeKeyEventName, "RunInstances"); len(found) != 1 {
		t.Errorf("the event from outside is %d times in the history", len(found))
	}
	if logs := outgoing[outbox.LogEvent](t, c.cfg.Dir, outbox.LogsFile); len(logs) != len(records) {
		t.Errorf("%d events in the log group, want %d", len(logs), len(records))
	}
	if told := outgoing[struct{ Message string }](t, c.cfg.Dir, outbox.SNSFile); len(told) != len(objects(t, c, "/CloudTrail/")) {
		t.Errorf("%d files, and %d told", len(objects(t, c, "/CloudTrail/")), len(told))
	}
}
