package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
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
