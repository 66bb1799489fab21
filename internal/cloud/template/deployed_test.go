package template

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite golden files")

const deployed = "../../../template.yaml"

func deployedSource(t *testing.T) []byte {
	t.Helper()
	source, err := os.ReadFile(deployed)
	if err != nil {
		t.Fatal(err)
	}
	return source
}

func TestTheDeployedTemplateIsWired(t *testing.T) {
	w, err := Read(deployedSource(t), place(map[string]string{"Mode": "repair", "LogPrefix": "audit"}))
	if err != nil {
		t.Fatal(err)
	}
	got, err := json.MarshalIndent(w, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	got = append(got, '\n')
	const golden = "testdata/wiring.json"
	if *update {
		if err := os.WriteFile(golden, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("wiring (-want +got; -update rewrites it):\n%s", diff)
	}
}

func TestAnotherBucketsLogFilesAreToldByEventBridge(t *testing.T) {
	w, err := Read(deployedSource(t), place(map[string]string{"OtherLogBucket": "org-logs"}))
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range w.Rules {
		if r.LogicalID != "OtherLogFiles" {
			continue
		}
		if !strings.Contains(r.Pattern, `"bucket":{"name":["org-logs"]}`) || r.Targets[0].ARN != w.Mappings[0].QueueARN {
			t.Errorf("rule %+v, want it to lead to the logparser's queue", r)
		}
		return
	}
	t.Error("there is no such rule")
}

func TestTheDeployedTemplatePassesCfnLint(t *testing.T) {
	if err := exec.Command("cfn-lint", "--version").Run(); err != nil {
		t.Skip("cfn-lint is not installed: template.yaml is not linted")
	}
	if out, err := exec.CommandContext(t.Context(), "cfn-lint", "-i", "I", "-t", deployed, "../../../examples/regions.yaml").CombinedOutput(); err != nil {
		t.Errorf("cfn-lint: %v\n%s", err, out)
	}
}

// What SAM makes of the template must be what is wired here, by the same
// logical ids.
func TestTheSAMTranslatorMakesWhatIsWired(t *testing.T) {
	if err := exec.Command("python3", "-c", "import samtranslator").Run(); err != nil {
		t.Skip("python3 with samtranslator is not installed: template.yaml is not translated")
	}
	var problems bytes.Buffer
	cmd := exec.CommandContext(t.Context(), "python3", "testdata/translate.py", deployed)
	cmd.Stderr = &problems
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("samtranslator: %v\n%s", err, &problems)
	}
	var resources map[string]struct{ Type, Condition string }
	if err := json.Unmarshal(out, &resources); err != nil {
		t.Fatal(err)
	}
	made := map[string]string{}
	for id, r := range resources {
		if r.Condition != "" { // holds for no default
			continue
		}
		switch r.Type {
		case "AWS::Lambda::Function", "AWS::Events::Rule", "AWS::SQS::Queue", "AWS::Lambda::EventSourceMapping",
			"AWS::Scheduler::Schedule", "AWS::S3::Bucket", "AWS::S3::BucketPolicy":
			made[id] = r.Type
		}
	}
	w, err := Read(deployedSource(t), place(nil))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(made, byID(w)); diff != "" {
		t.Errorf("(-translated +wired):\n%s", diff)
	}
}

func byID(w *Wiring) map[string]string {
	out := map[string]string{}
	for _, f := range w.Functions {
		out[f.LogicalID] = "AWS::Lambda::Function"
	}
	for _, r := range w.Rules {
		out[r.LogicalID] = "AWS::Events::Rule"
	}
	for _, q := range w.Queues {
		out[q.LogicalID] = "AWS::SQS::Queue"
	}
	for _, m := range w.Mappings {
		out[m.LogicalID] = "AWS::Lambda::EventSourceMapping"
	}
	for _, s := range w.Schedules {
		out[s.LogicalID] = "AWS::Scheduler::Schedule"
	}
	for _, b := range w.Buckets {
		out[b.LogicalID] = "AWS::S3::Bucket"
	}
	for _, p := range w.Policies {
		out[p.LogicalID] = "AWS::S3::BucketPolicy"
	}
	return out
}
