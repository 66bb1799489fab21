package desired

import (
	"os"
	"regexp"
	"testing"
)

// TestTheExamplesOfTheDocumentsAreRead holds docs/reconciler.md to what Parse takes.
func TestTheExamplesOfTheDocumentsAreRead(t *testing.T) {
	text, err := os.ReadFile("../../docs/reconciler.md")
	if err != nil {
		t.Fatal(err)
	}
	examples := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllSubmatch(text, -1)
	if len(examples) < 5 {
		t.Errorf("only %d examples", len(examples))
	}
	for _, e := range examples {
		if _, err := Parse("example", e[1]); err != nil {
			t.Errorf("%v in\n%s", err, e[1])
		}
	}
}
