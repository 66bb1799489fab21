package desired

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/trailhand/trailhand/pkg/trail"
)

func TestWhatFormatWritesParseReadsAsTheSame(t *testing.T) {
	example, err := os.ReadFile("../../examples/desired.yaml")
	if err != nil {
		t.Fatal(err)
	}
	odd := `
mode: report
trails:
  - TrailName: odd
    S3BucketName: "0123"
    S3KeyPrefix: ""
    IsLogging: true
    EventSelectors: []
    InsightSelectors: []
    AggregationConfigurations: []
    Tags: {"true": "null", "a: b": "#c", e: ""}
    Profiles: [fsbp]
    IsMultiRegionTrail: true
    FieldModes: {Exists: ignore}
`
	for name, file := range map[string]string{"the example": string(example), "every setting": full, "odd texts and empty lists": odd} {
		t.Run(name, func(t *testing.T) {
			want, err := Parse("f", []byte(file))
			if err != nil {
				t.Fatal(err)
			}
			want = trail.Spec{Source: "f", Mode: want.Mode, Trails: want.Trails}
			written, err := Format(want)
			if err != nil {
				t.Fatal(err)
			}
			got, err := Parse("f", written)
			if d := cmp.Diff(want, got); d != "" || err != nil {
				t.Errorf("%v (-want +got):\n%s\nin %s", err, d, written)
			}
		})
	}
}
