package bus

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/google/uuid"

	"github.com/trailhand/trailhand/internal/cloud/wire"
)

// Limits of one PutEvents. Source: EventBridge User Guide, "Calculating
// PutEvents event entry size".
const (
	maxEntries    = 10
	maxEntryBytes = 256 << 10 // of all entries together
)

// customEvent is an event in EventBridge's JSON.
type customEvent struct {
	Version    string          `json:"version"`
	ID         string          `json:"id"`
	DetailType string          `json:"detail-type"`
	Source     string          `json:"source"`
	Account    string          `json:"account"`
	Time       string          `json:"time"`
	Region     string          `json:"region"`
	Resources  []string        `json:"resources"`
	Detail     json.RawMessage `json:"detail"`
}

func (b *Bus) putEvents(ctx context.Context, _ wire.Caller, in *eventbridge.PutEventsInput) (*eventbridge.PutEventsOutput, error) {
	if len(in.Entries) == 0 || len(in.Entries) > maxEntries {
		return nil, invalid("1 validation error detected: Value at 'entries' failed to satisfy constraint: Member must have length between 1 and %d", maxEntries)
	}
	size := 0
	for _, e := range in.Entries {
		size += entryBytes(e)
	}
	if size >= maxEntryBytes {
		return nil, invalid("Total size of the entries in the request is over the limit.")
	}
	out := &eventbridge.PutEventsOutput{}
	for _, e := range in.Entries {
		result := b.putEvent(ctx, e)
		if result.ErrorCode != nil {
			out.FailedEntryCount++
		}
		out.Entries = append(out.Entries, result)
	}
	return out, nil
}

func entryBytes(e types.PutEventsRequestEntry) int {
	n := len(deref(e.Source)) + len(deref(e.DetailType)) + len(deref(e.Detail))
	if e.Time != nil {
		n += 14
	}
	for _, r := range e.Resources {
		n += len(r)
	}
	return n
}

func (b *Bus) putEvent(ctx context.Context, e types.PutEventsRequestEntry) types.PutEventsResultEntry {
	if f := b.checkEntry(e); f != nil {
		return types.PutEventsResultEntry{ErrorCode: &f.Code, ErrorMessage: &f.Message}
	}
	at := b.cfg.Now()
	if e.Time != nil {
		at = *e.Time
	}
	event := customEvent{
		Version: "0", ID: uuid.NewString(), DetailType: *e.DetailType, Source: *e.Source, Account: b.cfg.AccountID,
		Time: at.UTC().Format(time.RFC3339), Region: b.cfg.Region, Resources: append([]string{}, e.Resources...), Detail: json.RawMessage(*e.Detail),
	}
	envelope, err := json.Marshal(event)
	if err == nil {
		err = b.Publish(ctx, envelope)
	}
	if err != nil {
		b.cfg.Log.Error("putting an event", "source", event.Source, "detailType", event.DetailType, "error", err)
		return types.PutEventsResultEntry{ErrorCode: new("InternalException"), ErrorMessage: new("Internal exception.")}
	}
	return types.PutEventsResultEntry{EventId: &event.ID}
}

// checkEntry refuses what EventBridge refuses; only AWS itself puts events of
// aws.* sources.
func (b *Bus) checkEntry(e types.PutEventsRequestEntry) *wire.Fault {
	if name := deref(e.EventBusName); name != "" && name != "default" && name != b.arn() {
		return fault("ResourceNotFoundException", "Event bus %s does not exist.", name)
	}
	for _, p := range []struct {
		name  string
		value *string
	}{{"Source", e.Source}, {"DetailType", e.DetailType}, {"Detail", e.Detail}} {
		if deref(p.value) == "" {
			return fault("InvalidArgument", "Parameter %s is not valid. Reason: %s is a required argument.", p.name, p.name)
		}
	}
	if strings.HasPrefix(*e.Source, "aws.") {
		return fault("NotAuthorizedForSourceException", "Not authorized for the source.")
	}
	var detail map[string]json.RawMessage
	if err := json.Unmarshal([]byte(*e.Detail), &detail); err != nil || detail == nil {
		return fault("MalformedDetail", "Detail is malformed.")
	}
	return nil
}
