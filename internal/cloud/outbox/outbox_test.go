package outbox

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func open(t *testing.T, dir string) *Outbox {
	t.Helper()
	o, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { o.Close() })
	return o
}

func lines(t *testing.T, dir, file string) [][]byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, file))
	if err != nil {
		t.Fatal(err)
	}
	var all [][]byte
	for line := range bytes.Lines(text) {
		if !json.Valid(line) || !bytes.HasSuffix(line, []byte("\n")) {
			t.Errorf("%q is no line of JSON", line)
		}
		all = append(all, line)
	}
	return all
}

func TestALogFileIsToldInCloudTrailsWords(t *testing.T) {
	dir := t.TempDir()
	at := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	if err := open(t, dir).Notify("arn:aws:sns:us-east-1:123456789012:t", at, "logs", "AWSLogs/a b.json.gz"); err != nil {
		t.Fatal(err)
	}
	var got map[string]string
	if err := json.Unmarshal(lines(t, dir, SNSFile)[0], &got); err != nil {
		t.Fatal(err)
	}
	if got["Message"] != `{"s3Bucket":"logs","s3ObjectKey":["AWSLogs/a b.json.gz"]}` || got["Type"] != "Notification" ||
		got["TopicArn"] != "arn:aws:sns:us-east-1:123456789012:t" || got["Timestamp"] != "2026-03-02T10:00:00.000Z" || got["MessageId"] == "" {
		t.Errorf("got %v", got)
	}
}

func TestLinesGoOnBehindWhatAProcessThatDiedHadWritten(t *testing.T) {
	dir := t.TempDir()
	log := func(message string) {
		if err := open(t, dir).Log(LogEvent{Message: message}); err != nil {
			t.Fatal(err)
		}
	}
	log("one")
	log("two")
	path := filepath.Join(dir, LogsFile)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, int64(len(text)-3)); err != nil {
		t.Fatal(err)
	}
	log("three")
	if got := lines(t, dir, LogsFile); len(got) != 2 || !strings.Contains(string(got[1]), "three") {
		t.Errorf("got %q", got)
	}
}

func TestAnEventThatIsTooLargeForLogsIsLeftOut(t *testing.T) {
	dir := t.TempDir()
	o := open(t, dir)
	for _, size := range []int{MaxLogBytes, MaxLogBytes + 1} {
		if err := o.Log(LogEvent{Message: strings.Repeat("x", size)}); err != nil {
			t.Fatal(err)
		}
	}
	if got := lines(t, dir, LogsFile); len(got) != 1 {
		t.Errorf("%d events, want 1", len(got))
	}
}
