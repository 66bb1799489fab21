package trails_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"

	"github.com/trailhand/trailhand/internal/cloud/trails"
	"github.com/trailhand/trailhand/internal/cloud/wire"
)

// status gives GetTrailStatus as one line: what is there, sorted by hand.
func status(t *testing.T, w *world) string {
	t.Helper()
	s, err := w.client(account, home).GetTrailStatus(context.Background(), &cloudtrail.GetTrailStatusInput{Name: p("my-trail")})
	if err != nil {
		t.Fatal(err)
	}
	at := func(t *time.Time) string {
		if t == nil {
			return "-"
		}
		return t.UTC().Format("15:04:05")
	}
	text := func(s *string) string {
		if s == nil {
			return "-"
		}
		return fmt.Sprintf("%q", *s)
	}
	return fmt.Sprint("logging ", *s.IsLogging, " ", at(s.StartLoggingTime), " ", at(s.StopLoggingTime), " ", text(s.TimeLoggingStarted), " ", text(s.TimeLoggingStopped),
		"\ndelivery ", at(s.LatestDeliveryTime), " ", text(s.LatestDeliveryAttemptTime), " ", text(s.LatestDeliveryAttemptSucceeded), " ", text(s.LatestDeliveryError),
		"\nnotification ", at(s.LatestNotificationTime), " ", text(s.LatestNotificationAttemptTime), " ", text(s.LatestNotificationAttemptSucceeded), " ", text(s.LatestNotificationError),
		"\ndigest ", at(s.LatestDigestDeliveryTime), " ", text(s.LatestDigestDeliveryError),
		"\nlogs ", at(s.LatestCloudWatchLogsDeliveryTime), " ", text(s.LatestCloudWatchLogsDeliveryError))
}

func TestEveryFieldOfTheStatusIsTrue(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t)
	arn := w.create(cloudtrail.CreateTrailInput{Name: p("my-trail")})
	client := w.client(account, home)
	expect := func(step, want string) {
		t.Helper()
		if got := status(t, w); got != want {
			t.Errorf("%s:\n%s\nwant\n%s", step, got, want)
		}
	}
	const never = "\ndelivery - \"\" \"\" -\nnotification - \"\" \"\" -\ndigest - -\nlogs - -"
	expect("a new trail", `logging false - - "" ""`+never)

	for range 2 { // what is logging already stays as it is
		if _, err := client.StartLogging(ctx, &cloudtrail.StartLoggingInput{Name: &arn}); err != nil {
			t.Fatal(err)
		}
		w.pass(time.Second)
	}
	expect("started", `logging true 03:04:05 - "2024-01-02T03:04:05Z" ""`+never)

	w.trails.Delivered(arn, w.now(), nil)
	w.trails.Notified(arn, w.now(), errors.New("no such topic"))
	w.trails.Digested(arn, w.now(), nil)
	w.trails.SentToLogGroup(arn, w.now(), nil)
	w.pass(time.Second)
	w.trails.Delivered(arn, w.now(), fmt.Errorf("putting the file: %w", &wire.Fault{Code: "NoSuchBucket", Message: "gone"}))
	w.trails.Notified(arn, w.now(), nil)
	w.trails.Digested(arn, w.now(), errors.New("AccessDenied"))
	w.trails.SentToLogGroup(arn, w.now(), errors.New("AccessDenied"))
	w.trails.Delivered("arn of a deleted trail", w.now(), nil)
	expect("one of each succeeded and one failed", `logging true 03:04:05 - "2024-01-02T03:04:05Z" ""
delivery 03:04:07 "2024-01-02T03:04:08Z" "2024-01-02T03:04:07Z" "NoSuchBucket"
notification 03:04:08 "2024-01-02T03:04:08Z" "2024-01-02T03:04:08Z" -
digest 03:04:07 "AccessDenied"
logs 03:04:07 "AccessDenied"`)

	before := status(t, w)
	saved, err := w.trails.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	if err := w.trails.Restore(saved); err != nil {
		t.Fatal(err)
	}
	expect("restored", before)

	if _, err := client.StopLogging(ctx, &cloudtrail.StopLoggingInput{Name: &arn}); err != nil {
		t.Fatal(err)
	}
	if s, _ := w.trails.Status(arn); s.IsLogging || !s.Stopped.Equal(w.now()) || len(w.trails.Logging(account)) != 0 {
		t.Errorf("a stopped trail has %+v", s)
	}
	if _, err := client.DeleteTrail(ctx, &cloudtrail.DeleteTrailInput{Name: &arn}); err != nil {
		t.Fatal(err)
	}
	_, err = client.GetTrailStatus(ctx, &cloudtrail.GetTrailStatusInput{Name: &arn})
	check(t, err, "TrailNotFoundException", "")
}

func TestASnapshotKeepsEverything(t *testing.T) {
	ctx := context.Background()
	w := organized(t)
	client := w.client(account, home)
	_, err := client.PutEventSelectors(ctx, &cloudtrail.PutEventSelectorsInput{TrailName: p("only-here"), AdvancedEventSelectors: []types.AdvancedEventSelector{onlyData("AWS::SQS::Queue")}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.StartLogging(ctx, &cloudtrail.StartLoggingInput{Name: p("only-here")}); err != nil {
		t.Fatal(err)
	}
	first, err := w.trails.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	restored := trails.New(trails.Config{})
	if err := restored.Restore(first); err != nil {
		t.Fatal(err)
	}
	second, err := restored.Snapshot()
	if err != nil || !bytes.Equal(first, second) {
		t.Errorf("a snapshot of what was restored differs, %v:\n%s\n%s", err, first, second)
	}
	if logging := restored.Logging(account); len(logging) != 1 || logging[0].Matcher() == nil {
		t.Errorf("after a restart %v is logging", logging)
	}
}

func TestADamagedSnapshotChangesNothing(t *testing.T) {
	w := organized(t)
	before, _ := w.trails.Snapshot()
	for name, damaged := range map[string]string{
		"cut short":            string(before[:len(before)/2]),
		"of another version":   `{"Version":99,"Trails":[]}`,
		"with wrong selectors": `{"Version":1,"Trails":[{"Trail":{"ARN":"a","Selectors":{"EventSelectors":[{"ReadWriteType":"Sideways"}]}}}]}`,
	} {
		if err := w.trails.Restore([]byte(damaged)); err == nil {
			t.Errorf("a snapshot %s is restored", name)
		}
		if after, _ := w.trails.Snapshot(); !bytes.Equal(before, after) {
			t.Errorf("a snapshot %s changes the trails", name)
		}
	}
}
