package template

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func file(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("../../..", path))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// firsts gives the first group of every match.
func firsts(pattern, text string) []string {
	var all []string
	for _, m := range regexp.MustCompile(pattern).FindAllStringSubmatch(text, -1) {
		all = append(all, m[1])
	}
	return all
}

func TestEveryMetricOfAnAlarmIsWrittenByItsFunction(t *testing.T) {
	alarms := regexp.MustCompile(`Namespace: Trailhand\n +MetricName: (\w+)\n +Dimensions: \[\{ Name: Function, Value: (\w+) }]`).FindAllStringSubmatch(file(t, "template.yaml"), -1)
	if len(alarms) == 0 {
		t.Fatal("no alarm is on a metric of Trailhand")
	}
	for _, m := range alarms {
		name, function := m[1], m[2]
		var source strings.Builder
		paths, err := filepath.Glob("../../../internal/lambdas/" + function + "/*.go")
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			source.WriteString(file(t, strings.TrimPrefix(path, "../../../")))
		}
		if !strings.Contains(source.String(), `emf.Count("`+name+`"`) {
			t.Errorf("the %s writes no metric %s", function, name)
		}
	}
}

func TestWhatToDoIsWrittenForEveryAlarm(t *testing.T) {
	alarms := firsts(`(?m)^  (\w+):\n    Type: AWS::CloudWatch::Alarm$`, file(t, "template.yaml"))
	written := firsts(`(?m)^### (\w+)$`, file(t, "docs/operations.md"))
	slices.Sort(alarms)
	slices.Sort(written)
	if len(alarms) == 0 || !slices.Equal(alarms, written) {
		t.Errorf("alarms %q, docs/operations.md tells of %q", alarms, written)
	}
}

func TestEveryParameterIsInTheGuide(t *testing.T) {
	parameters, _, _ := strings.Cut(file(t, "template.yaml"), "\nConditions:")
	_, parameters, _ = strings.Cut(parameters, "\nParameters:")
	guide := file(t, "docs/deploy.md")
	names := firsts(`(?m)^  (\w+):$`, parameters)
	if len(names) == 0 {
		t.Fatal("the template has no parameters")
	}
	for _, name := range names {
		if !strings.Contains(guide, "`"+name+"`") {
			t.Errorf("docs/deploy.md does not tell of %s", name)
		}
	}
}
