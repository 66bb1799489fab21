package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"

	"github.com/trailhand/trailhand/pkg/insights"
)

// parsed runs `trailhand parse` over a folder of the samples.
func parsed(t *testing.T, format, set string) (dir string, out []byte) {
	t.Helper()
	dir = os.Getenv("TRAILHAND_SAMPLES")
	if dir == "" {
		t.Skip("TRAILHAND_SAMPLES names no folder of samples")
	}
	var stdout, stderr bytes.Buffer
	if code := run(t.Context(), []string{"parse", "--format", format, dir + "/" + set}, nil, nil, &stdout, &stderr); code != exitOK {
		t.Fatalf("exit code %d: %s", code, stderr.String())
	}
	return dir, stdout.Bytes()
}

func TestTheSummaryOfTheSamplesIsTheOneThatOtherCodeComputed(t *testing.T) {
	for _, set := range []string{"AWSLogs", "partial"} {
		t.Run(set, func(t *testing.T) {
			dir, out := parsed(t, "summary", set)
			raw, err := os.ReadFile(dir + "/truth.json")
			if err != nil {
				t.Fatal(err)
			}
			var truth map[string]json.RawMessage
			var want, got map[string]any
			if err := errors.Join(json.Unmarshal(raw, &truth), json.Unmarshal(truth[set], &want), json.Unmarshal(out, &got)); err != nil {
				t.Fatal(err)
			}
			for ours, theirs := range map[string]string{
				"files": "files", "records": "records", "bytes": "bytes_plain", "distinctPrincipals": "distinct_userIdentity_arn",
				"byCategory": "eventCategory", "byAccount": "recipientAccountId", "byRegion": "awsRegion", "byError": "errorCode top50",
			} {
				if diff := cmp.Diff(want[theirs], got[ours]); diff != "" {
					t.Errorf("%s: %s", ours, diff)
				}
			}
			byEvent := got["byEvent"].(map[string]any)
			for name, n := range want["eventSource|eventName top50"].(map[string]any) {
				if byEvent[name] != n {
					t.Errorf("%s: %v, want %v", name, byEvent[name], n)
				}
			}
			if set == "AWSLogs" && (got["firstEventTime"] != want["min_eventTime"] || got["lastEventTime"] != want["max_eventTime"]) {
				t.Errorf("from %v to %v", got["firstEventTime"], got["lastEventTime"])
			}
		})
	}
}

// TestTheRatesOfTheSamplesAreThoseThatOtherCodeComputed adds the tallies up over
// the files. The other code left out an event's copies in other files as well,
// so there may be more, but never more than with all copies. It knows nothing
// of the account in a file's name, which stands in where a record has none.
func TestTheRatesOfTheSamplesAreThoseThatOtherCodeComputed(t *testing.T) {
	dir, out := parsed(t, "rates", "AWSLogs")
	got := map[string]int{}
	for line := range bytes.Lines(out) {
		var tally insights.Tally
		if err := json.Unmarshal(line, &tally); err != nil {
			t.Fatal(err)
		}
		got[strings.Join([]string{tally.Region, tally.EventSource, tally.EventName, tally.Minute.Format("2006-01-02T15:04")}, " ")] += tally.Count
	}
	total, once := ratesOf(t, dir)
	calls := 0
	for k, n := range got {
		if calls += n; n < once[k] || n > total[k] {
			t.Errorf("%s: %d, want %d to %d", k, n, once[k], total[k])
		}
	}
	if calls < 1600 {
		t.Errorf("only %d calls", calls)
	}
}

// ratesOf reads the other code's counts, with all copies of an event and with one.
func ratesOf(t *testing.T, dir string) (total, once map[string]int) {
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
	total, once = map[string]int{}, map[string]int{}
	lines := bufio.NewScanner(zr)
	lines.Scan() // names of columns
	for lines.Scan() {
		c := strings.Split(lines.Text(), "\t")
		if c[2] == "NetworkActivity" {
			continue // has no rates
		}
		var all, dedup int
		if _, err := fmt.Sscan(c[7]+" "+c[8], &all, &dedup); err != nil {
			t.Fatal(err)
		}
		k := strings.Join([]string{c[1], c[4], c[5], c[6]}, " ")
		total[k] += all
		once[k] += dedup
	}
	return total, once
}
