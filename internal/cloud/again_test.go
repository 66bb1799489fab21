package cloud

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/google/go-cmp/cmp"

	"github.com/trailhand/trailhand/internal/cloud/queues"
	"github.com/trailhand/trailhand/internal/cloud/template"
)

// A process that dies when it has stored a log file tells of it again: of the
// same version, or who counts what is in a file would count it twice.
func TestAFileThatIsToldAgainIsTheSameFile(t *testing.T) {
	cfg := testConfig(t, t.TempDir())
	c := started(t, cfg)
	arn := logged(t, c, &cloudtrail.CreateTrailInput{Name: aws.String("trailhand"), EnableLogFileValidation: aws.Bool(true)})
	mend := wreck(t, c, filepath.Join(cfg.Dir, "digests"))
	listen(t, c)
	look(t, c, arn)
	if err := c.Deliver(t.Context()); err == nil {
		t.Error("nothing was told")
	}
	first := heard(t, c)
	if err := c.Close(t.Context()); err == nil {
		t.Error("nothing was told at the end")
	}
	mend()
	c = started(t, cfg)
	listen(t, c)
	if err := c.Deliver(t.Context()); err != nil {
		t.Fatal(err)
	}
	again := heard(t, c)
	if diff := cmp.Diff(first, again); diff != "" || first.VersionID == "" {
		t.Errorf("first %+v, then (-first +then)\n%s", first, diff)
	}
}

// listen makes a queue that hears of the log bucket.
func listen(t *testing.T, c *Cloud) {
	t.Helper()
	if err := c.queues.Create("heard", nil); err != nil {
		t.Fatal(err)
	}
	c.wiring.Notifications = append(c.wiring.Notifications, template.Notification{Bucket: logBucket, Event: "s3:ObjectCreated:*", Prefix: "AWSLogs/", Suffix: ".gz", QueueARN: "heard"})
}

// heard is the object of the first message, but for its sequencer.
func heard(t *testing.T, c *Cloud) s3Object {
	t.Helper()
	messages, err := c.queues.Receive(t.Context(), "heard", 1, 0)
	if err != nil || len(messages) != 1 {
		t.Fatalf("%d messages, %v", len(messages), err)
	}
	var told s3Notification
	if err := json.Unmarshal([]byte(messages[0].Body), &told); err != nil {
		t.Fatal(err)
	}
	object := told.Records[0].S3.Object
	object.Sequencer = ""
	return object
}

func TestANotificationIsOnDiskWhenTheObjectIsAnswered(t *testing.T) {
	cfg := testConfig(t, t.TempDir())
	c := started(t, cfg)
	listen(t, c)
	if err := c.keep(sqsSource); err != nil {
		t.Fatal(err)
	}
	_, err := bucketClient(c).PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String(logBucket), Key: aws.String("AWSLogs/mine.gz"), Body: strings.NewReader("hello")})
	if err != nil {
		t.Fatal(err)
	}
	after, err := queues.Open(queues.Config{AccountID: testAccount, Region: testRegion, Now: time.Now}, copied(t, cfg.Dir, "queues*"))
	if err != nil {
		t.Fatal(err)
	}
	defer after.Close()
	messages, err := after.Receive(t.Context(), "heard", 10, 0)
	if err != nil || len(messages) != 1 || !strings.Contains(messages[0].Body, "mine.gz") {
		t.Errorf("after a kill there are %+v, %v", messages, err)
	}
}

// copied is a folder with what is in another one now, as after a kill.
func copied(t *testing.T, from, pattern string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	names, err := filepath.Glob(filepath.Join(from, pattern))
	for _, name := range names {
		var text []byte
		if text, err = os.ReadFile(name); err == nil {
			err = os.WriteFile(filepath.Join(dir, filepath.Base(name)), text, 0o600)
		}
		if err != nil {
			break
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return dir
}
