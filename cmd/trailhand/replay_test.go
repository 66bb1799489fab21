package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// endpoint takes events as `trailhand local` does, but for those named "bad".
type endpoint struct {
	*httptest.Server
	mu     sync.Mutex
	events []map[string]any
	at     []time.Time
}

func newEndpoint(t *testing.T) *endpoint {
	t.Helper()
	e := &endpoint{}
	e.Server = httptest.NewServer(http.HandlerFunc(e.take))
	t.Cleanup(e.Close)
	return e
}

func (e *endpoint) take(w http.ResponseWriter, r *http.Request) {
	var sent []map[string]any
	body, err := io.ReadAll(r.Body)
	if err == nil {
		err = json.Unmarshal(body, &sent)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	refused := []map[string]any{}
	for i, event := range sent {
		if event["eventName"] == "bad" {
			refused = append(refused, map[string]any{"index": i, "reason": "it is bad"})
			continue
		}
		e.events, e.at = append(e.events, event), append(e.at, time.Now())
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"accepted": len(sent) - len(refused), "refused": refused})
}

func (e *endpoint) names() []string {
	var names []string
	for _, event := range e.events {
		names = append(names, event["eventName"].(string))
	}
	return names
}

const (
	firstFile  = "AWSLogs/123456789012/CloudTrail/us-east-1/2026/03/02/123456789012_CloudTrail_us-east-1_20260302T1000Z_aaaaaaaaaaaaaaaa.json.gz"
	secondFile = "AWSLogs/123456789012/CloudTrail/eu-west-1/2026/03/02/123456789012_CloudTrail_eu-west-1_20260302T1005Z_bbbbbbbbbbbbbbbb.json.gz"
)

// recordedFiles writes log files into a folder: us-east-1's are the earlier.
func recordedFiles(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, stored(t, name, text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// stored compresses what has a name that says so.
func stored(t *testing.T, name, text string) []byte {
	t.Helper()
	if !strings.HasSuffix(name, ".gz") {
		return []byte(text)
	}
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

func twoFiles(t *testing.T) string {
	return recordedFiles(t, map[string]string{
		firstFile: `{"Records":[{"eventName":"second","eventID":"2","eventTime":"2026-03-02T10:00:20Z","eventSource":"a.b"},` +
			`{"eventName":"first","eventID":"1","eventTime":"2026-03-02T10:00:00Z","n":9007199254740993,"t":"<&>"}]}`,
		secondFile: `{"Records":[{"eventName":"third","eventID":"3","eventTime":"2026-03-02T10:00:40Z"},` +
			`{"eventName":"first","eventID":"1","eventTime":"2026-03-02T10:00:00Z"}]}`,
	})
}

func replayed(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = run(t.Context(), append([]string{"replay"}, args...), nil, strings.NewReader(""), &out, &errs)
	return code, out.String(), errs.String()
}

func TestReplayFeedsEachEventOnceAsOneOfNow(t *testing.T) {
	e := newEndpoint(t)
	code, out, errs := replayed(t, "--endpoint", e.URL, twoFiles(t))
	if code != exitOK || out != "3 events of 2 files were taken, 1 were there twice, 0 were refused\n" {
		t.Fatalf("exit code %d, %q; %s", code, out, errs)
	}
	for _, event := range e.events {
		if event["eventTime"] != nil || event["eventID"] != nil {
			t.Errorf("%v is the old event", event)
		}
	}
}

func TestReplayKeepsTimes(t *testing.T) {
	e := newEndpoint(t)
	if code, _, errs := replayed(t, "--keep-time", "--endpoint", e.URL, twoFiles(t)); code != exitOK {
		t.Fatal(errs)
	}
	for _, event := range e.events {
		if event["eventTime"] == nil || event["eventID"] == nil {
			t.Errorf("%v has lost something", event)
		}
	}
}

func TestReplayKeepsThePaceAndTheOrder(t *testing.T) {
	e := newEndpoint(t)
	began := time.Now()
	if code, _, errs := replayed(t, "--speed", "200", "--endpoint", e.URL, twoFiles(t)); code != exitOK {
		t.Fatal(errs)
	}
	if got, want := e.names(), []string{"first", "second", "third"}; !slices.Equal(got, want) {
		t.Fatalf("fed %q, want %q", got, want)
	}
	if took := e.at[2].Sub(began); took < 200*time.Millisecond { // 40 seconds at 200 times their pace
		t.Errorf("the last event was fed after %s", took)
	}
}

func TestReplayChangesNothingElse(t *testing.T) {
	raw := `{"a":{"eventTime":1},"n":9007199254740993,"t":"<&>\u00e9","eventTime":"x","e":33.0}`
	got, err := without([]byte(raw), "eventTime", "eventID")
	if want := `{"a":{"eventTime":1},"n":9007199254740993,"t":"<&>\u00e9","e":33.0}`; err != nil || string(got) != want {
		t.Errorf("got %s, want %s (%v)", got, want, err)
	}
}

func TestReplayExitCodes(t *testing.T) {
	e := newEndpoint(t)
	gone := httptest.NewServer(http.NotFoundHandler())
	notOurs := gone.URL
	t.Cleanup(gone.Close)
	good := twoFiles(t)
	bad := recordedFiles(t, map[string]string{"a.json": `{"Records":[{"eventName":"bad"},{"eventName":"good"}]}`})
	cut := recordedFiles(t, map[string]string{"a.json": `{"Records":[{"eventName":"good"}`, "b.json": `{"Records":[{"eventName":"whole"}]}`})
	tests := map[string]struct {
		args []string
		code int
		says string
	}{
		"all was taken":                         {[]string{"--endpoint", e.URL, good}, exitOK, ""},
		"an event was refused":                  {[]string{"--endpoint", e.URL, bad}, exitFailed, "it is bad"},
		"a file is damaged":                     {[]string{"--endpoint", e.URL, cut}, exitFailed, "1 of 2 files could not be read"},
		"nobody listens":                        {[]string{"--endpoint", "http://127.0.0.1:1", good}, exitFailed, "connection refused"},
		"somebody else listens":                 {[]string{"--endpoint", notOurs, good}, exitFailed, "no 'trailhand local'"},
		"no path":                               {[]string{"--endpoint", e.URL}, exitUsage, "no PATH"},
		"a speed that is none":                  {[]string{"--speed", "-2", good}, exitUsage, "--speed"},
		"an endpoint that is none":              {[]string{"--endpoint", "localhost", good}, exitUsage, "--endpoint"},
		"both wrong, and both are told at once": {[]string{"--speed", "-2", "--endpoint", "x"}, exitUsage, "no PATH"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			code, _, errs := replayed(t, test.args...)
			if code != test.code || !strings.Contains(errs, test.says) {
				t.Errorf("exit code %d, want %d; %s", code, test.code, errs)
			}
		})
	}
	whole := slices.DeleteFunc(e.names(), func(name string) bool { return name != "whole" && name != "good" })
	if slices.Sort(whole); !slices.Equal(whole, []string{"good", "whole"}) {
		t.Errorf("fed %q: of a damaged file nothing, of the others all", whole)
	}
}

func TestReplayedEventsAreInTheHistoryOfARunningAccount(t *testing.T) {
	l := startLocal(t)
	for range 2 {
		if code, out, errs := replayed(t, "--keep-time", "--endpoint", l.url, "../../examples/logs"); code != exitOK {
			t.Fatalf("%s%s", out, errs)
		}
	}
	code, out, errs := replayed(t, "--endpoint", l.url, "../../examples/logs")
	if code != exitOK {
		t.Fatalf("%s%s", out, errs)
	}
	found := l.tool(t, "aws", "cloudtrail", "lookup-events", "--region", "us-east-1", "--lookup-attributes", "AttributeKey=EventSource,AttributeValue=ec2.amazonaws.com", "--max-items", "5", "--query", "length(Events)")
	if found == "0" {
		t.Errorf("no event of the replayed Region is in the history")
	}
}
