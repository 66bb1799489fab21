package reconciler

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTheLineAboutATrailIsAMetricToo(t *testing.T) {
	spec := managedSpec(t)
	w := newWorld(t, &spec)
	w.sweep()
	w.log.Reset()
	w.undo("mallory", stop)
	lines := strings.SplitN(w.log.String(), "\n", 2)
	var line map[string]any
	if err := json.Unmarshal([]byte(lines[0]), &line); err != nil {
		t.Fatalf("not one line of JSON: %v in %s", err, w.log)
	}
	directive := line["_aws"].(map[string]any)["CloudWatchMetrics"].([]any)[0].(map[string]any)
	for _, metric := range directive["Metrics"].([]any) {
		if name := metric.(map[string]any)["Name"].(string); line[name] == nil {
			t.Errorf("the metric %s has no value", name)
		}
	}
	got := map[string]any{}
	for _, name := range []string{"level", "msg", "trail", "region", "desired", "DriftRepaired", "Calls", "Function"} {
		got[name] = line[name]
	}
	want := map[string]any{"level": "INFO", "msg": "trail was put right", "trail": "audit", "region": home, "desired": "managed.yaml",
		"DriftRepaired": 1.0, "Calls": 1.0, "Function": "reconciler"}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
	cause, _ := line["cause"].(map[string]any)
	if cause["eventName"] != "StopLogging" || cause["userIdentityArn"] != "arn:aws:iam::123456789012:user/mallory" || cause["sourceIPAddress"] != "203.0.113.7" {
		t.Errorf("the cause is %v", cause)
	}
}
