package cloud

import (
	"bytes"
	"context"

	"github.com/trailhand/trailhand/internal/cloud/logfiles"
	"github.com/trailhand/trailhand/internal/cloud/outbox"
	"github.com/trailhand/trailhand/internal/cloud/trails"
	"github.com/trailhand/trailhand/internal/cloud/upstream"
	"github.com/trailhand/trailhand/pkg/events"
)

// tellTopic sends one message for a delivered log file to its trail's SNS
// topic: to the upstream, where there is one.
func (c *Cloud) tellTopic(ctx context.Context, f logfiles.File, _ []byte) error {
	t, exists := c.trails.Trail(f.Destination.TrailARN)
	if !exists || t.SNSTopicARN == "" || f.Destination.LogGroup {
		return nil
	}
	now := c.cfg.Now()
	var err error
	if c.upstream == nil {
		err = c.outbox.Notify(t.SNSTopicARN, now, f.Destination.Bucket, f.Key)
	} else {
		var message []byte
		if message, err = outbox.Message(f.Destination.Bucket, f.Key); err == nil {
			err = c.upstream.Notify(ctx, t.SNSTopicARN, string(message))
		}
	}
	c.trails.Notified(t.ARN, now, err)
	return err
}

// stream names the log stream of an account and Region. Each has one of its own.
// Source: CloudTrail User Guide, "CloudWatch log group and log stream naming for CloudTrail".
func stream(d logfiles.Destination) string {
	return d.AccountID + "_" + d.Kind.String() + "_" + d.Region
}

// logEvents are sent to an upstream together; what fails after them is tried
// again without them.
const logEvents = 500

// putLogEvents sends the events of a log file to the log group that its trail
// has now. As CloudTrail does, it leaves out those above 256 KB.
func (c *Cloud) putLogEvents(ctx context.Context, f logfiles.File, gz []byte) error {
	t, exists := c.trails.Trail(f.Destination.TrailARN)
	if !exists || t.LogGroupARN == "" {
		return nil
	}
	var some []upstream.LogEvent
	read := 0
	flush := func() error {
		err := c.putSomeLogEvents(ctx, &t, f.Destination, some)
		if err == nil {
			some = nil
			f.Progress(read)
		}
		return err
	}
	for rec, err := range events.OpenGzip(bytes.NewReader(gz), events.Limits{}).All() {
		if err != nil {
			return err
		}
		if read++; read <= f.Sent {
			continue
		}
		at, err := rec.Time()
		if err != nil {
			return err
		}
		if len(rec.Raw()) <= outbox.MaxLogBytes {
			some = append(some, upstream.LogEvent{Timestamp: at.UnixMilli(), Message: string(rec.Raw())})
		}
		if c.upstream != nil && len(some) < logEvents {
			continue
		}
		if err := flush(); err != nil {
			return err
		}
	}
	return flush()
}

// putSomeLogEvents sends one event to the outbox, or some to the upstream.
func (c *Cloud) putSomeLogEvents(ctx context.Context, t *trails.Trail, d logfiles.Destination, some []upstream.LogEvent) error {
	if len(some) == 0 {
		return nil
	}
	if c.upstream != nil {
		return c.upstream.Log(ctx, t.LogGroupARN, stream(d), some)
	}
	return c.outbox.Log(outbox.LogEvent{
		GroupARN: t.LogGroupARN, RoleARN: t.LogRoleARN, Timestamp: some[0].Timestamp, Message: some[0].Message, Stream: stream(d),
	})
}
