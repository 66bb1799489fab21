package logs

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// folders are those of the packages that the guide names.
func folders() map[string]string {
	return map[string]string{
		"events": "../../pkg/events", "delivery": "../../pkg/delivery", "insights": "../../pkg/insights", "awsio": "../awsio",
		"logparser": "../lambdas/logparser", "sinks": "../sinks", "logs": ".", "trailhand": "../../cmd/trailhand",
	}
}

// tests gives the text of a folder's tests.
func tests(t *testing.T, folder string) string {
	t.Helper()
	files, err := filepath.Glob(folder + "/*_test.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("%s has no tests: %v", folder, err)
	}
	var all strings.Builder
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(text)
	}
	return all.String()
}

func TestEveryInputInTheGuideHasTheTestThatItNames(t *testing.T) {
	guide, err := os.ReadFile("../../docs/log-files.md")
	if err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile(`(?m)^\| .* \| (\w+): (\w+)(?:/([^|]*))? \|$`)
	rows := named.FindAllStringSubmatch(string(guide), -1)
	if len(rows) < 40 || len(rows) != strings.Count(string(guide), "\n| ")-2 {
		t.Errorf("%d rows name a test, of %d", len(rows), strings.Count(string(guide), "\n| ")-2)
	}
	for _, row := range rows {
		source := tests(t, folders()[row[1]])
		if !strings.Contains(source, "func "+row[2]+"(") {
			t.Errorf("%s has no %s", row[1], row[2])
		}
		if !strings.Contains(source, `"`+row[3]) {
			t.Errorf("%s of %s has no case %q", row[2], row[1], row[3])
		}
	}
}

func TestEveryCounterInTheGuideIsAMetricOfTheFunctions(t *testing.T) {
	guide, err := os.ReadFile("../../docs/log-files.md")
	if err != nil {
		t.Fatal(err)
	}
	var functions strings.Builder
	for _, file := range []string{"../lambdas/logparser/handler.go", "../lambdas/detector/report.go"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		functions.Write(text)
	}
	counters := regexp.MustCompile(`(?m)^\| .* \| ([^|]*) \| \w+: Test.*$`)
	for _, row := range counters.FindAllStringSubmatch(string(guide), -1) {
		names := regexp.MustCompile("`(\\w+)`").FindAllStringSubmatch(row[1], -1)
		if len(names) == 0 && row[1] != "one of these" {
			t.Errorf("no counter in %s", row[0])
		}
		for _, name := range names {
			if !strings.Contains(functions.String(), `emf.Count("`+name[1]+`"`) {
				t.Errorf("%q is no metric, in %s", name[1], row[0])
			}
		}
	}
}
