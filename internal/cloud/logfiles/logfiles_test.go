package logfiles

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"

	"github.com/trailhand/trailhand/pkg/events"
)

// bucket is a bucket that can fail before or after it has stored the object.
type bucket struct {
	objects map[string][]byte
	fail    func() (before, after bool)
}

func (b *bucket) put(_ context.Context, f File, gz []byte) error {
	before, after := b.fail()
	if before {
		return errors.New("no such bucket")
	}
	b.objects[f.Key] = gz
	if after {
		return errors.New("failed, but applied")
	}
	return nil
}

func never() (bool, bool) { return false, false }

type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

func newClock() *clock { return &clock{time.Date(2026, 3, 2, 10, 7, 0, 0, time.UTC)} }

func config(dir string, b *bucket, c *clock) Config {
	return Config{Dir: dir, Put: b.put, GiveUpAfter: 24 * time.Hour, MaxBytes: 1 << 20, Now: c.now, Log: slog.New(slog.DiscardHandler)}
}

func open(t *testing.T, cfg Config) *Files {
	t.Helper()
	f, err := Open(cfg, func(events.Record, []Destination) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// put puts a record on its way, with nothing else to do.
func put(t *testing.T, f *Files, record []byte, to ...Destination) error {
	t.Helper()
	rec, err := events.Parse(record)
	if err != nil {
		t.Fatal(err)
	}
	return f.Append(&rec, to, func() error { return nil })
}

func destination(region string) Destination {
	return Destination{TrailARN: "arn:aws:cloudtrail:us-east-1:123456789012:trail/t", Bucket: "logs", AccountID: "123456789012", Region: region, Kind: events.KeyLog}
}

// delivered counts how often each record is in the bucket's log files.
func delivered(t *testing.T, b *bucket) map[string]int {
	t.Helper()
	seen := map[string]int{}
	for key, gz := range b.objects {
		if _, err := events.ParseKey(key); err != nil {
			t.Errorf("the key is not CloudTrail's: %v", err)
		}
		r, err := gzip.NewReader(bytes.NewReader(gz))
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		var file struct{ Records []struct{ EventID string } }
		if err := json.Unmarshal(body, &file); err != nil {
			t.Fatalf("%s: %v", key, err)
		}
		for _, rec := range file.Records {
			seen[rec.EventID]++
		}
	}
	return seen
}

func TestRecordsOfOneRegionGoIntoOneFile(t *testing.T) {
	b := &bucket{objects: map[string][]byte{}, fail: never}
	f := open(t, config(t.TempDir(), b, newClock()))
	for i := range 3 {
		for _, region := range []string{"us-east-1", "eu-west-1"} {
			if err := put(t, f, fmt.Appendf(nil, "{\n \"eventID\": \"%s-%d\" }", region, i), destination(region)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := f.Flush(context.Background()); err != nil {
		t.Fatal(err)
	}
	if len(b.objects) != 2 {
		t.Errorf("%d files, want one a Region", len(b.objects))
	}
	if seen := delivered(t, b); len(seen) != 6 {
		t.Errorf("%d records delivered, want 6", len(seen))
	}
	for key := range b.objects {
		if k, _ := events.ParseKey(key); !k.Time.Equal(time.Date(2026, 3, 2, 10, 5, 0, 0, time.UTC)) {
			t.Errorf("%s: the time is not that of its five minutes", key)
		}
	}
}

func TestAFileIsSplitAtItsSize(t *testing.T) {
	b := &bucket{objects: map[string][]byte{}, fail: never}
	cfg := config(t.TempDir(), b, newClock())
	cfg.MaxBytes = 550
	f := open(t, cfg)
	for i := range 10 {
		if err := put(t, f, fmt.Appendf(nil, `{"eventID":"%030d"}`, i), destination("us-east-1")); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Flush(context.Background()); err != nil {
		t.Fatal(err)
	}
	if n := len(b.objects); n < 3 || n > 5 || len(delivered(t, b)) != 10 {
		t.Errorf("%d files with %d records, want some with 10", len(b.objects), len(delivered(t, b)))
	}
}

func TestAFileThatFailsForADayIsGivenUpCountedAndSaid(t *testing.T) {
	b := &bucket{objects: map[string][]byte{}, fail: func() (bool, bool) { return true, false }}
	c := newClock()
	cfg := config(t.TempDir(), b, c)
	var said []error
	cfg.Delivered = func(_ File, err error) { said = append(said, err) }
	f := open(t, cfg)
	if err := put(t, f, []byte(`{"eventID":"1"}`), destination("us-east-1")); err != nil {
		t.Fatal(err)
	}
	for hour := range 25 {
		if err := f.Flush(context.Background()); err == nil {
			t.Fatalf("hour %d: Flush says nothing", hour)
		}
		c.at = c.at.Add(time.Hour)
	}
	if waiting, lost := f.Waiting(); waiting.Records != 0 || lost.Records != 1 {
		t.Errorf("waiting %v, lost %v; want 0 and 1", waiting, lost)
	}
	if len(said) != 25 || said[24] == nil {
		t.Errorf("%d attempts were told, want 25 with their errors", len(said))
	}
}

func TestARecordOfSeveralLinesIsOneLine(t *testing.T) {
	b := &bucket{objects: map[string][]byte{}, fail: never}
	f := open(t, config(t.TempDir(), b, newClock()))
	if err := put(t, f, []byte("{\n \"eventID\": \"1\"\n}\n"), destination("us-east-1")); err != nil {
		t.Fatal(err)
	}
	if err := f.Flush(context.Background()); err != nil {
		t.Fatal(err)
	}
	if seen := delivered(t, b); seen["1"] != 1 {
		t.Errorf("delivered %v", seen)
	}
}

func TestAFolderWithTheSignsOfAPatternInItsNameKeepsItsJournals(t *testing.T) {
	b := &bucket{objects: map[string][]byte{}, fail: never}
	dir := filepath.Join(t.TempDir(), "a[b]*?")
	if err := put(t, open(t, config(dir, b, newClock())), []byte(`{"eventID":"1"}`), destination("us-east-1")); err != nil {
		t.Fatal(err)
	}
	if waiting, _ := open(t, config(dir, b, newClock())).Waiting(); waiting.Records != 1 {
		t.Errorf("%v records wait after a restart, want 1", waiting)
	}
}

func TestAJournalThatCannotBeFollowedByAnotherIsDeliveredOnce(t *testing.T) {
	b := &bucket{objects: map[string][]byte{}, fail: never}
	cfg := config(t.TempDir(), b, newClock())
	cfg.MaxBytes = 1
	f := open(t, cfg)
	if err := put(t, f, []byte(`{"eventID":"1"}`), destination("us-east-1")); err != nil {
		t.Fatal(err)
	}
	f.cfg.Dir = filepath.Join(f.cfg.Dir, "gone")
	for range 2 {
		if err := put(t, f, []byte(`{"eventID":"2"}`), destination("us-east-1")); err == nil {
			t.Fatal("a record was taken without a journal")
		}
	}
	if waiting, _ := f.Waiting(); waiting.Records != 1 {
		t.Errorf("%v records wait, want 1", waiting)
	}
	if err := f.Flush(context.Background()); err != nil || delivered(t, b)["1"] != 1 {
		t.Errorf("%v, delivered %v", err, delivered(t, b))
	}
}

func TestAJournalThatIsNoneIsSetAsideAndOneThatIsCutAtItsBeginningGoes(t *testing.T) {
	b := &bucket{objects: map[string][]byte{}, fail: never}
	dir := t.TempDir()
	f := open(t, config(dir, b, newClock()))
	if err := put(t, f, []byte(`{"eventID":"1"}`), destination("us-east-1")); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"0": "{\"Destination\":{}}\n{}\n", "1": `+{"Destina`, "2": ""} {
		if err := os.WriteFile(filepath.Join(dir, name+journalSuffix), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := open(t, config(dir, b, newClock())).Flush(context.Background()); err != nil {
		t.Fatal(err)
	}
	if seen := delivered(t, b); seen["1"] != 1 {
		t.Errorf("the good journal beside them was delivered as %v", seen)
	}
	if left, err := filepath.Glob(filepath.Join(dir, "*")); err != nil || len(left) != 1 || filepath.Base(left[0]) != "0"+journalSuffix+".damaged" {
		t.Errorf("%q are left, %v", left, err)
	}
}
