package logparser

import (
	"log/slog"
	"strings"
	"testing"
	"time"
)

func TestEveryProblemOfTheEnvironmentIsReportedAtOnce(t *testing.T) {
	_, err := New(t.Context(), map[string]string{
		"AWS_REGION": "us-east-1", "OUTPUT_BUCKET": "data", "OUTPUT_FORMATS": "ndjson,csv,xml",
		"SELECTORS": `{"Nonsense":1}`, "MATCH_PATTERN": `{"detail":7}`, "VERIFY_DIGESTS": "yes", "EVENT_IDS": "all", "LIMIT_RATIO": "many",
	}, time.Now, slog.Default())
	for _, want := range []string{"csv", "xml", "SELECTORS", "MATCH_PATTERN", "VERIFY_DIGESTS", "EVENT_IDS", "LIMIT_RATIO"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not name %q", err, want)
		}
	}
}

func TestEverySinkIsOptional(t *testing.T) {
	tests := map[string]struct {
		env   map[string]string
		sinks int
		fault string
	}{
		"none":                       {env: map[string]string{}},
		"records and summaries":      {env: map[string]string{"OUTPUT_BUCKET": "b"}, sinks: 2},
		"all formats":                {env: map[string]string{"OUTPUT_BUCKET": "b", "OUTPUT_FORMATS": "ndjson, parquet, ocsf, summary"}, sinks: 4},
		"tallies only":               {env: map[string]string{"TALLY_QUEUE_URL": "http://q"}, sinks: 1},
		"matches only":               {env: map[string]string{"MATCH_PATTERN": `{"source":["aws.iam"]}`}, sinks: 1},
		"formats but no bucket":      {env: map[string]string{"OUTPUT_FORMATS": "ndjson"}, fault: "OUTPUT_BUCKET"},
		"selectors that cannot hold": {env: map[string]string{"SELECTORS": `{"EventSelectors":[{"ReadWriteType":"Never"}]}`}, fault: "SELECTORS"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			test.env["AWS_REGION"] = "us-east-1"
			h, err := New(t.Context(), test.env, time.Now, slog.Default())
			if test.fault != "" {
				if err == nil || !strings.Contains(err.Error(), test.fault) {
					t.Errorf("got %v", err)
				}
				return
			}
			if err != nil || len(h.(*warmStarter).pipeline.Sinks) != test.sinks {
				t.Errorf("%v: %+v", err, h)
			}
		})
	}
}

func TestTheLimitsOfTheEnvironmentHold(t *testing.T) {
	lim, err := limitsBy(map[string]string{"LIMIT_INFLATED": "400", "LIMIT_RATIO": "-1"})
	if err != nil || lim.Ratio != -1 || lim.Record != 0 {
		t.Fatalf("%+v, %v", lim, err)
	}
	dead := &aside{}
	h, _ := newHandler(store{key("a"): logFile(t, "1"), key("b"): logFile(t, "1", "2")}, &queue{}, dead)
	h.limits = lim
	answer, err := h.Invoke(t.Context(), sqsEvent(notice(key("a")), notice(key("b"))))
	if err != nil || failures(t, answer) != "" || len(dead.reasons) != 1 || !strings.Contains(dead.reasons[0], "more than 400 bytes inflated") {
		t.Errorf("%s, %v, set aside %q", answer, err, dead.reasons)
	}
}
