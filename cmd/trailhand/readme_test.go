package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The README's commands: those that need an account, or that serve, must exist
// with their flags; all others must work, one after the other, from the top of a
// checkout. They write files, so they are given a copy of the examples.
func TestTheCommandsOfTheReadmeWork(t *testing.T) {
	top := filepath.Join("..", "..")
	text, err := os.ReadFile(filepath.Join(top, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.CopyFS(filepath.Join(dir, "examples"), os.DirFS(filepath.Join(top, "examples"))); err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	commands := regexp.MustCompile(`(?m)^    trailhand (.*)$`).FindAllStringSubmatch(string(text), -1)
	if len(commands) < 8 {
		t.Fatalf("only %d commands found in the README", len(commands))
	}
	for _, m := range commands {
		args := strings.Fields(m[1])
		if needsAnAccount(args) {
			t.Run(m[1]+" exists", func(t *testing.T) { exists(t, args) })
			continue
		}
		t.Run(m[1], func(t *testing.T) {
			if testing.Short() && (args[0] == "simulate" || args[0] == "detect") {
				t.Skip("skipped: simulating, and detecting in what was simulated, takes a while")
			}
			var stdout, stderr strings.Builder
			if code := run(t.Context(), args, nil, strings.NewReader(""), &stdout, &stderr); code != exitOK || stdout.Len() == 0 {
				t.Errorf("exit code %d, %d bytes printed, stderr %q", code, stdout.Len(), stderr.String())
			}
		})
	}
}

func needsAnAccount(args []string) bool {
	switch args[0] {
	case "local", "plan", "apply", "export":
		return true
	}
	return strings.Contains(strings.Join(args, " "), "s3://")
}

// exists holds that there is such a command with such flags.
func exists(t *testing.T, args []string) {
	t.Helper()
	cmd, rest, err := newRoot(process{}).Find(args)
	if err != nil || !cmd.HasParent() {
		t.Fatalf("there is no such command: %v", err)
	}
	for _, arg := range rest {
		if name, isFlag := strings.CutPrefix(arg, "--"); isFlag && cmd.Flags().Lookup(strings.SplitN(name, "=", 2)[0]) == nil {
			t.Errorf("%s has no flag %s", cmd.Name(), arg)
		}
	}
}
