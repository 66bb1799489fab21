package logparser

import (
	"strings"
	"testing"
)

// Nothing here knows which trail a file is of, and files are read side by side.
func TestAnEventInTheFilesOfTwoTrailsCountsInBoth(t *testing.T) {
	q := &queue{}
	h, log := newHandler(store{key("a"): logFile(t, "1"), key("b"): logFile(t, "1")}, q, &aside{})
	if _, err := h.Invoke(t.Context(), sqsEvent(notice(key("a")), notice(key("b")))); err != nil {
		t.Fatal(err)
	}
	if len(q.batches) != 2 || q.batches[0].ID == q.batches[1].ID || q.batches[0].Tallies[0].Count != 1 || q.batches[1].Tallies[0].Count != 1 {
		t.Errorf("%+v", q.batches)
	}
	if !strings.Contains(log.String(), `"Records":2`) {
		t.Errorf("%s", log)
	}
}
