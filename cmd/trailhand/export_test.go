package main

import (
	"strings"
	"testing"
)

// exportsAsDesired holds that what export makes of the output of `terraform show
// -json` is what is there, as plan sees it.
func exportsAsDesired(t *testing.T, l *local, state string) {
	t.Helper()
	var desired, errs strings.Builder
	if code := run(t.Context(), []string{"export", "--terraform-state", "-"}, nil, strings.NewReader(state), &desired, &errs); code != exitOK {
		t.Fatalf("export: exit code %d: %s", code, errs.String())
	}
	got := l.tool(t, "trailhand", "plan", "--desired", write(t, "desired.yaml", desired.String()))
	if want := "2 trails: 2 as desired; 0 settings to repair by 0 calls, 0 only reported."; got != want {
		t.Errorf("plan: %s\nof %s", got, desired.String())
	}
}
