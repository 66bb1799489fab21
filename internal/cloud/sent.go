package cloud

import (
	"bytes"
	"context"
	"path/filepath"
	"time"

	"github.com/trailhand/trailhand/internal/cloud/logfiles"
	"github.com/trailhand/trailhand/internal/cloud/outbox"
	"github.com/trailhand/trailhand/internal/cloud/trails"
	"github.com/trailhand/trailhand/internal/cloud/upstream"
	"github.com/trailhand/trailhand/pkg/events"
)

// tellTopic sends one message for a delivered log file to its trail's SNS topic.
func (c *Cloud) tellTopic(f logfiles.File) {
	t, exists := c.trails.Trail(f.Destination.TrailARN)
	if !exists || t.SNSTopicARN == "" {
		return
	}
	now := c.cfg.Now()
	err := c.notifyTopic(t.SNSTopicARN, now, f)
	c.trails.Notified(t.ARN, now, err)
	if err != nil {
		c.cfg.Log.Error("telling a topic of a log file", "topic", t.SNSTopicARN, "key", f.Key, "error", err)
	}
}

// notifyTopic sends the message to the upstream, where there is one.
func (c *Cloud) notifyTopic(topicARN string, at time.Time, f logfiles.File) error {
	if c.upstream == nil {
		return c.outbox.Notify(topicARN, at, f.Destination.Bucket, f.Key)
	}
	message, err := outbox.Message(f.Destination.Bucket, f.Key)
	if err != nil {
		return err
	}
	return c.upstream.Notify(context.WithoutCancel(c.life), topicARN, string(message))
}

// tellLogGroup sends an event to its trail's log group. Each account and
// Region has a stream of its own there.
// Source: CloudTrail User Guide, "CloudWatch log group and log stream naming for CloudTrail".
func (c *Cloud) tellLogGroup(t *trails.Trail, rec *events.Record) error {
	if t.LogGroupARN == "" {
		return nil
	}
	if c.upstream != nil {
		return c.groups.Append(destination(t, rec), rec.Raw())
	}
	at, err := rec.Time()
	if err != nil {
		return err
	}
	err = c.outbox.Log(outbox.LogEvent{
		GroupARN: t.LogGroupARN, RoleARN: t.LogRoleARN, Timestamp: at.UnixMilli(), Message: string(rec.Raw()),
		Stream: stream(destination(t, rec)),
	})
	c.trails.SentToLogGroup(t.ARN, c.cfg.Now(), err)
	return err
}

// stream names the log stream of an account and Region.
func stream(d logfiles.Destination) string {
	return d.AccountID + "_" + d.Kind.String() + "_" + d.Region
}

// startGroups opens the journals of what waits for log groups at the upstream.
func (c *Cloud) startGroups() (err error) {
	if c.upstream == nil {
		return nil
	}
	c.groups, err = logfiles.Open(logfiles.Config{
		Dir: filepath.Join(c.cfg.Dir, "loggroups"), Put: c.putLogEvents,
		GiveUpAfter: 24 * time.Hour, MaxBytes: 512 << 10, Now: c.cfg.Now, Log: c.cfg.Log,
	})
	return err
}

// flushGroups sends what waits for log groups. A failure is told in the
// trail's status, and tried again.
func (c *Cloud) flushGroups(ctx context.Context) {
	if c.groups == nil {
		return
	}
	if err := c.groups.Flush(ctx); err != nil {
		c.cfg.Log.Error("sending events to a log group", "error", err)
	}
}

// putLogEvents sends one journal's events to the log group that its trail has now.
func (c *Cloud) putLogEvents(ctx context.Context, f logfiles.File, gz []byte) error {
	t, exists := c.trails.Trail(f.Destination.TrailARN)
	if !exists || t.LogGroupARN == "" {
		return nil
	}
	var waiting []upstream.LogEvent
	for rec, err := range events.OpenGzip(bytes.NewReader(gz), events.Limits{}).All() {
		if err != nil {
			return err
		}
		at, err := rec.Time()
		if err != nil {
			return err
		}
		if len(rec.Raw()) <= outbox.MaxLogBytes {
			waiting = append(waiting, upstream.LogEvent{Timestamp: at.UnixMilli(), Message: string(rec.Raw())})
		}
	}
	err := c.upstream.Log(ctx, t.LogGroupARN, stream(f.Destination), waiting)
	c.trails.SentToLogGroup(t.ARN, c.cfg.Now(), err)
	return err
}
