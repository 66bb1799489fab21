package delivery

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/trailhand/trailhand/pkg/events"
)

func TestASummaryHasListsOfNothingAndNamesAsTheyAre(t *testing.T) {
	r, err := events.Parse([]byte(`{"eventName":"A&B"}`))
	if err != nil {
		t.Fatal(err)
	}
	s := NewSummary()
	s.Add(&r)
	for name, total := range map[string]*Summary{"of a file": s, "of nothing": {}} {
		var text bytes.Buffer
		enc := json.NewEncoder(&text)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(total); err != nil {
			t.Fatal(err)
		}
		if got := text.String(); !strings.Contains(got, `"skipped":[],"failed":[]}`) || strings.Contains(got, "badRecords") {
			t.Errorf("%s: %s", name, got)
		}
		if total == s && !strings.Contains(text.String(), `"<absent>|A&B":1`) {
			t.Errorf("%s: %s", name, text.String())
		}
	}
}
