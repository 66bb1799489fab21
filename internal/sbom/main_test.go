package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
)

const built = "path\texample.com/cmd/a\nmod\texample.com\tv1.2.3\n" +
	"dep\tgithub.com/Some/Lib\tv2.0.0+incompatible\th1:abc=\ndep\texample.com/old\tv1.0.0\n=>\texample.com/new\tv1.1.0\th1:def=\nbuild\tGOARCH=arm64\n"

func TestADocumentNamesEveryModuleOfTheBinary(t *testing.T) {
	info, err := debug.ParseBuildInfo(built)
	if err != nil {
		t.Fatal(err)
	}
	info.GoVersion = "go1.26.1"
	d := describe("a_linux_arm64", [32]byte{0xff}, info)
	if c := d.Metadata.Component; c.Version != "v1.2.3" || c.Hashes[0].Content != "ff"+strings.Repeat("00", 31) || c.Properties[0] != (property{"go:build:GOARCH", "arm64"}) {
		t.Errorf("binary: %+v", c)
	}
	want := []string{"pkg:golang/std@1.26.1", "pkg:golang/github.com/some/lib@v2.0.0%2Bincompatible", "pkg:golang/example.com/new@v1.1.0"}
	if len(d.Components) != len(want) || len(d.Dependencies[0].DependsOn) != len(want) {
		t.Fatalf("components %+v, dependencies %+v", d.Components, d.Dependencies)
	}
	for i, c := range d.Components {
		if c.PURL != want[i] || c.Ref != want[i] || d.Dependencies[0].DependsOn[i] != want[i] {
			t.Errorf("%+v, want %s", c, want[i])
		}
	}
	if d.SerialNumber != "urn:uuid:ff000000-0000-8000-8000-000000000000" {
		t.Errorf("serial number %s", d.SerialNumber)
	}
}

func TestTheDocumentOfABinaryIsBesideIt(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "self")
	if err := os.Symlink(self, path); err != nil {
		t.Skip("skipped: ", err)
	}
	if err := write(path); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path + ".cdx.json")
	if err != nil {
		t.Fatal(err)
	}
	var d document
	if err := json.Unmarshal(text, &d); err != nil || d.Components[0].Version != strings.TrimPrefix(runtime.Version(), "go") {
		t.Errorf("%v: %s", err, text)
	}
	if err := write(filepath.Join(t.TempDir(), "none")); err == nil {
		t.Error("a file that is not there has a document")
	}
}
