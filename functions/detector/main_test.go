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

	"github.com/trailhand/trailhand/internal/lambdas/detector"
)

// account plays S3 with conditional writes, and the dead-letter queue.
type account struct {
	mu      sync.Mutex
	objects map[string][]byte
	aside   []string // bodies
}

func etag(b []byte) string { return fmt.Sprintf(`"%x"`, md5.Sum(b)) }

func (a *account) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	body, _ := io.ReadAll(r.Body)
	stored, there := a.objects[r.URL.Path]
	switch {
	case r.Header.Get("X-Amz-Target") != "":
		var in struct{ MessageBody string }
		_ = json.Unmarshal(body, &in)
		a.aside = append(a.aside, in.MessageBody)
		fmt.Fprintf(w, `{"MessageId":"m","MD5OfMessageBody":"%x"}`, md5.Sum([]byte(in.MessageBody)))
	case r.URL.Query().Has("list-type"):
		var keys strings.Builder
		for path := range a.objects {
			fmt.Fprintf(&keys, "<Contents><Key>%s</Key></Contents>", strings.TrimPrefix(path, "/data/"))
		}
		fmt.Fprintf(w, "<ListBucketResult><IsTruncated>false</IsTruncated>%s</ListBucketResult>", &keys)
	case r.Method == http.MethodPut:
		match := r.Header.Get("If-Match")
		if there && r.Header.Get("If-None-Match") != "" || match != "" && match != etag(stored) {
			w.WriteHeader(http.StatusPreconditionFailed)
			return
		}
		a.objects[r.URL.Path] = body
		w.Header().Set("ETag", etag(body))
	case there:
		w.Header().Set("ETag", etag(stored))
		_, _ = w.Write(stored)
	default:
		w.WriteHeader(http.StatusNotFound)
		fmt.Fprint(w, "<Error><Code>NoSuchKey</Code></Error>")
	}
}

func TestEveryPayloadIsHandled(t *testing.T) {
	tests := []struct {
		payload, answer string
		logged          string // a part of the invocation's line
		states          int
		aside           string
		fault           string // a part of the error
	}{
		{payload: "event.json", answer: `{"batchItemFailures":[]}`, logged: `"Batches":2,"Duplicates":0`, states: 1},
		{payload: "testdata/tallies.json", answer: `{"batchItemFailures":[]}`, logged: `"Calls":6`, states: 1},
		{payload: "testdata/tallies-one-bad.json", answer: `{"batchItemFailures":[]}`, logged: `"Batches":2`, states: 1, aside: "{"},
		{payload: "testdata/clock.json", answer: `{}`, logged: `"states":0`},
		{payload: "testdata/warm-start.json", answer: `{"done":true,"accountId":"123456789012","awsRegion":"us-east-1","state":"nothing","rates":0}`, logged: `"msg":"warm start"`},
		{payload: "testdata/unknown.json", fault: `keys ["hello"]`},
		{payload: "testdata/other-queue.json", fault: `"aws:s3"`},
	}
	for _, test := range tests {
		t.Run(test.payload, func(t *testing.T) {
			payload, err := os.ReadFile(test.payload)
			if err != nil {
				t.Fatal(err)
			}
			a := &account{objects: map[string][]byte{}}
			server := httptest.NewServer(a)
			defer server.Close()
			var log bytes.Buffer
			now := func() time.Time { return time.Date(2023, 7, 19, 21, 30, 0, 0, time.UTC) }
			h, err := detector.New(t.Context(), map[string]string{
				"AWS_ENDPOINT_URL": server.URL, "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret",
				"STATE_BUCKET": "data", "STATE_PREFIX": "detector/", "EVENT_BUS": "default", "DLQ_URL": server.URL + "/dead.fifo",
				"WARM_START_BUCKET": "data", "WARM_START_PREFIX": "warm-start/",
			}, now, slog.New(slog.NewJSONHandler(&log, nil)))
			if err != nil {
				t.Fatal(err)
			}
			answer, err := h.Invoke(t.Context(), payload)
			if (err != nil) != (test.fault != "") || err != nil && !strings.Contains(err.Error(), test.fault) {
				t.Fatalf("error %v\n%s", err, &log)
			}
			if string(answer) != test.answer || !strings.Contains(log.String(), test.logged) {
				t.Errorf("answer %s, logged %s", answer, &log)
			}
			if got := strings.Join(a.aside, " "); got != test.aside || len(a.objects) != test.states {
				t.Errorf("set aside %q; %d states", got, len(a.objects))
			}
			if test.states == 0 {
				return
			}
			log.Reset()
			if _, err := h.Invoke(t.Context(), payload); err != nil || !strings.Contains(log.String(), `"Duplicates":2`) {
				t.Errorf("again: %v\n%s", err, &log)
			}
			log.Reset()
			if _, err := h.Invoke(t.Context(), []byte(`{"trailhand":"clock"}`)); err != nil || !strings.Contains(log.String(), `"states":1`) {
				t.Errorf("clock: %v\n%s", err, &log)
			}
		})
	}
}
