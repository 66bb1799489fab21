package logparser

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"

	"github.com/trailhand/trailhand/pkg/delivery"
	"github.com/trailhand/trailhand/pkg/events"
	"github.com/trailhand/trailhand/pkg/insights"
)

// key names a log file; n tells files apart.
func key(n string) string {
	return "AWSLogs/111122223333/CloudTrail/us-east-1/2024/01/02/111122223333_CloudTrail_us-east-1_20240102T0305Z_" + n + ".json.gz"
}

func gz(t *testing.T, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	zw := gzip.NewWriter(&b)
	if _, err := io.WriteString(zw, text); err != nil {
		t.Fatal(err)
	}
	if err := zw.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func record(id string) string {
	return fmt.Sprintf(`{"eventVersion":"1.08","eventTime":"2024-01-02T03:04:05Z","eventSource":"s3.amazonaws.com",`+
		`"eventName":"DeleteBucket","awsRegion":"us-east-1","eventID":%q,"eventType":"AwsApiCall","managementEvent":true,`+
		`"eventCategory":"Management","readOnly":false,"recipientAccountId":"111122223333"}`, id)
}

func logFile(t *testing.T, ids ...string) []byte {
	var records []string
	for _, id := range ids {
		records = append(records, record(id))
	}
	return gz(t, `{"Records":[`+strings.Join(records, ",")+`]}`)
}

// store is a bucket whose objects are bytes or errors.
type store map[string]any

func (s store) Open(_ context.Context, n delivery.Notice) (delivery.Object, error) {
	switch o := s[n.Key].(type) {
	case []byte:
		return delivery.Object{Body: io.NopCloser(bytes.NewReader(o)), VersionID: "v1", Size: int64(len(o))}, nil
	case error:
		return delivery.Object{}, o
	}
	return delivery.Object{}, delivery.ErrGone
}

type queue struct {
	batches []insights.Batch
	err     error
}

func (q *queue) Send(_ context.Context, batches []insights.Batch) error {
	if q.err != nil {
		return q.err
	}
	q.batches = append(q.batches, batches...)
	return nil
}

type aside struct {
	bodies, reasons []string
	err             error
}

func (a *aside) SetAside(_ context.Context, body, reason string) error {
	a.bodies, a.reasons = append(a.bodies, body), append(a.reasons, reason)
	return a.err
}

func sqsEvent(bodies ...string) []byte {
	var records []map[string]string
	for i, body := range bodies {
		records = append(records, map[string]string{"messageId": fmt.Sprintf("m%d", i), "eventSource": "aws:sqs", "body": body})
	}
	b, _ := json.Marshal(map[string]any{"Records": records})
	return b
}

func notice(key string) string {
	b, _ := json.Marshal(delivery.Notice{Bucket: "logs", Key: key})
	return string(b)
}

func newHandler(s store, q *queue, dead deadLetters) (*handler, *bytes.Buffer) {
	var log bytes.Buffer
	return &handler{
		objects: s, dead: dead, idle: make(chan *events.Reader, 1), now: func() time.Time { return time.Unix(1704164645, 0) },
		pipeline: &delivery.Pipeline{Sinks: []delivery.Sink{delivery.Tallies{To: q}}},
		log:      slog.New(slog.NewJSONHandler(&log, nil)),
	}, &log
}

func failures(t *testing.T, answer []byte) string {
	t.Helper()
	var got struct {
		BatchItemFailures []struct{ ItemIdentifier string }
	}
	if err := json.Unmarshal(answer, &got); err != nil || !bytes.Contains(answer, []byte(`"batchItemFailures":[`)) {
		t.Fatalf("answer %s: %v", answer, err)
	}
	var ids []string
	for _, f := range got.BatchItemFailures {
		ids = append(ids, f.ItemIdentifier)
	}
	return strings.Join(ids, " ")
}

func TestOneBadFileNeverSendsTheGoodOnesBack(t *testing.T) {
	throttled := errors.New("SlowDown: please reduce your request rate")
	cut := logFile(t, "x", "y")
	tests := map[string]struct {
		bad      any
		noDLQ    bool
		dlqErr   error
		returned string
		reason   string // of what was set aside
	}{
		"a file cut short is set aside":                      {bad: cut[:len(cut)-4], reason: "cut short"},
		"a file that is not gzip is set aside":               {bad: []byte("plain"), reason: "not gzip"},
		"an object that is gone is set aside":                {bad: nil, reason: "does not exist"},
		"a refused object is set aside":                      {bad: fmt.Errorf("opening: %w", delivery.ErrDenied), reason: "access denied"},
		"a throttled object comes again":                     {bad: throttled, returned: "m1"},
		"without a dead-letter queue a bad file comes again": {bad: []byte("plain"), noDLQ: true, returned: "m1"},
		"what cannot be set aside comes again":               {bad: []byte("plain"), dlqErr: throttled, returned: "m1", reason: "not gzip"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := store{key("a"): logFile(t, "1"), key("bad"): test.bad, key("c"): logFile(t, "2")}
			q, dead := &queue{}, &aside{err: test.dlqErr}
			h, log := newHandler(s, q, dead)
			if test.noDLQ {
				h.dead = nil
			}
			answer, err := h.Invoke(t.Context(), sqsEvent(notice(key("a")), notice(key("bad")), notice(key("c"))))
			if err != nil {
				t.Fatal(err)
			}
			if got := failures(t, answer); got != test.returned {
				t.Errorf("returned %q, want %q", got, test.returned)
			}
			if got := strings.Join(dead.reasons, ";"); (got == "") != (test.reason == "") || !strings.Contains(got, test.reason) {
				t.Errorf("reasons %q, want %q", got, test.reason)
			}
			if len(q.batches) != 2 || q.batches[0].ID != "logs/"+key("a")+"@v1#0" || q.batches[1].ID != "logs/"+key("c")+"@v1#0" {
				t.Errorf("batches %+v", q.batches)
			}
			if n := strings.Count(log.String(), `"level":"ERROR"`); test.reason != "" && n != 1 {
				t.Errorf("%d error lines:\n%s", n, log)
			}
		})
	}
}

// slow is an object whose body never comes.
type slow struct{ ctx context.Context }

func (s slow) Read([]byte) (int, error) {
	<-s.ctx.Done()
	return 0, s.ctx.Err()
}

type slowStore struct{ store }

func (s slowStore) Open(ctx context.Context, n delivery.Notice) (delivery.Object, error) {
	if n.Key == key("slow") {
		return delivery.Object{Body: io.NopCloser(slow{ctx})}, nil
	}
	return s.store.Open(ctx, n)
}

func TestASlowObjectDoesNotSendBackWhatWasDoneBeforeIt(t *testing.T) {
	q, dead := &queue{}, &aside{}
	h, _ := newHandler(nil, q, dead)
	h.objects = slowStore{store{key("a"): logFile(t, "1"), key("c"): logFile(t, "2")}}
	ctx, cancel := context.WithTimeout(t.Context(), margin+100*time.Millisecond)
	defer cancel()
	answer, err := h.Invoke(ctx, sqsEvent(notice(key("a")), notice(key("slow")), notice(key("c"))))
	if err != nil || ctx.Err() != nil {
		t.Fatalf("%v, %v", err, ctx.Err())
	}
	if got := failures(t, answer); got != "m1 m2" || len(dead.bodies) != 0 || len(q.batches) != 1 {
		t.Errorf("returned %q, set aside %q, %d batches", got, dead.bodies, len(q.batches))
	}
}

func TestWhatIsSetAsideCanBeSentBackToTheQueue(t *testing.T) {
	dead := &aside{}
	h, _ := newHandler(store{key("bad"): []byte("plain")}, &queue{}, dead)
	if _, err := h.Invoke(t.Context(), sqsEvent(notice(key("bad")))); err != nil {
		t.Fatal(err)
	}
	m := delivery.Messages(sqsEvent(dead.bodies[0])).Messages[0]
	if m.Err != nil || len(m.Notices) != 1 || m.Notices[0].Key != key("bad") {
		t.Fatalf("got %+v", m)
	}
}

func TestAMessageThatIsNotUnderstoodIsSetAsideAsItCame(t *testing.T) {
	dead := &aside{}
	h, _ := newHandler(store{}, &queue{}, dead)
	answer, err := h.Invoke(t.Context(), sqsEvent(`{"what":1}`))
	if err != nil || failures(t, answer) != "" || dead.bodies[0] != `{"what":1}` || !strings.Contains(dead.reasons[0], `"what"`) {
		t.Fatalf("%s %v %+v", answer, err, dead)
	}
}

func TestAFailedSinkSendsTheMessageBackAndTheNextAttemptIsTheSame(t *testing.T) {
	q := &queue{err: errors.New("queue: throttled")}
	h, _ := newHandler(store{key("a"): logFile(t, "1", "1", "2")}, q, &aside{})
	payload := sqsEvent(notice(key("a")))
	answer, err := h.Invoke(t.Context(), payload)
	if err != nil || failures(t, answer) != "m0" {
		t.Fatalf("%s %v", answer, err)
	}
	q.err = nil
	for range 2 {
		if answer, err := h.Invoke(t.Context(), payload); err != nil || failures(t, answer) != "" {
			t.Fatalf("%s %v", answer, err)
		}
	}
	first, _ := json.Marshal(q.batches[0])
	second, _ := json.Marshal(q.batches[1])
	if !bytes.Equal(first, second) || q.batches[0].Tallies[0].Count != 2 {
		t.Errorf("first %s\nthen %s", first, second)
	}
}

func TestOutsideAQueueTheAnswerIsTheSummaryOrAnError(t *testing.T) {
	h, _ := newHandler(store{key("a"): logFile(t, "1")}, &queue{}, nil)
	answer, err := h.Invoke(t.Context(), []byte(notice(key("a"))))
	var sum delivery.Summary
	if err != nil || json.Unmarshal(answer, &sum) != nil || sum.Records != 1 || sum.Files != 1 {
		t.Fatalf("%s %v", answer, err)
	}
	if answer, err = h.Invoke(t.Context(), []byte(notice("photos/<a>&b.jpg"))); err != nil || !strings.Contains(string(answer), `"file":"photos/<a>&b.jpg"`) {
		t.Fatalf("%s %v", answer, err)
	}
	if answer, err := h.Invoke(t.Context(), []byte(`{"foo":1}`)); err == nil || !strings.Contains(err.Error(), `"foo"`) {
		t.Fatalf("%s %v", answer, err)
	}
}

func TestObjectsThatAreNotLogFilesAreSkippedWithoutBeingOpened(t *testing.T) {
	keys := []string{
		"AWSLogs/111122223333/CloudTrail-Digest/us-east-1/2024/01/02/111122223333_CloudTrail-Digest_us-east-1_trail_us-east-1_20240102T030500Z.json.gz",
		"AWSLogs/111122223333/CloudTrail/", "photos/cat.jpg",
	}
	var bodies []string
	for _, k := range keys {
		bodies = append(bodies, notice(k))
	}
	h, log := newHandler(store{}, &queue{}, nil) // opening would be an error
	answer, err := h.Invoke(t.Context(), sqsEvent(bodies...))
	if err != nil || failures(t, answer) != "" || !strings.Contains(log.String(), `"Skipped":3`) {
		t.Fatalf("%s %v\n%s", answer, err, log)
	}
}

func TestTheInvocationsLineCarriesItsMetrics(t *testing.T) {
	h, log := newHandler(store{key("a"): logFile(t, "1", "2")}, &queue{}, nil)
	if _, err := h.Invoke(t.Context(), sqsEvent(notice(key("a")))); err != nil {
		t.Fatal(err)
	}
	var line struct {
		Records int
		Meta    struct {
			CloudWatchMetrics []struct {
				Namespace string
				Metrics   []struct{ Name, Unit string }
			}
		} `json:"_aws"`
	}
	if err := json.Unmarshal(log.Bytes(), &line); err != nil {
		t.Fatalf("not one JSON line: %v\n%s", err, log)
	}
	if line.Records != 2 || line.Meta.CloudWatchMetrics[0].Namespace != "Trailhand" || len(line.Meta.CloudWatchMetrics[0].Metrics) < 8 {
		t.Errorf("%s", log)
	}
}
