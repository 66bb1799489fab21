package logs

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/trailhand/trailhand/pkg/events"
)

// FuzzLines asserts that of any text each line counts by itself: as the record
// that it is, or as a bad one, under whatever compression.
func FuzzLines(f *testing.F) {
	for _, seed := range []string{`{"eventName":"A"}` + "\n" + `{"eventName":"B"}`, "\r\n\xef\xbb\xbf{}\n]}\n{\"a\":[1,2]},{}\n", `{"CloudTrailEvent":"{\"a\":1}"}` + "\nnull\n\n7",
		"{\"eventSource\":\"aws:s3\"}\n{", "\"\n\"", "{\"a\":\"\\u0000\"}\n\x00{}\n{}\x00"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if bytes.HasPrefix(text, []byte(gzipMagic)) || bytes.HasPrefix(text, []byte(zstdMagic)) {
			t.Skip("the content decides")
		}
		want, bad := byLine(t, text)
		for name, stored := range map[string][]byte{"f.jsonl": text, "f.ndjson.gz": zipped(t, string(text)), "f.jsonl.zst": zstandard(t, string(text))} {
			got, failed, gotBad := printed(t, Records(), 1, file(name, stored))
			if len(failed) > 0 || got != want || gotBad != bad {
				t.Fatalf("%s of %q: %q with %d bad records, failed %q; want %q with %d", name, text, got, gotBad, failed, want, bad)
			}
		}
	})
}

// byLine reads each line alone, as a log file of one record.
func byLine(t *testing.T, text []byte) (records string, bad int) {
	for _, line := range bytes.Split(text, []byte("\n")) {
		line = bytes.TrimSpace(bytes.TrimPrefix(line, []byte(utf8BOM)))
		if len(line) == 0 {
			continue
		}
		record := []byte("null")
		if _, err := events.Parse(line); err == nil {
			record = unwrapped(line)
		}
		got, failed, gotBad := printed(t, Records(), 1, file("f.json", fmt.Appendf(nil, `{"Records":[%s]}`, record)))
		if len(failed) > 0 {
			t.Fatalf("%q: %q", line, failed)
		}
		records, bad = records+got, bad+gotBad
	}
	return records, bad
}

// FuzzOpen asserts that no content under any name makes the command panic, hang
// or print records of a file that it calls failed.
func FuzzOpen(f *testing.F) {
	zw, err := zstd.NewWriter(nil)
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{`{"Records":[{}]}`, "{}\n{}", "\x1f\x8b", "(\xb5/\xfd", ""} {
		f.Add([]byte(seed))
		f.Add(zw.EncodeAll([]byte(seed), nil))
	}
	f.Fuzz(func(t *testing.T, stored []byte) {
		for _, name := range []string{"-", "f.json", "f.json.gz", "f.jsonl", "f.ndjson.gz", "f.json.zst"} {
			format := Records()
			r := Reading{Format: &format, Jobs: 1, Limits: events.Limits{Inflated: 1 << 20}}
			var out bytes.Buffer
			sum, err := r.Run(t.Context(), slices.Values([]File{file(name, stored)}), &out)
			if err != nil || len(sum.Failed)+sum.Files != 1 || bytes.Count(out.Bytes(), []byte("\n")) != sum.Records {
				t.Fatalf("%s of %q: %v, %+v, printed %q", name, stored, err, sum, out.Bytes())
			}
		}
	})
}
