package sinks

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go"

	"github.com/trailhand/trailhand/pkg/delivery"
	"github.com/trailhand/trailhand/pkg/events"
)

var update = flag.Bool("update", false, "rewrite golden files")

// memory is a bucket, and counts the uploads that were left open.
type memory struct {
	objects map[string][]byte
	open    int
}

func newMemory() *memory {
	return &memory{objects: map[string][]byte{}}
}

type memoryUpload struct {
	bytes.Buffer
	to  *memory
	key string
}

func (m *memory) Create(_ context.Context, key string) delivery.Upload {
	m.open++
	return &memoryUpload{to: m, key: key}
}

func (u *memoryUpload) Commit(context.Context) error {
	u.to.open--
	u.to.objects[u.key] = u.Bytes()
	return nil
}

func (u *memoryUpload) Discard(context.Context) error { u.to.open--; return nil }

// logs gives the log files of the repository's examples, by key.
func logs(t testing.TB) map[string][]byte {
	t.Helper()
	root := "../../examples/logs/AWSLogs"
	all := map[string][]byte{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.Contains(path, "CloudTrail-Insight") {
			return err
		}
		b, err := os.ReadFile(path)
		all["AWSLogs/"+strings.TrimPrefix(path, root+"/")] = b
		return err
	})
	if err != nil || len(all) < 5 {
		t.Fatalf("%d log files, %v", len(all), err)
	}
	return all
}

func fileOf(t testing.TB, key, version string) delivery.File {
	t.Helper()
	place, reason := delivery.LogFile(key)
	if reason != "" {
		t.Fatalf("%s: %s", key, reason)
	}
	return delivery.File{Bucket: "logs", Key: key, Version: version, Place: place}
}

// deliver takes the example logs through sinks, and gives the totals.
func deliver(t testing.TB, version string, sinks ...delivery.Sink) *delivery.Summary {
	t.Helper()
	total := delivery.NewSummary()
	p := delivery.Pipeline{Sinks: sinks}
	for key, b := range logs(t) {
		sum, err := p.Read(t.Context(), fileOf(t, key, version), events.OpenGzip(bytes.NewReader(b), events.Limits{}))
		if err != nil {
			t.Fatal(err)
		}
		total.Merge(sum)
	}
	return total
}

func all(m *memory) []delivery.Sink {
	return []delivery.Sink{NDJSON{m, "out/"}, Parquet{m, "out/"}, OCSF{m, "out/"}, Summaries{m, "out/"}}
}

func unzstd(t testing.TB, b []byte) []byte {
	t.Helper()
	zr, err := zstd.NewReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	defer zr.Close()
	plain, err := io.ReadAll(zr)
	if err != nil {
		t.Fatal(err)
	}
	return plain
}

func TestReadingAFileAgainWritesTheSameObjects(t *testing.T) {
	first, second, third := newMemory(), newMemory(), newMemory()
	deliver(t, "v1", all(first)...)
	deliver(t, "v1", all(second)...)
	deliver(t, "v2", all(third)...)
	if !maps.EqualFunc(first.objects, second.objects, bytes.Equal) {
		t.Error("the objects differ")
	}
	for key := range third.objects {
		if first.objects[key] != nil {
			t.Errorf("another version wrote over %s", key)
		}
	}
	if want := 4 * len(logs(t)); len(first.objects) != want || first.open != 0 {
		t.Errorf("%d objects, want %d; %d uploads left open", len(first.objects), want, first.open)
	}
}

func TestASummaryIsWrittenWithNamesAsTheyAre(t *testing.T) {
	m := newMemory()
	deliver(t, "1", Summaries{m, "out/"})
	var all []byte
	for _, text := range m.objects {
		all = append(all, text...)
		if !bytes.Contains(text, []byte(`"skipped":[],"failed":[]`)) {
			t.Errorf("%s", text)
		}
	}
	if !bytes.Contains(all, []byte(`"<absent>"`)) || bytes.Contains(all, []byte(`\u003c`)) {
		t.Error("the name of records without a field is escaped, or nowhere")
	}
}

func TestKeysArePartitionedByAccountRegionAndDate(t *testing.T) {
	f := fileOf(t, "p/AWSLogs/o-abc123defg/111122223333/CloudTrail/us-east-1/2024/01/02/111122223333_CloudTrail_us-east-1_20240102T0305Z_aaaaaaaaaaaaaaaa.json.gz", "v1")
	got := objectKey("records/", "parquet", f, "parquet")
	want := "records/parquet/account=111122223333/region=us-east-1/date=2024-01-02/111122223333_CloudTrail_us-east-1_20240102T0305Z_aaaaaaaaaaaaaaaa-"
	if !strings.HasPrefix(got, want) || !strings.HasSuffix(got, ".parquet") {
		t.Errorf("got %s", got)
	}
}

func TestNDJSONHoldsEveryRecordAsItWasWritten(t *testing.T) {
	m := newMemory()
	total := deliver(t, "v1", NDJSON{m, ""})
	lines := 0
	for _, b := range m.objects {
		for line := range bytes.Lines(unzstd(t, b)) {
			if _, err := events.Parse(bytes.TrimSuffix(line, []byte("\n"))); err != nil {
				t.Errorf("%s: %v", line, err)
			}
			lines++
		}
	}
	if lines != total.Records {
		t.Errorf("%d lines of %d records", lines, total.Records)
	}
	pretty := "{\r\n  \"eventName\": \"a\\nb\",\n  \"n\": 9007199254740993}"
	p := delivery.Pipeline{Sinks: []delivery.Sink{NDJSON{m, "pretty/"}}}
	if _, err := p.Read(t.Context(), delivery.File{Key: "k"}, events.NewReader(strings.NewReader(`{"Records":[`+pretty+`]}`), events.Limits{})); err != nil {
		t.Fatal(err)
	}
	for key, b := range m.objects {
		if strings.HasPrefix(key, "pretty/") {
			if got, want := string(unzstd(t, b)), strings.NewReplacer("\r", " ", "\n", " ").Replace(pretty)+"\n"; got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		}
	}
}

func TestParquetHoldsWhatTheRecordsSay(t *testing.T) {
	m := newMemory()
	total := deliver(t, "v1", Parquet{m, ""})
	got, texts := delivery.NewSummary(), 0
	for key, b := range m.objects {
		rows, err := parquet.Read[row](bytes.NewReader(b), int64(len(b)))
		if err != nil {
			t.Fatalf("%s: %v", key, err)
		}
		for _, r := range rows {
			got.Records++
			got.ByEvent[r.EventSource+"|"+r.EventName]++
			if r.ErrorCode != "" {
				got.ByError[r.ErrorCode]++
			}
			if r.EventTime == nil || r.EventTime.Before(total.FirstEventTime) || r.EventTime.After(total.LastEventTime) {
				t.Errorf("eventTime %v", r.EventTime)
			}
			for _, text := range []string{r.RequestParameters, r.ResponseElements, r.Other} {
				if text != "" && !json.Valid([]byte(text)) {
					t.Errorf("no JSON: %s", text)
				}
				texts += min(1, len(text))
			}
		}
	}
	delete(total.ByError, "")
	if texts < total.Records {
		t.Errorf("only %d free JSON texts", texts)
	}
	if got.Records != total.Records || !maps.Equal(got.ByEvent, total.ByEvent) || !maps.Equal(got.ByError, total.ByError) {
		t.Errorf("got %d records of %d, events %v", got.Records, total.Records, got.ByEvent)
	}
}

func TestParquetKeepsFieldsWithoutAColumn(t *testing.T) {
	var b bytes.Buffer
	w := NewParquetWriter(&b)
	r, err := events.Parse([]byte(`{"eventName":"X","newField":{"n":1e400},"tlsDetails":{"tlsVersion":"<TLSv1&3>"},"eventTime":"never"}`))
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(w.Add(&r), w.Close()); err != nil {
		t.Fatal(err)
	}
	rows, err := parquet.Read[row](bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil || len(rows) != 1 || rows[0].EventTime != nil {
		t.Fatalf("%v %+v", err, rows)
	}
	if got := rows[0].Other; got != `{"newField":{"n":1e400},"tlsDetails":{"tlsVersion":"<TLSv1&3>"}}` {
		t.Errorf("other is %s", got)
	}
}

// FuzzRecordsOut asserts that whatever the reader takes for a record can be
// written in every format: one record must not keep a file from being read.
func FuzzRecordsOut(f *testing.F) {
	for _, seed := range []string{`{}`, `{"eventTime":7,"userIdentity":[],"resources":{}}`, "{\"eventName\":\"\x01\xff\\ud800\"}",
		`{"userIdentity":{"sessionContext":{"attributes":{"creationDate":"x"}}},"requestParameters":"s"}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		r, err := events.Parse(raw)
		if err != nil {
			return
		}
		out, err := APIActivity(&r)
		if err != nil || !json.Valid(out) || bytes.ContainsAny(out, "\r\n") {
			t.Errorf("OCSF: %v: %q", err, out)
		}
		w := NewParquetWriter(io.Discard)
		if err := errors.Join(w.Add(&r), w.Close()); err != nil {
			t.Errorf("Parquet: %v", err)
		}
		if _, err := delivery.BusEvent(&r).Encode(); err != nil {
			t.Errorf("EventBridge: %v", err)
		}
	})
}
