package flows

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// TestWhatTheDetectorLearnsIsWhatTheCommandMakes holds what Backfill compares
// the detector's states with to the command itself.
func TestWhatTheDetectorLearnsIsWhatTheCommandMakes(t *testing.T) {
	if testing.Short() {
		t.Skip("skipped: building the command takes a while")
	}
	until := time.Date(2026, 3, 11, 17, 30, 0, 0, time.UTC)
	files, err := NewPast(until)
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	for key, file := range files {
		path := filepath.Join(folder, "logs", filepath.FromSlash(key))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, file, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	states := filepath.Join(folder, "states")
	cmd := exec.CommandContext(t.Context(), "go", "run", "github.com/trailhand/trailhand/cmd/trailhand", "baseline", filepath.Join(folder, "logs"),
		"--until", until.Format(time.RFC3339), "--days", "3", "--out", states)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	want, err := files.Learned(t.Context(), until, 3)
	if err != nil || len(want) != 2 {
		t.Fatalf("%d states, %v", len(want), err)
	}
	for region, state := range want {
		got, err := os.ReadFile(filepath.Join(states, pastAccount, region+".state"))
		if err != nil || !bytes.Equal(got, state) {
			t.Errorf("%s: the command wrote %d bytes, not these %d: %v", region, len(got), len(state), err)
		}
	}
}
