//go:build unix

package cloud

import (
	"strings"
	"testing"
)

func TestAFolderIsOneProcesssAtATime(t *testing.T) {
	dir := t.TempDir()
	release, err := Lock(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Lock(dir); err == nil || !strings.Contains(err.Error(), "another process has") {
		t.Errorf("a second lock: %v", err)
	}
	if err := release(); err != nil {
		t.Fatal(err)
	}
	if _, err := Lock(dir); err != nil {
		t.Errorf("after release: %v", err)
	}
}
