package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/trailhand/trailhand/internal/logs"
	"github.com/trailhand/trailhand/internal/replay"
	"github.com/trailhand/trailhand/internal/sim"
	"github.com/trailhand/trailhand/pkg/insights"
)

// shorter are flags that make a scenario quick enough for a test.
func shorter() map[string][]string {
	return map[string][]string{
		"calm-month.yaml": {"--days", "12", "--learn", "9"},
		"mixed.yaml":      {"--days", "12", "--learn", "9"},
	}
}

func TestEveryShippedScenarioRunsAndFindsWhatItIsAbout(t *testing.T) {
	files, err := filepath.Glob("../../examples/scenarios/*.yaml")
	if err != nil || len(files) < 5 {
		t.Fatalf("%d scenarios: %v", len(files), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			var stdout, stderr bytes.Buffer
			page := filepath.Join(t.TempDir(), "score.html")
			args := append([]string{"simulate", file, "--report", page}, shorter()[filepath.Base(file)]...)
			if code := run(context.Background(), args, nil, nil, &stdout, &stderr); code != exitOK {
				t.Fatalf("exit code %d: %s", code, stderr.String())
			}
			if strings.Contains(stdout.String(), "found (recall)           0.000") {
				t.Errorf("nothing was found:\n%s", stdout.String())
			}
			if !strings.Contains(stdout.String(), "days of which the last") {
				t.Errorf("no score:\n%s", stdout.String())
			}
			if html, err := os.ReadFile(page); err != nil || !bytes.Contains(html, []byte("</html>")) {
				t.Errorf("the report: %v", err)
			}
		})
	}
}

const twoWeeks = `
days: 10
learn: 8
traffic:
  - {api: "s3.amazonaws.com:DeleteBucket", archetype: constant, rate: 2}
  - {api: "iam.amazonaws.com:GetRole:AccessDenied", readOnly: true, archetype: retries, every: 6h}
  - {api: "s3.amazonaws.com:DeleteObject", data: true, archetype: cron, every: 30m, burst: 5}
detector: {dataEvents: true}
anomalies:
  - {api: "s3.amazonaws.com:DeleteBucket", kind: spike, at: 8d10h, for: 12m, rate: 30}
  - {api: "s3.amazonaws.com:DeleteObject", kind: principal, at: 8d15h, for: 10m, rate: 60, principal: "arn:aws:sts::111122223333:assumed-role/A/\"b"}
  - {api: "iam.amazonaws.com:GetRole:AccessDenied", kind: errors, at: 9d01h, for: 5m, rate: 70}
`

func TestTheLogFilesOfAScenarioAreToldAsItsTraffic(t *testing.T) {
	s, err := sim.ParseScenario("two weeks", []byte(twoWeeks))
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	want, err := runScenario(ctx, s, s.Config)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	var stderr bytes.Buffer
	p := process{stderr: &stderr}
	if err := writeTraffic(p, filepath.Join(dir, "logs"), s); err != nil {
		t.Fatal(err)
	}
	reading := talliesFlags{jobs: 4}
	log, badly := reading.readLogs(ctx, p, &logs.Sources{Paths: []string{filepath.Join(dir, "logs", "AWSLogs")}})
	if badly != (unread{}) {
		t.Fatal(badly)
	}
	got, err := replay.Run{Config: s.Config}.Transitions(ctx, log)
	if err != nil {
		t.Fatal(err)
	}
	starts := 0
	for _, tr := range want.told {
		if tr.Phase == insights.Start {
			starts++
		}
	}
	if starts < 3 {
		t.Errorf("%d Starts of three anomalies", starts)
	}
	if diff := cmp.Diff(want.told, got); diff != "" {
		t.Errorf("the log files are told otherwise than the traffic:\n%s", diff)
	}
}

func TestTuningMeasuresTheOwnSettingOfEachKnobOnce(t *testing.T) {
	cfg := insights.DefaultConfig()
	cfg.K = 33
	own := map[string]int{}
	for _, s := range settings(cfg) {
		if s.base {
			own[s.knob]++
			if diff := cmp.Diff(cfg, s.cfg); diff != "" {
				t.Errorf("%s as it is differs:\n%s", s.knob, diff)
			}
		} else if cmp.Equal(cfg, s.cfg) {
			t.Errorf("%s %s changes nothing", s.knob, s.value)
		}
		if err := s.cfg.Validate(); err != nil {
			t.Errorf("%s %s: %v", s.knob, s.value, err)
		}
	}
	if diff := cmp.Diff(map[string]int{"minCount": 1, "k": 1, "thetaFloor": 1}, own); diff != "" {
		t.Error(diff)
	}
}
