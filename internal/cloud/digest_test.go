package cloud

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/trailhand/trailhand/internal/cloud/buckets"
	"github.com/trailhand/trailhand/pkg/digest"
)

// handClock is a clock that a test sets.
type handClock struct {
	mu     sync.Mutex
	behind time.Duration // of the machine's
}

func (h *handClock) now() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return time.Now().Add(-h.behind)
}

func (h *handClock) forward(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.behind -= d
}

// objects gives the keys under the log bucket that contain a text.
func objects(t *testing.T, c *Cloud, with string) []string {
	t.Helper()
	all, err := c.buckets.List(t.Context(), logBucket, "")
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, o := range all {
		if strings.Contains(o.Key, with) {
			keys = append(keys, o.Key)
		}
	}
	return keys
}

func read(t *testing.T, c *Cloud, key string) ([]byte, buckets.Meta) {
	t.Helper()
	body, meta, err := c.buckets.Get(t.Context(), logBucket, key)
	if err != nil {
		t.Fatal(err)
	}
	defer body.Close()
	zr, err := gzip.NewReader(body)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(zr)
	if err != nil {
		t.Fatal(err)
	}
	return text, meta
}

// signedHours logs for some hours, a call and a log file in each but the last.
func signedHours(t *testing.T, hours int) (*Cloud, string, *handClock) {
	t.Helper()
	clock := &handClock{behind: time.Duration(hours+2) * time.Hour}
	cfg := testConfig(t, t.TempDir())
	cfg.Now, cfg.DigestInterval = clock.now, time.Hour
	c := started(t, cfg)
	arn := logged(t, c, &cloudtrail.CreateTrailInput{Name: aws.String("trailhand"), EnableLogFileValidation: aws.Bool(true)})
	for hour := range hours {
		if err := c.Digest(t.Context()); err != nil {
			t.Fatal(err)
		}
		if hour < hours-1 {
			look(t, c, arn)
			if err := c.Deliver(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		clock.forward(time.Hour)
	}
	if err := c.Digest(t.Context()); err != nil {
		t.Fatal(err)
	}
	return c, arn, clock
}

// look is a call that is recorded.
func look(t *testing.T, c *Cloud, arn string) {
	t.Helper()
	_, err := trailClient(c, testRegion).GetTrail(t.Context(), &cloudtrail.GetTrailInput{Name: &arn})
	if err != nil {
		t.Fatal(err)
	}
}

func validateLogs(t *testing.T, c *Cloud, arn string) string {
	t.Helper()
	from := time.Now().Add(-24 * time.Hour).UTC().Format(time.RFC3339)
	out, err := awsCLI(t, c, "cloudtrail", "validate-logs", "--trail-arn", arn, "--start-time", from, "--verbose")
	if err != nil {
		t.Logf("validate-logs: %v", err)
	}
	return out
}

func TestTheAWSCommandLineFindsDigestsValidAndNamesWhatWasChanged(t *testing.T) {
	tests := []struct {
		name   string
		change func(t *testing.T, c *Cloud, logs, digests []string) (named string)
		want   string
	}{
		{"nothing was changed", func(*testing.T, *Cloud, []string, []string) string { return "" }, "3/3 digest files valid"},
		{"a log file was tampered with", func(t *testing.T, c *Cloud, logs, _ []string) string {
			overwrite(t, c, logs[0], []byte(`{"Records":[]}`), nil)
			return logs[0]
		}, "INVALID: hash value doesn't match"},
		{"a log file was deleted", func(t *testing.T, c *Cloud, logs, _ []string) string {
			remove(t, c, logs[1])
			return logs[1]
		}, "INVALID: not found"},
		{"a log file was put back to an older one", func(t *testing.T, c *Cloud, logs, _ []string) string {
			older, _ := read(t, c, logs[0])
			overwrite(t, c, logs[1], older, nil)
			return logs[1]
		}, "INVALID: hash value doesn't match"},
		{"a digest was tampered with", func(t *testing.T, c *Cloud, _, digests []string) string {
			text, meta := read(t, c, digests[1])
			overwrite(t, c, digests[1], bytes.Replace(text, []byte(`"hashValue":"`), []byte(`"hashValue":"0`), 1), meta.User)
			return digests[1]
		}, "INVALID: signature verification failed"},
		{"a digest was deleted", func(t *testing.T, c *Cloud, _, digests []string) string {
			remove(t, c, digests[1])
			return digests[1]
		}, "INVALID: not found"},
		{"a digest was backdated", func(t *testing.T, c *Cloud, _, digests []string) string {
			text, meta := read(t, c, digests[2])
			overwrite(t, c, digests[1], text, meta.User)
			return digests[1]
		}, "INVALID: has been moved from its original location"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c, arn, _ := signedHours(t, 3)
			logs, signed := objects(t, c, "/CloudTrail/"), objects(t, c, "/CloudTrail-Digest/")
			if len(logs) != 2 || len(signed) != 3 {
				t.Fatalf("log files %q and digests %q, want 2 and 3", logs, signed)
			}
			named := test.change(t, c, logs, signed)
			said := validateLogs(t, c, arn)
			if !strings.Contains(said, test.want) || !strings.Contains(said, named) {
				t.Errorf("validate-logs says\n%s\nwant %q of %q", said, test.want, named)
			}
			if (named == "") == strings.Contains(said, "INVALID") {
				t.Errorf("validate-logs says\n%s", said)
			}
			for line := range strings.Lines(said) {
				if strings.Contains(line, "INVALID:") && !strings.Contains(line, named) {
					t.Errorf("validate-logs names what was left alone: %s", line)
				}
			}
		})
	}
}

func overwrite(t *testing.T, c *Cloud, key string, text []byte, meta map[string]string) {
	t.Helper()
	var gz bytes.Buffer
	w := gzip.NewWriter(&gz)
	if _, err := w.Write(text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	_, err := bucketClient(c).PutObject(t.Context(), &s3.PutObjectInput{
		Bucket: aws.String(logBucket), Key: &key, Body: bytes.NewReader(gz.Bytes()), Metadata: meta,
	})
	if err != nil {
		t.Fatal(err)
	}
}

// remove takes an object away, with its versions.
func remove(t *testing.T, c *Cloud, key string) {
	t.Helper()
	if _, err := bucketClient(c).DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: aws.String(logBucket), Key: &key}); err != nil {
		t.Fatal(err)
	}
	_, err := bucketClient(c).HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: aws.String(logBucket), Key: &key})
	if err == nil {
		t.Fatalf("%s is still there", key)
	}
}

func TestDigestsOfASecondAreValidWhateverTheFractionOfTheSecond(t *testing.T) {
	cfg := testConfig(t, t.TempDir())
	cfg.DigestInterval, cfg.DeliveryInterval = time.Second, 200*time.Millisecond
	c := started(t, cfg)
	arn := logged(t, c, &cloudtrail.CreateTrailInput{Name: aws.String("trailhand"), EnableLogFileValidation: aws.Bool(true)})
	for range 12 {
		look(t, c, arn)
		time.Sleep(200 * time.Millisecond)
	}
	said := validateLogs(t, c, arn)
	if strings.Contains(said, "INVALID") || !strings.Contains(said, "digest files valid") || !strings.Contains(said, "log files valid") {
		t.Error(said)
	}
}

func TestAChainGoesOnOverARestart(t *testing.T) {
	clock := &handClock{behind: 5 * time.Hour}
	cfg := testConfig(t, t.TempDir())
	cfg.Now, cfg.DigestInterval = clock.now, time.Hour
	c := started(t, cfg)
	arn := logged(t, c, &cloudtrail.CreateTrailInput{Name: aws.String("trailhand"), EnableLogFileValidation: aws.Bool(true)})
	for range 3 {
		if err := c.Digest(t.Context()); err != nil {
			t.Fatal(err)
		}
		look(t, c, arn)
		closed(t, c)
		c = started(t, cfg)
		clock.forward(time.Hour)
	}
	if err := c.Digest(t.Context()); err != nil {
		t.Fatal(err)
	}
	signed := objects(t, c, "/CloudTrail-Digest/")
	if len(signed) != 3 {
		t.Fatalf("digests %q, want 3", signed)
	}
	slices.Sort(signed)
	for i, key := range signed {
		text, _ := read(t, c, key)
		d, err := digest.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if len(d.LogFiles) != 1 {
			t.Errorf("%s names %d log files, want 1", key, len(d.LogFiles))
		}
		if i > 0 && (d.PreviousDigestS3Object == nil || *d.PreviousDigestS3Object != signed[i-1]) {
			t.Errorf("%s does not follow %s", key, signed[i-1])
		}
	}
	status, err := trailClient(c, testRegion).GetTrailStatus(t.Context(), &cloudtrail.GetTrailStatusInput{Name: &arn})
	if err != nil {
		t.Fatal(err)
	}
	if status.LatestDigestDeliveryTime == nil || status.LatestDigestDeliveryError != nil {
		t.Errorf("the status is %+v", status)
	}
}

func TestATrailOfAllRegionsHasAChainInEach(t *testing.T) {
	clock := &handClock{behind: 2 * time.Hour}
	cfg := testConfig(t, t.TempDir())
	cfg.Now, cfg.DigestInterval = clock.now, time.Hour
	c := started(t, cfg)
	logged(t, c, &cloudtrail.CreateTrailInput{Name: aws.String("trailhand"), EnableLogFileValidation: aws.Bool(true), IsMultiRegionTrail: aws.Bool(true)})
	if err := c.Digest(context.Background()); err != nil {
		t.Fatal(err)
	}
	clock.forward(time.Hour)
	if err := c.Digest(context.Background()); err != nil {
		t.Fatal(err)
	}
	for _, region := range []string{"us-east-1", "eu-west-1", "sa-east-1"} {
		if found := objects(t, c, fmt.Sprintf("/CloudTrail-Digest/%s/", region)); len(found) != 1 {
			t.Errorf("%s has digests %q, want one", region, found)
		}
	}
}
