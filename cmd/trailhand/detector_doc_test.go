package main

import (
	"io"
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestTheCommandsOfTheDetectorsPageExist holds that every command and flag that
// docs/detector.md shows is one.
func TestTheCommandsOfTheDetectorsPageExist(t *testing.T) {
	page, err := os.ReadFile("../../docs/detector.md")
	if err != nil {
		t.Fatal(err)
	}
	lines := regexp.MustCompile(`(?m)^    trailhand ([^#\n>]+)`).FindAllStringSubmatch(string(page), -1)
	if len(lines) < 10 {
		t.Fatalf("%d commands on the page", len(lines))
	}
	for _, m := range lines {
		args := strings.Fields(m[1])
		cmd, rest, err := newRoot(process{stdout: io.Discard, stderr: io.Discard}).Find(args)
		if err != nil || !cmd.HasParent() {
			t.Errorf("trailhand %s: %v", m[1], err)
			continue
		}
		if err := cmd.ParseFlags(rest); err != nil {
			t.Errorf("trailhand %s: %v", m[1], err)
		}
		for _, arg := range rest {
			if strings.HasPrefix(arg, "examples/") {
				if _, err := os.Stat("../../" + arg); err != nil {
					t.Errorf("trailhand %s: %v", m[1], err)
				}
			}
		}
	}
}
