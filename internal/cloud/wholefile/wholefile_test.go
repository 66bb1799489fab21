package wholefile

import (
	"os"
	"path/filepath"
	"testing"
)

func TestAFileIsReplaced(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.json")
	for _, text := range []string{"a first, long one", "short", ""} {
		if err := Write(path, []byte(text)); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != text {
			t.Errorf("got %q, %v; want %q", got, err, text)
		}
	}
	leaves(t, filepath.Dir(path), "state.json")
}

func TestAFailedWriteLeavesNothingBehind(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "state.json")
	if err := os.MkdirAll(filepath.Join(path, "in the way"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := Write(path, []byte("new")); err == nil {
		t.Error("a folder was replaced by a file")
	}
	leaves(t, dir, "state.json")
	if err := Write(filepath.Join(dir, "missing", "state.json"), nil); err == nil {
		t.Error("a file was written into a folder that is not there")
	}
}

// leaves holds that there is one entry in a folder, and no more.
func leaves(t *testing.T, dir, name string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 || entries[0].Name() != name {
		t.Errorf("the folder has %v, %v", entries, err)
	}
}
