package trailhand

import (
	"encoding/json"
	"os/exec"
	"testing"
)

// TestTheCommandCanBeInstalledByItsPath: go install …/cmd/trailhand@version
// refuses a module that replaces or excludes others.
func TestTheCommandCanBeInstalledByItsPath(t *testing.T) {
	out, err := exec.Command("go", "mod", "edit", "-json").Output()
	if err != nil {
		t.Fatal(err)
	}
	var mod struct {
		Module           struct{ Path string }
		Replace, Exclude []json.RawMessage
	}
	if err := json.Unmarshal(out, &mod); err != nil {
		t.Fatal(err)
	}
	if len(mod.Replace)+len(mod.Exclude) > 0 || mod.Module.Path+"/" != module {
		t.Errorf("go.mod of %s replaces %s and excludes %s", mod.Module.Path, mod.Replace, mod.Exclude)
	}
}
