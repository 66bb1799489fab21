package logs

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/trailhand/trailhand/pkg/events"
)

func TestABombIsStoppedUnderWhateverNameAndCompression(t *testing.T) {
	empty := strings.Repeat("\n", 8<<20) // lines of nothing are no output that could be counted
	spaces := `{"Records":[` + strings.Repeat(" ", 8<<20) + `]}`
	some := `{"eventName":"A"}` + strings.Repeat("\n", 5000)
	small := events.Limits{Inflated: 1000}
	tests := map[string]struct {
		file File
		lim  events.Limits
		says string
	}{
		"lines under gzip":               {file: file("f.ndjson.gz", zipped(t, empty)), says: "more than 250 times its size (limit Ratio)"},
		"lines under zstd":               {file: file("f.jsonl.zst", zstandard(t, empty)), says: "more than 250 times its size (limit Ratio)"},
		"a log file under zstd":          {file: file("f.json.zst", zstandard(t, spaces)), says: "more than 250 times its size (limit Ratio)"},
		"a log file under gzip":          {file: file("f.json.gz", zipped(t, spaces)), says: "more than 250 times its size (limit Ratio)"},
		"many lines under gzip":          {file: file("f.ndjson.gz", zipped(t, some)), lim: small, says: "more than 1000 bytes inflated (limit Inflated)"},
		"many lines under zstd":          {file: file("f.ndjson.zst", zstandard(t, some)), lim: small, says: "more than 1000 bytes inflated (limit Inflated)"},
		"no limit is a negative one":     {file: file("f.ndjson.gz", zipped(t, some+empty)), lim: events.Limits{Inflated: -1, Ratio: -1}},
		"a small file may be all spaces": {file: file("f.ndjson.gz", zipped(t, some[:5000]))},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			format := Records()
			r := Reading{Format: &format, Jobs: 1, Limits: test.lim}
			var out bytes.Buffer
			sum, err := r.Run(t.Context(), slices.Values([]File{test.file}), &out)
			if err != nil {
				t.Fatal(err)
			}
			if test.says == "" {
				if len(sum.Failed) != 0 || sum.Records != 1 {
					t.Errorf("%+v", sum.Failed)
				}
				return
			}
			if len(sum.Failed) != 1 || !strings.Contains(sum.Failed[0].Error, "over limit") || !strings.Contains(sum.Failed[0].Error, test.says) || out.Len() != 0 {
				t.Errorf("failed %+v, %d bytes printed; want %q", sum.Failed, out.Len(), test.says)
			}
		})
	}
}
