package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// commands are those that do something.
func commands(of *cobra.Command) (all []*cobra.Command) {
	for _, cmd := range of.Commands() {
		if !cmd.HasSubCommands() {
			all = append(all, cmd)
		}
		all = append(all, commands(cmd)...)
	}
	return all
}

func TestTheHelpOfEveryCommandIsWhole(t *testing.T) {
	for _, cmd := range commands(newRoot(process{})) {
		if cmd.Name() == "version" {
			continue // it takes nothing, and cannot fail
		}
		if !strings.Contains(strings.Join(strings.Fields(cmd.Long), " "), "The exit code is 0") {
			t.Errorf("%s: the help does not say what the exit codes mean", cmd.CommandPath())
		}
		if !strings.Contains(cmd.Example, cmd.CommandPath()+" ") && !strings.HasSuffix(cmd.Example, cmd.CommandPath()) {
			t.Errorf("%s: the help has no example", cmd.CommandPath())
		}
		for line := range strings.Lines(cmd.Long) {
			if n := len([]rune(strings.TrimSuffix(line, "\n"))); n > 96 {
				t.Errorf("%s: a line of the help has %d characters: %s", cmd.CommandPath(), n, line)
			}
		}
	}
}

// The examples of a command are run one after the other, in a folder with
// examples/. Those that need an account or that serve must exist with their flags, as
// must the demo, which TestScripts runs.
func TestTheExamplesOfTheHelpWork(t *testing.T) {
	if testing.Short() {
		t.Skip("simulating takes seconds")
	}
	examples, err := filepath.Abs("../../examples")
	if err != nil {
		t.Fatal(err)
	}
	for _, cmd := range commands(newRoot(process{})) {
		t.Run(cmd.CommandPath(), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if err := os.Symlink(examples, filepath.Join(dir, "examples")); err != nil {
				t.Fatal(err)
			}
			for line := range strings.Lines(cmd.Example) {
				runExample(t, dir, strings.TrimSpace(line))
			}
		})
	}
}

func runExample(t *testing.T, dir, line string) {
	t.Helper()
	offline := true
	for _, part := range strings.FieldsFunc(line, func(r rune) bool { return r == '|' || r == '&' || r == '>' }) {
		args, isOurs := strings.CutPrefix(strings.TrimSpace(part), "trailhand ")
		switch fields := strings.Fields(args); {
		case isOurs && (needsAnAccount(fields) || fields[0] == "replay" || fields[0] == "demo"):
			exists(t, fields)
			offline = false
		case strings.HasPrefix(part, "terraform"):
			offline = false
		}
	}
	if !offline {
		return
	}
	cmd := exec.CommandContext(t.Context(), "sh", "-c", line)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if printed := len(out) > 0 || strings.Contains(line, ">"); err != nil || !printed {
		t.Errorf("%s: %v, %d bytes printed\n%s", line, err, len(out), out)
	}
}
