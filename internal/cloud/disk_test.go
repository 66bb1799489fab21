package cloud

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"

	"github.com/trailhand/trailhand/internal/cloud/outbox"
	"github.com/trailhand/trailhand/internal/cloud/trails"
	"github.com/trailhand/trailhand/pkg/events"
)

func healthOf(t *testing.T, c *Cloud) string {
	t.Helper()
	resp, err := http.Get(c.URL() + "/_trailhand/health")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// A journal that cannot be made stands for every failure to write one.
func TestCallsThatTheDiskDoesNotTakeWaitAndEndNothing(t *testing.T) {
	cfg := testConfig(t, t.TempDir())
	c := started(t, cfg)
	arn := logged(t, c, &cloudtrail.CreateTrailInput{Name: aws.String("trailhand")})
	names := named(delivered(t, c, "/CloudTrail/"))
	journals := filepath.Join(cfg.Dir, "journals")
	if err := os.Rename(journals, journals+".gone"); err != nil {
		t.Fatal(err)
	}
	look(t, c, arn)
	if said := healthOf(t, c); !strings.Contains(said, `"status":"degraded"`) || !strings.Contains(said, `"recordsInMemory":1`) || !strings.Contains(said, "no such file") {
		t.Errorf("health says %s", said)
	}
	event := happened(testRegion, "ec2.amazonaws.com", "RunInstances", `,"eventID":"sent-twice"`)
	if status, out := send(t, c, event); status != http.StatusServiceUnavailable || len(out.Refused) != 1 {
		t.Errorf("an event from outside is answered with %d %+v", status, out)
	}
	if err := os.Rename(journals+".gone", journals); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if status, out := send(t, c, event); status != http.StatusOK {
			t.Errorf("then it is answered with %d %+v", status, out)
		}
	}
	look(t, c, arn)
	want := append(names, "GetTrail", "GetTrail", "RunInstances")
	slices.Sort(want)
	if after := named(delivered(t, c, "/CloudTrail/")); !slices.Equal(after, want) {
		t.Errorf("delivered %q, want %q", after, want)
	}
	if said := healthOf(t, c); !strings.Contains(said, `"status":"ok"`) || !strings.Contains(said, `"recordsInMemory":0`) {
		t.Errorf("then health says %s", said)
	}
}

// What a delivered file sets off may fail. Then that alone is done again.
func TestWhatFailsAfterAFileIsDeliveredIsDoneAgainAndNothingElse(t *testing.T) {
	for _, broken := range []string{"digests", "insights", "queues.json.new"} {
		t.Run(broken, func(t *testing.T) {
			cfg := testConfig(t, t.TempDir())
			c := started(t, cfg)
			arn := recorded(t, c)
			mend := wreck(t, c, filepath.Join(cfg.Dir, broken))
			change(t, c)
			look(t, c, arn)
			for range 3 {
				if err := c.Deliver(t.Context()); err == nil {
					t.Error("nothing was told")
				}
			}
			mend()
			holdOnce(t, c, arn)
		})
	}
}

// A process that dies when a file is delivered, and before it has noted that,
// leaves a file to deliver again.
func TestAFileThatWasDeliveredWhenTheProcessDiedIsNotDeliveredAgain(t *testing.T) {
	cfg := testConfig(t, t.TempDir())
	c := started(t, cfg)
	arn := recorded(t, c)
	mend := wreck(t, c, filepath.Join(cfg.Dir, "queues.json.new"))
	change(t, c)
	look(t, c, arn)
	if err := c.Deliver(t.Context()); err == nil {
		t.Error("nothing was told")
	}
	if err := c.Close(t.Context()); err == nil {
		t.Error("nothing was told at the end")
	}
	mend()
	c = started(t, cfg)
	if waiting, _ := c.files.Waiting(); waiting.Records == 0 {
		t.Fatal("nothing is left to deliver again")
	}
	holdOnce(t, c, arn)
}

// recorded makes a trail that signs and analyzes what it delivers, tells a
// topic, and records its own deliveries too.
func recorded(t *testing.T, c *Cloud) string {
	t.Helper()
	arn := logged(t, c, &cloudtrail.CreateTrailInput{Name: aws.String("trailhand"), EnableLogFileValidation: aws.Bool(true), SnsTopicName: aws.String("told")})
	_, err := trailClient(c, testRegion).PutEventSelectors(t.Context(), &cloudtrail.PutEventSelectorsInput{TrailName: &arn, EventSelectors: []types.EventSelector{{
		ReadWriteType: types.ReadWriteTypeAll, IncludeManagementEvents: aws.Bool(true),
		DataResources: []types.DataResource{{Type: aws.String("AWS::S3::Object"), Values: []string{"arn:aws:s3:::" + logBucket + "/"}}},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = trailClient(c, testRegion).PutInsightSelectors(t.Context(), &cloudtrail.PutInsightSelectorsInput{
		TrailName: &arn, InsightSelectors: []types.InsightSelector{{InsightType: types.InsightTypeApiCallRateInsight}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return arn
}

// holdOnce delivers what waits, and holds that all of it was delivered, told,
// recorded and analyzed once.
func holdOnce(t *testing.T, c *Cloud, arn string) {
	t.Helper()
	for range 2 { // the second has the event of the first
		if err := c.Deliver(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	files := objects(t, c, "/CloudTrail/")
	names, puts := map[string]int{}, map[string]int{}
	for _, key := range files {
		text, _ := read(t, c, key)
		for rec, err := range events.NewReader(bytes.NewReader(text), events.Limits{}).All() {
			if err != nil {
				t.Fatal(err)
			}
			names[rec.String(events.EventName)]++
			for _, put := range files {
				puts[put] += strings.Count(string(rec.Raw()), `"key":"`+put+`"`)
			}
		}
	}
	if names["GetTrail"] != 1 || names["PutEventSelectors"] != 1 {
		t.Errorf("delivered %v", names)
	}
	unrecorded := 0
	for key, n := range puts {
		if n > 1 {
			t.Errorf("the delivery of %s is recorded %d times", key, n)
		}
		unrecorded += 1 - min(n, 1)
	}
	if unrecorded != 1 {
		t.Errorf("%d deliveries are not recorded, want that of the last one", unrecorded)
	}
	told := outgoing[struct{ Message string }](t, c.cfg.Dir, outbox.SNSFile)
	for _, key := range files {
		n := 0
		for _, m := range told {
			n += strings.Count(m.Message, key)
		}
		if n != 1 {
			t.Errorf("%s was told %d times", key, n)
		}
	}
	holdAnalyzedOnce(t, c, arn)
}

func holdAnalyzedOnce(t *testing.T, c *Cloud, arn string) {
	t.Helper()
	points, err := c.analysis.Metric(t.Context(), trails.MetricQuery{
		AccountID: testAccount, Region: testRegion, EventSource: "cloudtrail.amazonaws.com", EventName: "PutEventSelectors",
		Period: time.Minute, From: time.Now().Add(-time.Hour), To: time.Now().Add(time.Hour),
	})
	if err != nil {
		t.Fatal(err)
	}
	sum := 0.0
	for _, p := range points {
		sum += p.Value
	}
	if sum != 1 {
		t.Errorf("%g calls were analyzed, want 1", sum)
	}
}

// change makes a change of the queues that their journal does not have.
func change(t *testing.T, c *Cloud) {
	t.Helper()
	if err := c.queues.Create("new", nil); err != nil {
		t.Fatal(err)
	}
}

// wreck puts a folder that is not empty, or a file, in the place of something,
// so that it cannot be written. What was there is put back by mend.
func wreck(t *testing.T, c *Cloud, path string) (mend func()) {
	t.Helper()
	c.keeping.Lock() // what is kept every second comes and goes
	defer c.keeping.Unlock()
	_, err := os.Stat(path)
	existed := err == nil
	if existed {
		err = os.Rename(path, path+".gone")
	} else {
		err = os.MkdirAll(filepath.Join(path, "full"), 0o700)
	}
	if err == nil && existed {
		err = os.WriteFile(path, nil, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	return func() {
		c.keeping.Lock()
		defer c.keeping.Unlock()
		err := os.RemoveAll(path)
		if err == nil && existed {
			err = os.Rename(path+".gone", path)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}
