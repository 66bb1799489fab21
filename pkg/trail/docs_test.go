package trail

import (
	"bytes"
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"
)

func document(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../docs/reconciler.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestTheEventInTheDocumentsIsANotice(t *testing.T) {
	example := regexp.MustCompile("(?s)```json\n(.*?)```").FindStringSubmatch(document(t))
	d := json.NewDecoder(strings.NewReader(example[1]))
	d.DisallowUnknownFields()
	var n Notice
	if err := d.Decode(&n); err != nil {
		t.Fatal(err)
	}
	again, err := json.Marshal(n)
	var compact bytes.Buffer
	if err := json.Compact(&compact, []byte(example[1])); err != nil {
		t.Fatal(err)
	}
	if err != nil || len(again) != compact.Len() { // the same names, maybe in another order
		t.Errorf("%v; the event is\n%s", err, again)
	}
}

func TestTheDocumentsSayWhatEachExceptionLeadsTo(t *testing.T) {
	says := map[string]Response{"tries the call again": TryAgain, "looks again": LookAgain, "leaves the trail alone": LeaveAlone, "tells a person": TellOperator}
	told := map[string]Response{}
	for _, row := range regexp.MustCompile(`(?m)^\| \*\*(.*?)\*\*.* \| (.*) \|$`).FindAllStringSubmatch(document(t), -1) {
		for _, code := range strings.Split(row[2], ", ") {
			told[code] = says[row[1]]
		}
	}
	for operation, codes := range exceptions() {
		for _, code := range codes {
			if want := ResponseTo(&Fault{Operation: operation, Code: code + "Exception"}); told[code] != want {
				t.Errorf("%s: the documents say %q, we %s", code, told[code], want)
			}
		}
	}
	for _, f := range Findings() {
		if !strings.Contains(document(t), "| `"+string(f)+"` |") {
			t.Errorf("%s is not in the documents", f)
		}
	}
}
