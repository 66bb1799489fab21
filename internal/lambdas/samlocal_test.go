package lambdas_test

import (
	"encoding/json"
	"log/slog"
	"maps"
	"os"
	"strings"
	"testing"
	"time"

	trailhand "github.com/trailhand/trailhand"
	"github.com/trailhand/trailhand/internal/cloud/template"
	"github.com/trailhand/trailhand/internal/lambdas"
	"github.com/trailhand/trailhand/internal/lambdas/detector"
	"github.com/trailhand/trailhand/internal/lambdas/logparser"
	"github.com/trailhand/trailhand/internal/lambdas/reconciler"
)

const (
	endpoint = "http://host.docker.internal:4566"
	bucket   = "trailhand-data-123456789012-us-east-1"
)

// deployed gives the functions of the template with their variables.
func deployed(t *testing.T) []template.Function {
	t.Helper()
	source, err := trailhand.Template()
	if err != nil {
		t.Fatal(err)
	}
	w, err := template.Read(source, template.Place{AccountID: "123456789012", Region: "us-east-1", StackName: "trailhand", Endpoint: endpoint})
	if err != nil {
		t.Fatal(err)
	}
	return w.Functions
}

// TestTheVariablesForSAMLocalAreThoseOfTheTemplate: sam local passes on only
// variables that the template has, and cannot say what a bucket or a queue is.
func TestTheVariablesForSAMLocalAreThoseOfTheTemplate(t *testing.T) {
	text, err := os.ReadFile("../../examples/sam-local.json")
	if err != nil {
		t.Fatal(err)
	}
	var local map[string]map[string]string
	if err := json.Unmarshal(text, &local); err != nil {
		t.Fatal(err)
	}
	handlers := map[string]lambdas.New{"Reconciler": reconciler.New, "Logparser": logparser.New, "Detector": detector.New}
	for _, f := range deployed(t) {
		env := maps.Clone(f.Environment)
		for name, value := range f.Environment {
			if given, there := local[f.LogicalID][name]; (strings.HasPrefix(value, endpoint) || value == bucket) && given != value {
				t.Errorf("%s: %s is %q (%v), want %q", f.LogicalID, name, given, there, value)
			}
		}
		for name, value := range local[f.LogicalID] {
			if _, there := f.Environment[name]; !there {
				t.Errorf("%s: %s is not in the template: sam would leave it out", f.LogicalID, name)
			}
			env[name] = value
		}
		if env["AWS_ENDPOINT_URL"] != endpoint {
			t.Errorf("%s would call AWS", f.LogicalID)
		}
		if f.LogicalID == "Reconciler" {
			env["DESIRED"] = "../../examples/desired.yaml" // which the build puts beside the binary
		}
		env["AWS_REGION"] = "us-east-1"
		if _, err := handlers[f.LogicalID](t.Context(), env, time.Now, slog.Default()); err != nil {
			t.Errorf("%s: %v", f.LogicalID, err)
		}
	}
	if len(local) != len(handlers) {
		t.Errorf("%d functions have variables, want %d", len(local), len(handlers))
	}
}
