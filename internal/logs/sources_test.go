package logs

import (
	"iter"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

func TestFoldersOutsideTheTimeAreNotEntered(t *testing.T) {
	day := func(s string) time.Time {
		at, err := time.Parse(time.DateOnly, s)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	span := Span{Since: day("2026-03-02"), Until: day("2026-03-04")}
	for folder, pruned := range map[string]bool{
		"AWSLogs/1/CloudTrail/r/2025/": true, "AWSLogs/1/CloudTrail/r/2026/": false, "AWSLogs/1/CloudTrail/r/2026/02/": true,
		"AWSLogs/1/CloudTrail/r/2026/03/": false, "AWSLogs/1/CloudTrail/r/2026/03/01": true, "AWSLogs/1/CloudTrail/r/2026/03/02/": false,
		"AWSLogs/1/CloudTrail/r/2026/03/03/": false, "AWSLogs/1/CloudTrail/r/2026/03/04/": true, "AWSLogs/1/CloudTrail/": false,
		"AWSLogs/1/CloudTrail-Digest/r/2026/03/01/": true, "other/2025/": false, "AWSLogs/1/CloudTrail/r/nonsense/": false,
	} {
		if got := span.prunesFolder(folder); got != pruned {
			t.Errorf("%s: %v", folder, got)
		}
	}
}

func names(seq iter.Seq[File]) (all []string) {
	for f := range seq {
		if f.Err == nil && f.Skip == "" {
			all = append(all, filepath.ToSlash(f.Name))
		}
	}
	return all
}

func TestFilesComeOnceInTheOrderOfTheArguments(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, name := range []string{"b/2.json", "b/1.json", "a/x.jsonl.gz", "a/digest.txt", "[odd].json", "c/k/1.json", "c/k-l/1.json", "c/k.json"} {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte("{}"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("b", "link"); err != nil {
		t.Skip(err)
	}
	tests := []struct {
		name  string
		paths []string
		want  []string
	}{
		{"a folder, in the order of names", []string{"b"}, []string{"b/1.json", "b/2.json"}},
		{"a folder, in the order of S3's keys", []string{"./c/"}, []string{"c/k-l/1.json", "c/k.json", "c/k/1.json"}},
		{"arguments in their order", []string{"b/2.json", "a"}, []string{"b/2.json", "a/x.jsonl.gz"}},
		{"a file and then its folder", []string{"b/2.json", "b"}, []string{"b/2.json", "b/1.json"}},
		{"a folder and then its file, otherwise spelled", []string{"b", "./b/../b/2.json"}, []string{"b/1.json", "b/2.json"}},
		{"a glob", []string{"b/*.json"}, []string{"b/1.json", "b/2.json"}},
		{"a name that looks like a glob", []string{"[odd].json"}, []string{"[odd].json"}},
		{"a link to a folder", []string{"link"}, []string{"link/1.json", "link/2.json"}},
		{"what is named is read whatever its name", []string{"a/digest.txt"}, []string{"a/digest.txt"}},
		{"standard input once", []string{"-", "-"}, []string{"-"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := Sources{Paths: test.paths}
			if got := names(s.Files(t.Context())); !slices.Equal(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}
