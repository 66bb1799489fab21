package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/spf13/cobra"
)

// withExamples makes the folder examples stand where the help's examples expect it.
func withExamples(env *testscript.Env) error {
	examples, err := filepath.Abs("../../examples")
	if err != nil {
		return err
	}
	return os.Symlink(examples, filepath.Join(env.WorkDir, "examples"))
}

func TestLogScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata/logs", Setup: withExamples})
}

// TestTheExamplesOfTheHelpRun runs each example that needs no AWS account, in
// the root of the repository.
func TestTheExamplesOfTheHelpRun(t *testing.T) {
	t.Chdir("../..")
	root := newRoot(process{})
	for _, name := range []string{"parse", "verify", "selectors test"} {
		cmd, _, err := root.Find(strings.Fields(name))
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(cmd.Example) {
			if strings.Contains(line, "s3://") {
				continue
			}
			t.Run(strings.TrimSpace(line), func(t *testing.T) { runsWell(t, cmd, line) })
		}
	}
}

func runsWell(t *testing.T, cmd *cobra.Command, line string) {
	args := strings.Fields(strings.ReplaceAll(line, "'", ""))
	if args[0] != "trailhand" || !strings.Contains(line, cmd.CommandPath()) {
		t.Fatalf("not an example of %s", cmd.CommandPath())
	}
	var out, errs bytes.Buffer
	if code := run(t.Context(), args[1:], nil, strings.NewReader(""), &out, &errs); code != exitOK || out.Len() == 0 {
		t.Errorf("exit code %d, %d bytes printed; %s", code, out.Len(), errs.String())
	}
}
