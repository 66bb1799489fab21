package trailhand

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/trailhand/trailhand/"

// mayImport lists, for each room of the pure core, the rooms it may import.
func mayImport() map[string][]string {
	return map[string][]string{
		"pkg/events":         {"pkg/events/inflate"},
		"pkg/events/inflate": {},
		"pkg/events/pattern": {},
		"pkg/selectors":      {"pkg/events"},
		"pkg/trail":          {"pkg/events", "pkg/selectors"},
		"pkg/insights":       {"pkg/events"},
		"pkg/digest":         {"pkg/events"},
		"pkg/delivery":       {"pkg/digest", "pkg/events", "pkg/events/pattern", "pkg/insights", "pkg/selectors"},
	}
}

// imports returns the packages of the module, without their tests, and what each imports.
func imports(t *testing.T) map[string][]string {
	t.Helper()
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, "./...").CombinedOutput()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, out)
	}
	all := map[string][]string{}
	for line := range strings.Lines(string(out)) {
		f := strings.Fields(line)
		all[strings.TrimPrefix(f[0], module)] = f[1:]
	}
	return all
}

func TestThePureCoreImportsOnlyWhatItMay(t *testing.T) {
	for room, list := range imports(t) {
		if !strings.HasPrefix(room, "pkg/") {
			continue
		}
		allowed, known := mayImport()[room]
		if !known {
			t.Errorf("%s: a new room of the core: say in layers_test.go what it may import", room)
		}
		for _, imp := range list {
			own, isOwn := strings.CutPrefix(imp, module)
			switch {
			case isOwn && !slices.Contains(allowed, own):
				t.Errorf("%s imports %s, which points upward", room, own)
			case !isOwn && !isStandard(imp) && !strings.HasPrefix(imp, "github.com/klauspost/compress"):
				t.Errorf("%s imports %s: the core has the standard library and klauspost/compress only", room, imp)
			}
		}
	}
}

func TestTheAWSSDKHasOneDoor(t *testing.T) {
	for room, list := range imports(t) {
		if room == "internal/awsio" || strings.HasPrefix(room, "internal/cloud/") {
			continue // the cloud borrows the SDK's wire types
		}
		for _, imp := range list {
			if strings.HasPrefix(imp, "github.com/aws/aws-sdk-go-v2") && !allowedSDK(room) {
				t.Errorf("%s imports %s: the door to AWS is internal/awsio", room, imp)
			}
		}
	}
}

// allowedSDK names the rooms that play an ordinary client of AWS.
func allowedSDK(room string) bool {
	return room == "internal/demo" || room == "internal/conform"
}

func TestNothingImportsTheMains(t *testing.T) {
	for room, list := range imports(t) {
		for _, imp := range list {
			own, isOwn := strings.CutPrefix(imp, module)
			if !isOwn || strings.HasPrefix(room, "cmd/") {
				continue
			}
			if strings.HasPrefix(own, "cmd/") || strings.HasPrefix(own, "functions/") {
				t.Errorf("%s imports %s", room, own)
			}
			if strings.HasPrefix(room, "internal/lambdas") && strings.HasPrefix(own, "internal/cloud") {
				t.Errorf("%s imports %s: a function knows nothing of the embedded cloud", room, own)
			}
		}
	}
}

func TestNothingThatIsBuiltRunsMoto(t *testing.T) {
	for room, list := range imports(t) {
		if slices.Contains(list, module+"internal/conform/moto") {
			t.Errorf("%s imports internal/conform/moto, which is for tests", room)
		}
	}
}

func isStandard(imp string) bool {
	first, _, _ := strings.Cut(imp, "/")
	return !strings.Contains(first, ".")
}
