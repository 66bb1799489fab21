package reconciler

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/trailhand/trailhand/pkg/events"
)

// work is what a payload asks for: a sweep, the messages of a queue, or one event.
type work struct {
	sweep    bool
	messages []message
	envelope events.Envelope
}

type message struct{ id, body string }

// read recognises a payload by the names in it.
func read(payload []byte) (work, error) {
	var names map[string]json.RawMessage
	if err := json.Unmarshal(payload, &names); err != nil {
		return work{}, fmt.Errorf("payload is no JSON object: %w", err)
	}
	switch {
	case names["trailhand"] != nil:
		if string(names["trailhand"]) != `"sweep"` {
			return work{}, fmt.Errorf("payload asks trailhand for %s: the reconciler knows \"sweep\"", names["trailhand"])
		}
		return work{sweep: true}, nil
	case names["Records"] != nil:
		messages, err := queued(names["Records"])
		return work{messages: messages}, err
	}
	e, err := envelope(payload)
	return work{envelope: e}, err
}

// envelope reads an EventBridge event and refuses what is none.
func envelope(raw []byte) (events.Envelope, error) {
	e, err := events.ParseEnvelope(raw)
	if err == nil && (e.DetailType == "" || e.Source == "") {
		err = errors.New("detail-type or source is missing")
	}
	if err != nil {
		return e, fmt.Errorf("payload is no EventBridge event, SQS batch or sweep, it has %s: %w", namesIn(raw), err)
	}
	return e, nil
}

func namesIn(raw []byte) string {
	var names map[string]json.RawMessage
	if json.Unmarshal(raw, &names) != nil {
		return "no names"
	}
	return "the names " + strings.Join(slices.Sorted(maps.Keys(names)), ", ")
}

// queued reads the records of an SQS batch.
func queued(raw json.RawMessage) ([]message, error) {
	var records []map[string]json.RawMessage
	if err := json.Unmarshal(raw, &records); err != nil {
		return nil, fmt.Errorf("payload's Records are no list of objects: %w", err)
	}
	messages := make([]message, 0, len(records))
	for i, r := range records {
		var source string
		var m message
		if json.Unmarshal(r["eventSource"], &source) != nil || source != "aws:sqs" {
			return nil, fmt.Errorf("payload's record %d is of eventSource %s, not aws:sqs", i, r["eventSource"])
		}
		if json.Unmarshal(r["messageId"], &m.id) != nil || json.Unmarshal(r["body"], &m.body) != nil {
			return nil, fmt.Errorf("payload's record %d has no messageId or body", i)
		}
		messages = append(messages, m)
	}
	return messages, nil
}
