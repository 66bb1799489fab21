package delivery

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/trailhand/trailhand/pkg/events"
	"github.com/trailhand/trailhand/pkg/insights"
)

func samples(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("TRAILHAND_SAMPLES")
	if dir == "" {
		t.Skip("TRAILHAND_SAMPLES names no folder of samples")
	}
	return dir
}

// eachSample reads every log file of a folder.
func eachSample(t *testing.T, dir string, read func(key string, gz []byte)) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".gz") {
			return err
		}
		b, err := os.ReadFile(path)
		read(path, b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestTotalsOfTheSamplesAreThoseThatOtherCodeComputed(t *testing.T) {
	dir := samples(t)
	raw, err := os.ReadFile(dir + "/truth.json")
	if err != nil {
		t.Fatal(err)
	}
	var truth map[string]json.RawMessage
	if err := json.Unmarshal(raw, &truth); err != nil {
		t.Fatal(err)
	}
	for _, set := range []string{"AWSLogs", "partial"} {
		t.Run(set, func(t *testing.T) {
			var want struct {
				Files    int
				Records  int
				Bytes    int64          `json:"bytes_plain"`
				ARNs     int            `json:"distinct_userIdentity_arn"`
				Category map[string]int `json:"eventCategory"`
				Account  map[string]int `json:"recipientAccountId"`
				Region   map[string]int `json:"awsRegion"`
				Errors   map[string]int `json:"errorCode top50"`
				Events   map[string]int `json:"eventSource|eventName top50"`
				First    string         `json:"min_eventTime"`
				Last     string         `json:"max_eventTime"`
			}
			var others map[string]any // a struct's tag cannot have a comma
			if err := errors.Join(json.Unmarshal(truth[set], &want), json.Unmarshal(truth[set], &others)); err != nil {
				t.Fatal(err)
			}
			got := NewSummary()
			eachSample(t, dir+"/"+set, func(key string, gz []byte) {
				p := Pipeline{}
				sum, err := p.Read(t.Context(), File{Key: key}, events.OpenGzip(bytes.NewReader(gz), events.Limits{}))
				if err != nil {
					t.Error(err)
				}
				got.Merge(sum)
			})
			if got.Files != want.Files || got.Records != want.Records || got.Bytes != want.Bytes || got.DistinctPrincipals != want.ARNs {
				t.Errorf("files %d, records %d, bytes %d, principals %d; want %+v", got.Files, got.Records, got.Bytes, got.DistinctPrincipals, want)
			}
			diff := cmp.Diff(want.Category, got.ByCategory) + cmp.Diff(want.Account, got.ByAccount) +
				cmp.Diff(want.Region, got.ByRegion) + cmp.Diff(want.Errors, got.ByError)
			if diff != "" {
				t.Error(diff)
			}
			for name, n := range want.Events {
				if got.ByEvent[name] != n {
					t.Errorf("%s: %d, want %d", name, got.ByEvent[name], n)
				}
			}
			if n := others["distinct (eventSource,eventName)"]; float64(len(got.ByEvent)) != n {
				t.Errorf("%d different events, want %v", len(got.ByEvent), n)
			}
			if set == "partial" {
				return // its times are redacted
			}
			if first, last := got.FirstEventTime.Format("2006-01-02T15:04:05Z"), got.LastEventTime.Format("2006-01-02T15:04:05Z"); first != want.First || last != want.Last {
				t.Errorf("from %s to %s, want %s to %s", first, last, want.First, want.Last)
			}
		})
	}
}

// TestRatesOfTheSamplesAreThoseThatOtherCodeComputed adds the tallies up over
// the files. The other code dropped an event's copies in other files as well,
// so ours may have more, never less, and as many where no event is in two files.
func TestRatesOfTheSamplesAreThoseThatOtherCodeComputed(t *testing.T) {
	dir := samples(t)
	got := map[string]int{}
	eachSample(t, dir+"/AWSLogs", func(key string, gz []byte) {
		p := Pipeline{Sinks: []Sink{Tallies{To: counted{got}}}}
		if _, err := p.Read(t.Context(), File{Key: key}, events.OpenGzip(bytes.NewReader(gz), events.Limits{})); err != nil {
			t.Error(err)
		}
	})
	compareRates(t, dir, got)
}

func rateKey(account, region, source, name, minute string) string {
	return strings.Join([]string{account, region, source, name, minute}, " ")
}

func compareRates(t *testing.T, dir string, got map[string]int) {
	t.Helper()
	f, err := os.Open(dir + "/rates_per_minute.tsv.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	zr, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	total, dedup := map[string]int{}, map[string]int{}
	lines := bufio.NewScanner(zr)
	lines.Scan() // names of columns
	for lines.Scan() {
		c := strings.Split(lines.Text(), "\t")
		if c[2] == "NetworkActivity" {
			continue // has no rates
		}
		if c[0] == Absent {
			c[0] = "" // these files are not under CloudTrail's keys
		}
		var all, once int
		if _, err := fmt.Sscan(c[7]+" "+c[8], &all, &once); err != nil {
			t.Fatal(err)
		}
		k := rateKey(c[0], c[1], c[4], c[5], c[6])
		total[k] += all
		dedup[k] += once
	}
	compared := 0
	for k, n := range got {
		if n < dedup[k] || n > total[k] {
			t.Errorf("%s: %d, want %d to %d", k, n, dedup[k], total[k])
		}
		compared += n
	}
	if compared < 1600 {
		t.Errorf("only %d calls compared", compared)
	}
}

// counted is the sender that adds up what it is sent.
type counted struct{ calls map[string]int }

func (c counted) Send(_ context.Context, batches []insights.Batch) error {
	for _, b := range batches {
		for _, tl := range b.Tallies {
			c.calls[rateKey(tl.AccountID, tl.Region, tl.EventSource, tl.EventName, tl.Minute.Format("2006-01-02T15:04"))] += tl.Count
		}
	}
	return nil
}
