package events

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// readSample counts the records of a file by Category, and checks their fields
// against encoding/json.
func readSample(t *testing.T, path string, categories map[string]int) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for rec, err := range OpenGzip(f, Limits{}).All() {
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		checkTexts(t, rec)
		if _, err := rec.Time(); err != nil {
			t.Errorf("%s: %v", path, err)
		}
		if e := rec.Decode(); e.EventVersion == "" || e.EventType == "" {
			t.Errorf("%s: decoded %+v", path, e)
		}
		categories[rec.Category().String()]++
	}
}

func TestSamplesAreReadInFull(t *testing.T) {
	paths, err := filepath.Glob("testdata/*.json.gz")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no samples: %v", err)
	}
	got := map[string]int{}
	for _, path := range paths {
		readSample(t, path, got)
	}
	want := map[string]int{"Management": 2, "Insight": 1, "NetworkActivity": 2}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestAllSamplesMatchTheTruth reads the folder that TRAILHAND_SAMPLES names:
// log files under AWSLogs, and truth.json with totals by other code.
func TestAllSamplesMatchTheTruth(t *testing.T) {
	root := os.Getenv("TRAILHAND_SAMPLES")
	if root == "" {
		t.Skip("TRAILHAND_SAMPLES names no folder of samples")
	}
	var truth struct{ AWSLogs struct{ Files, Records int } }
	b, err := os.ReadFile(filepath.Join(root, "truth.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &truth); err != nil {
		t.Fatal(err)
	}
	files, categories := 0, map[string]int{}
	err = filepath.WalkDir(filepath.Join(root, "AWSLogs"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".json.gz") {
			return err
		}
		files++
		name, _ := filepath.Rel(root, path)
		if k, err := ParseKey(filepath.ToSlash(name)); err != nil || k.String() != filepath.ToSlash(name) {
			t.Errorf("key %s becomes %s: %v", name, k, err)
		}
		readSample(t, path, categories)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	records := 0
	for _, n := range categories {
		records += n
	}
	if files != truth.AWSLogs.Files || records != truth.AWSLogs.Records {
		t.Errorf("%d files and %d records, want %+v", files, records, truth.AWSLogs)
	}
	t.Log(categories)
}
