package detector

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/klauspost/compress/gzip"

	"github.com/trailhand/trailhand/pkg/events"
	"github.com/trailhand/trailhand/pkg/insights"
)

// source is the event source of Insight events: PutEvents does not take one that
// begins with "aws.".
const source = "trailhand"

// bus takes events. It may be given one again.
type bus interface {
	Publish(ctx context.Context, envelopes []events.Envelope) error
}

// putter writes small objects, over what is there.
type putter interface {
	Put(ctx context.Context, key string, data []byte, metadata map[string]string) error
}

// insightEvents publishes transitions to an event bus, as CloudTrail does but
// for the source. The detail is the record alone; EventBridge does not know an
// event that it had before, so a consumer tells it by detail.eventID.
type insightEvents struct{ Bus bus }

// Publish implements insights.Publisher.
func (i insightEvents) Publish(ctx context.Context, transitions []insights.Transition) error {
	envelopes := make([]events.Envelope, 0, len(transitions))
	for _, t := range transitions {
		envelopes = append(envelopes, events.Envelope{
			Version: "0", ID: t.EventID, Source: source, DetailType: "AWS Insight via CloudTrail",
			Account: t.AccountID, Region: t.Region, Time: t.Time, Resources: []string{}, Detail: t.Record(),
		})
	}
	return i.Bus.Publish(ctx, envelopes)
}

// insightFiles writes each transition as a file of CloudTrail Insights, under a
// key that follows from its eventID and time. The reason stands beside the
// record, in the object's metadata "reason".
type insightFiles struct {
	Bucket putter
	Prefix string // before AWSLogs/
}

// Publish implements insights.Publisher.
func (i insightFiles) Publish(ctx context.Context, transitions []insights.Transition) error {
	for _, t := range transitions {
		file, err := insightFile(t.Record())
		if err != nil {
			return fmt.Errorf("writing insight %s: %w", t.EventID, err)
		}
		reason, err := json.Marshal(t.Reason)
		if err != nil {
			return fmt.Errorf("writing insight %s: %w", t.EventID, err)
		}
		if err := i.Bucket.Put(ctx, i.Prefix+insightKey(t), file, map[string]string{"reason": string(reason)}); err != nil {
			return err
		}
	}
	return nil
}

func insightKey(t insights.Transition) string {
	id := sha256.Sum256([]byte(t.EventID))
	return events.Key{
		AccountID: t.AccountID, Kind: events.KeyInsight, Region: t.Region,
		Time: t.Time, Suffix: hex.EncodeToString(id[:8]),
	}.String()
}

func insightFile(record []byte) ([]byte, error) {
	var b bytes.Buffer
	zw := gzip.NewWriter(&b)
	if _, err := fmt.Fprintf(zw, `{"Records":[%s]}`, record); err != nil {
		return nil, err
	}
	if err := zw.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
