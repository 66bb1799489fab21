package upstream

import (
	"context"
	"encoding/json"
	"net/url"
	"slices"
	"time"

	"github.com/trailhand/trailhand/internal/cloud/wire"
)

const logsTarget = "Logs_20140328"

// The limits of one PutLogEvents. Source: CloudWatch Logs API Reference, "PutLogEvents".
const (
	maxBatchEvents = 10_000
	maxBatchBytes  = 1 << 20
	eventOverhead  = 26
	maxBatchSpan   = 24 * time.Hour
)

// What is sent here makes no records: CloudTrail's documents name no type of
// resource by which a trail would select PutLogEvents, and none of its own
// Publish.

// Notify publishes a message to an SNS topic.
func (u *Upstream) Notify(ctx context.Context, topicARN, message string) error {
	return u.call(ctx, operation{
		service: "sns", region: regionOf(topicARN), name: "Publish", version: "2010-03-31",
		form: url.Values{"TopicArn": {topicARN}, "Message": {message}},
	}, nil)
}

// LogEvent is an event of a log stream.
type LogEvent struct {
	Timestamp int64  `json:"timestamp"` // Unix milliseconds
	Message   string `json:"message"`
}

type putLogEvents struct {
	Group  string     `json:"logGroupName"`
	Stream string     `json:"logStreamName"`
	Events []LogEvent `json:"logEvents"`
}

// Log writes events to a stream of a log group, and makes the stream if it is missing.
func (u *Upstream) Log(ctx context.Context, groupARN, stream string, logEvents []LogEvent) error {
	for _, batch := range batches(logEvents) {
		in := putLogEvents{Group: groupName(groupARN), Stream: stream, Events: batch}
		err := u.putLogEvents(ctx, regionOf(groupARN), in)
		if wire.IsFault(err, "ResourceNotFoundException") {
			if err = u.createStream(ctx, groupARN, stream); err == nil {
				err = u.putLogEvents(ctx, regionOf(groupARN), in)
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (u *Upstream) putLogEvents(ctx context.Context, region string, in putLogEvents) error {
	var out struct {
		Rejected json.RawMessage `json:"rejectedLogEventsInfo"`
	}
	err := u.call(ctx, operation{service: "logs", region: region, name: "PutLogEvents", target: logsTarget, input: in}, &out)
	if err == nil && len(out.Rejected) > 0 && string(out.Rejected) != "null" {
		u.cfg.Log.Warn("a log group does not take events that are too old or too new", "group", in.Group, "stream", in.Stream, "rejected", string(out.Rejected))
	}
	return err
}

func (u *Upstream) createStream(ctx context.Context, groupARN, stream string) error {
	err := u.call(ctx, operation{
		service: "logs", region: regionOf(groupARN), name: "CreateLogStream", target: logsTarget,
		input: map[string]string{"logGroupName": groupName(groupARN), "logStreamName": stream},
	}, nil)
	if wire.IsFault(err, "ResourceAlreadyExistsException") {
		return nil
	}
	return err
}

// batches sorts events by time and cuts them where one PutLogEvents is full.
func batches(logEvents []LogEvent) [][]LogEvent {
	sorted := slices.Clone(logEvents)
	slices.SortStableFunc(sorted, func(a, b LogEvent) int { return int(a.Timestamp - b.Timestamp) })
	var all [][]LogEvent
	from, size := 0, 0
	for i, e := range sorted {
		bytes := len(e.Message) + eventOverhead
		full := i-from == maxBatchEvents || size+bytes > maxBatchBytes || e.Timestamp-sorted[from].Timestamp >= maxBatchSpan.Milliseconds()
		if full && i > from {
			all, from, size = append(all, sorted[from:i]), i, 0
		}
		size += bytes
	}
	if from < len(sorted) {
		all = append(all, sorted[from:])
	}
	return all
}
