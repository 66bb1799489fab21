package template

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestTheDetectorWaitsForItsWarmStartIfItIsAskedTo(t *testing.T) {
	for asked, takes := range map[string]bool{"true": false, "false": true} {
		w, err := Read(deployedSource(t), place(map[string]string{"AwaitWarmStart": asked}))
		if err != nil {
			t.Fatal(err)
		}
		mapped := slices.ContainsFunc(w.Mappings, func(m Mapping) bool { return m.LogicalID == "DetectorTallies" })
		clock := slices.ContainsFunc(w.Schedules, func(s Schedule) bool { return s.LogicalID == "DetectorClock" && s.Enabled })
		if mapped != takes || clock != takes {
			t.Errorf("AwaitWarmStart=%s: the detector takes tallies: %v, and the clock: %v", asked, mapped, clock)
		}
	}
}

// TestADefinitionNamesWhatItCalls: what CloudFormation would leave as ${Name}
// would only fail when it is run.
func TestADefinitionNamesWhatItCalls(t *testing.T) {
	w, err := Read(deployedSource(t), place(nil))
	if err != nil || len(w.Machines) != 1 {
		t.Fatalf("%+v, %v", w, err)
	}
	m := w.Machines[0]
	if !json.Valid([]byte(m.Definition)) || strings.Contains(m.Definition, "${") {
		t.Errorf("definition: %s", m.Definition)
	}
	for _, f := range []string{"trailhand-Logparser", "trailhand-Detector"} {
		if !strings.Contains(m.Definition, `:function:`+f+`"`) {
			t.Errorf("it does not call %s", f)
		}
	}
}

// TestADefinitionPassesCfnLint: in a SAM template cfn-lint does not look into it.
func TestADefinitionPassesCfnLint(t *testing.T) {
	lint, err := exec.LookPath("cfn-lint")
	if err != nil {
		t.Skip("skipped: cfn-lint is not installed")
	}
	w, err := Read(deployedSource(t), place(nil))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "machine.json")
	source := fmt.Sprintf(`{"Resources":{"M":{"Type":"AWS::StepFunctions::StateMachine","Properties":{"RoleArn":"arn:aws:iam::123456789012:role/r","Definition":%s}}}}`, w.Machines[0].Definition)
	if err := os.WriteFile(path, []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(lint, path).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// TestNoBatchFailsUnheard: of an execution that succeeds nobody repeats what failed.
func TestNoBatchFailsUnheard(t *testing.T) {
	w, err := Read(deployedSource(t), place(nil))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(w.Machines[0].Definition, `"Tolerated`) {
		t.Error("an execution succeeds though batches have failed")
	}
	const alarm = "      Namespace: AWS/States\n      MetricName: ExecutionsFailed\n      Dimensions: [{ Name: StateMachineArn, Value: !Ref BackfillStateMachine }]\n"
	if !strings.Contains(string(deployedSource(t)), alarm) {
		t.Error("no alarm rings for an execution that failed")
	}
}
