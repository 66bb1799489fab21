package analysis

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"

	"github.com/trailhand/trailhand/internal/cloud/trails"
	"github.com/trailhand/trailhand/pkg/delivery"
	"github.com/trailhand/trailhand/pkg/events"
)

var errFault = errors.New("fault injected")

const (
	testARN = "arn:aws:cloudtrail:us-east-1:123456789012:trail/t"
	hours   = 11
)

// first is the first hour of every test's history.
func first() time.Time { return time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC) }

// world is an analysis, and who is told what it finds.
type world struct {
	t    *testing.T
	cfg  Config
	a    *Analysis
	now  time.Time
	fail func(record []byte) error
	told map[string]int // how often an Insight was told
}

func newWorld(t *testing.T) *world {
	w := &world{t: t, now: first(), told: map[string]int{}, fail: func([]byte) error { return nil }}
	w.cfg = Config{
		Dir: t.TempDir(), Warmup: 4 * time.Hour, Publish: w.publish, Now: func() time.Time { return w.now }, Log: slog.New(slog.DiscardHandler),
	}
	w.start()
	t.Cleanup(func() { w.a.Close() })
	return w
}

func (w *world) start() {
	w.t.Helper()
	if w.a != nil {
		if err := w.a.Close(); err != nil {
			w.t.Fatal(err)
		}
	}
	var err error
	if w.a, err = Open(w.cfg); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) publish(_ context.Context, _ string, record []byte) error {
	if err := w.fail(record); err != nil {
		return err
	}
	w.told[idOf(record)+about(w.t, record)]++
	return nil
}

// about is what an Insight tells.
func about(t *testing.T, record []byte) string {
	t.Helper()
	rec, err := events.Parse(record)
	if err != nil {
		t.Fatal(err)
	}
	var d struct{ InsightType, EventName, State string }
	if err := json.Unmarshal(rec.Text(events.InsightDetails), &d); err != nil {
		t.Fatal(err)
	}
	return " " + d.InsightType + " " + d.EventName + " " + d.State
}

func source() Source {
	return Source{TrailARN: testARN, Started: first(), Insights: []trails.Insight{
		{Type: "ApiCallRateInsight", Categories: []string{"Management"}}, {Type: "ApiErrorRateInsight", Categories: []string{"Management"}},
	}}
}

// hour is the log file of an hour: a call now and then, and in a busy one many
// of another that fail, in two Regions.
func hour(t *testing.T, n int) (delivery.File, []byte) {
	t.Helper()
	r := rand.New(rand.NewPCG(uint64(n), 7))
	var body bytes.Buffer
	gz := gzip.NewWriter(&body)
	sep, id := `{"Records":[`, 0
	call := func(minute int, region, name, errorCode string) {
		at := first().Add(time.Duration(n)*time.Hour + time.Duration(minute)*time.Minute)
		fmt.Fprintf(gz, `%s{"eventTime":%q,"eventSource":"ec2.amazonaws.com","eventName":%q,"awsRegion":%q,"errorCode":%q,"eventID":"%d-%d","readOnly":false,`+
			`"eventType":"AwsApiCall","managementEvent":true,"recipientAccountId":"123456789012","eventCategory":"Management"}`, sep, at.Format(time.RFC3339), name, region, errorCode, n, id)
		sep, id = ",", id+1
	}
	for minute := range 60 {
		for _, region := range []string{"us-east-1", "us-west-2"} {
			for range r.IntN(3) {
				call(minute, region, "RunInstances", "")
			}
			for i := 0; i < 30 && n == hours-3 && minute >= 20 && minute < 25; i++ {
				call(minute, region, "StopInstances", "AccessDenied")
			}
		}
	}
	gz.Write([]byte("]}"))
	if err := gz.Close(); err != nil {
		t.Fatal(err)
	}
	key := events.Key{AccountID: "123456789012", Kind: events.KeyLog, Region: "us-east-1", Time: first().Add(time.Duration(n) * time.Hour), Suffix: fmt.Sprintf("%016d", n)}
	return delivery.File{Bucket: "logs", Key: key.String(), Place: key}, body.Bytes()
}

// play gives all hours to the analysis, each until it is taken.
func (w *world) play(between func()) {
	w.t.Helper()
	for n := range hours {
		w.now = first().Add(time.Duration(n+1) * time.Hour)
		file, gz := hour(w.t, n)
		for try := 0; ; try++ {
			between()
			err := w.a.Add(w.t.Context(), source(), file, gz)
			if err == nil {
				break
			}
			if !errors.Is(err, errFault) || try == 1000 {
				w.t.Fatal(err)
			}
		}
		for try := 0; w.a.Tick(w.t.Context(), []Source{source()}) != nil && try < 1000; try++ {
			between()
		}
	}
}

// calls gives the calls of the busy hour's minutes that the metric has.
func (w *world) calls(errorCode string) (sum float64) {
	w.t.Helper()
	points, err := w.a.Metric(w.t.Context(), trails.MetricQuery{
		AccountID: "123456789012", Region: "us-east-1", EventSource: "ec2.amazonaws.com", EventName: "StopInstances", ErrorCode: errorCode,
		From: first(), To: first().AddDate(0, 0, 1), Period: time.Minute,
	})
	if err != nil {
		w.t.Fatal(err)
	}
	for _, p := range points {
		sum += p.Value
	}
	return sum
}

func (w *world) listed() []string {
	w.t.Helper()
	records, _, err := w.a.Events(w.t.Context(), trails.InsightsQuery{TrailARN: testARN, From: first(), To: first().AddDate(0, 0, 1), Limit: 50})
	if err != nil {
		w.t.Fatal(err)
	}
	var all []string
	for _, r := range records {
		all = append(all, idOf(r)+about(w.t, r))
	}
	slices.Sort(all)
	return all
}
