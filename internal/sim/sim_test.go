package sim

import (
	"bytes"
	"encoding/json"
	"io"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"
)

func start() time.Time { return time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC) }

func traffic() *Traffic {
	return &Traffic{
		Seed: 7, AccountID: "111122223333", Region: "us-east-1", Start: start(),
		APIs: []API{
			{EventSource: "s3.amazonaws.com", EventName: "DeleteBucket", PerMinute: 20},
			{EventSource: "iam.amazonaws.com", EventName: "DeleteInstanceProfile", ErrorCode: "AccessDenied", PerMinute: 0.0001},
		},
		Incidents: []Incident{{
			EventSource: "s3.amazonaws.com", EventName: "DeleteBucket",
			From: start().Add(time.Hour), To: start().Add(70 * time.Minute), PerMinute: 100,
		}},
	}
}

func records(t *testing.T, gz []byte) []map[string]any {
	t.Helper()
	zr, err := gzip.NewReader(bytes.NewReader(gz))
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(zr)
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Records []map[string]any }
	if err := json.Unmarshal(body, &file); err != nil {
		t.Fatal(err)
	}
	return file.Records
}

func TestALogFileHoldsExactlyTheCallsThatWereCounted(t *testing.T) {
	tr := traffic()
	var file bytes.Buffer
	from, to := start().Add(50*time.Minute), start().Add(80*time.Minute)
	n, err := tr.WriteLogFile(&file, from, to)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]int{}
	for at := from; at.Before(to); at = at.Add(time.Minute) {
		for i, api := range tr.APIs {
			if c := tr.Count(i, at); c > 0 {
				want[api.EventName+at.Format(" 15:04")] = c
			}
		}
	}
	got := map[string]int{}
	ids := map[string]bool{}
	for _, r := range records(t, file.Bytes()) {
		at, err := time.Parse(time.RFC3339, r["eventTime"].(string))
		if err != nil {
			t.Fatal(err)
		}
		got[r["eventName"].(string)+at.Format(" 15:04")]++
		ids[r["eventID"].(string)] = true
	}
	for minute, c := range want {
		if got[minute] != c {
			t.Errorf("%s: %d records, want %d", minute, got[minute], c)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d API minutes, want %d", len(got), len(want))
	}
	if len(ids) != n {
		t.Errorf("%d distinct eventIDs in %d records", len(ids), n)
	}
	if c := got["DeleteBucket 01:05"]; c != 100 {
		t.Errorf("%d calls in a minute of the incident, want 100", c)
	}
}

func TestTheSameSeedGivesTheSameBytesAndAnotherSeedOthers(t *testing.T) {
	file := func(seed uint64) []byte {
		tr := traffic()
		tr.Seed = seed
		var b bytes.Buffer
		if _, err := tr.WriteLogFile(&b, start(), start().Add(5*time.Minute)); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	if !bytes.Equal(file(1), file(1)) {
		t.Error("one seed, two files")
	}
	if bytes.Equal(file(1), file(2)) {
		t.Error("two seeds, one file")
	}
}

func TestPoissonCountsHaveTheirMeanAndVariance(t *testing.T) {
	for _, mean := range []float64{0, 0.01, 3, 30, 200} {
		r := rand.New(rand.NewPCG(1, uint64(mean*100)))
		const n = 20000
		var sum, squares float64
		for range n {
			x := float64(poisson(r, mean))
			sum, squares = sum+x, squares+x*x
		}
		got := sum / n
		variance := squares/n - got*got
		slack := 5 * math.Sqrt(mean/n)
		if math.Abs(got-mean) > slack {
			t.Errorf("mean %g: got %g", mean, got)
		}
		if math.Abs(variance-mean) > 0.1*mean+slack {
			t.Errorf("mean %g: variance %g", mean, variance)
		}
	}
}

func TestWritingLogFilesIsToldToItsEnd(t *testing.T) {
	var done []float64
	if _, _, err := generated(t, small).WriteLogFiles(t.TempDir(), func(part float64) { done = append(done, part) }); err != nil {
		t.Fatal(err)
	}
	if !slices.IsSorted(done) || done[len(done)-1] != 1 {
		t.Errorf("told last: %v of %d, want 1", done[len(done)-1], len(done))
	}
}
