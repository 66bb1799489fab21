package logparser

import (
	"strings"
	"testing"
)

func TestAnEventTwiceInAFileIsTwoRecordsAndOneCall(t *testing.T) {
	q := &queue{}
	h, log := newHandler(store{key("a"): logFile(t, "1", "1")}, q, &aside{})
	if _, err := h.Invoke(t.Context(), sqsEvent(notice(key("a")))); err != nil {
		t.Fatal(err)
	}
	if len(q.batches) != 1 || q.batches[0].Tallies[0].Count != 1 || !strings.Contains(log.String(), `"Records":2`) {
		t.Errorf("%+v\n%s", q.batches, log)
	}
}

func TestAMessageThatAsksForNothingIsCounted(t *testing.T) {
	h, log := newHandler(store{}, &queue{}, &aside{})
	answer, err := h.Invoke(t.Context(), sqsEvent(`{"Service":"Amazon S3","Event":"s3:TestEvent","Bucket":"logs"}`, "CloudTrail validation message."))
	if err != nil || failures(t, answer) != "" || !strings.Contains(log.String(), `"Ignored":2`) {
		t.Errorf("%s, %v\n%s", answer, err, log)
	}
}

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
