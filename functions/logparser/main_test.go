package main

import (
	"bytes"
	"crypto/md5"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/trailhand/trailhand/internal/lambdas/logparser"
)

// account plays S3 with one log file, and the queues.
type account struct {
	mu      sync.Mutex
	logFile []byte
	written map[string]bool // keys
	sent    []string        // bodies of tallies
	aside   []string        // bodies
}

func (a *account) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	body, _ := io.ReadAll(r.Body)
	_, action, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	switch {
	case action == "SendMessageBatch":
		a.tallies(w, body)
	case action == "SendMessage":
		var in struct{ MessageBody string }
		_ = json.Unmarshal(body, &in)
		a.aside = append(a.aside, in.MessageBody)
		fmt.Fprintf(w, `{"MessageId":"m","MD5OfMessageBody":"%x"}`, md5.Sum([]byte(in.MessageBody)))
	case r.Method == http.MethodPut:
		a.written[r.URL.Path] = true
	case strings.HasSuffix(r.URL.Path, "_6tWnris2j6UVsBl8.json.gz"):
		w.Header().Set("ETag", `"e"`)
		w.Header().Set("x-amz-version-id", "3HL4kqtJlcpXroDTDmJ.rmSpXd3dIbrHY")
		_, _ = w.Write(a.logFile)
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

func (a *account) tallies(w http.ResponseWriter, body []byte) {
	var in struct {
		Entries []struct{ Id, MessageBody string }
	}
	_ = json.Unmarshal(body, &in)
	var ok []string
	for _, e := range in.Entries {
		a.sent = append(a.sent, e.MessageBody)
		ok = append(ok, fmt.Sprintf(`{"Id":%q,"MessageId":"m","MD5OfMessageBody":"%x"}`, e.Id, md5.Sum([]byte(e.MessageBody))))
	}
	fmt.Fprintf(w, `{"Successful":[%s],"Failed":[]}`, strings.Join(ok, ","))
}

func TestEveryPayloadIsHandled(t *testing.T) {
	logFile, err := os.ReadFile("../../examples/logs/AWSLogs/123456789012/CloudTrail/us-east-1/2023/07/19/123456789012_CloudTrail_us-east-1_20230719T2125Z_6tWnris2j6UVsBl8.json.gz")
	if err != nil {
		t.Fatal(err)
	}
	const none, batch = `{"batchItemFailures":[]}`, `"files":1`
	tests := []struct {
		payload, answer string // a part of it
		files           int    // log files read
		untold          bool   // to the detector's queue
		aside           string // a part of what was set aside
		fault           string // a part of the error
	}{
		{payload: "event.json", answer: none, files: 1},
		{payload: "testdata/s3.json", answer: batch, files: 1},
		{payload: "testdata/eventbridge.json", answer: batch, files: 1},
		{payload: "testdata/sns-cloudtrail.json", answer: batch, files: 1},
		{payload: "testdata/sqs-s3.json", answer: none, files: 1},
		{payload: "testdata/sqs-eventbridge.json", answer: none, files: 1},
		{payload: "testdata/sqs-sns-s3.json", answer: none, files: 1},
		{payload: "testdata/sqs-sns-cloudtrail.json", answer: none, files: 1},
		{payload: "testdata/sqs-raw-cloudtrail.json", answer: none, files: 1},
		{payload: "testdata/map-item.json", answer: batch, files: 1},
		{payload: "testdata/map-batch.json", answer: batch, files: 1},
		{payload: "testdata/map-warm-start.json", answer: batch, files: 1, untold: true},
		{payload: "testdata/sqs-test-event.json", answer: none},
		{payload: "testdata/sqs-validation.json", answer: none},
		{payload: "testdata/sqs-digest.json", answer: none},
		{payload: "testdata/sqs-one-unknown.json", answer: none, files: 1, aside: `{"hello": "world"}`},
		{payload: "testdata/unknown.json", fault: `an object with keys "hello"`},
	}
	for _, test := range tests {
		t.Run(test.payload, func(t *testing.T) {
			payload, err := os.ReadFile(test.payload)
			if err != nil {
				t.Fatal(err)
			}
			a := &account{logFile: logFile, written: map[string]bool{}}
			server := httptest.NewServer(a)
			defer server.Close()
			var log bytes.Buffer
			h, err := logparser.New(t.Context(), map[string]string{
				"AWS_ENDPOINT_URL": server.URL, "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret",
				"TALLY_QUEUE_URL": server.URL + "/tallies.fifo", "DLQ_URL": server.URL + "/dead", "OUTPUT_BUCKET": "data", "OUTPUT_PREFIX": "records/",
				"WARM_START_BUCKET": "data", "WARM_START_PREFIX": "warm-start/",
			}, time.Now, slog.New(slog.NewJSONHandler(&log, nil)))
			if err != nil {
				t.Fatal(err)
			}
			answer, err := h.Invoke(t.Context(), payload)
			if (err != nil) != (test.fault != "") || err != nil && !strings.Contains(err.Error(), test.fault) {
				t.Fatalf("error %v\n%s", err, &log)
			}
			if !strings.Contains(string(answer), test.answer) {
				t.Errorf("answer %s lacks %s", answer, test.answer)
			}
			if (len(a.sent) != test.files) != test.untold || len(a.written) != 2*test.files {
				t.Errorf("sent %q, written %v\n%s", a.sent, a.written, &log)
			}
			if got := strings.Join(a.aside, ""); (got == "") != (test.aside == "") || !strings.Contains(got, test.aside) {
				t.Errorf("set aside %q, want %q", got, test.aside)
			}
		})
	}
}
