package cloud

import (
	"github.com/trailhand/trailhand/internal/cloud/logfiles"
	"github.com/trailhand/trailhand/internal/cloud/outbox"
	"github.com/trailhand/trailhand/internal/cloud/trails"
	"github.com/trailhand/trailhand/pkg/events"
)

// tellTopic sends one message for a delivered log file to its trail's SNS topic.
func (c *Cloud) tellTopic(f logfiles.File) {
	t, exists := c.trails.Trail(f.Destination.TrailARN)
	if !exists || t.SNSTopicARN == "" {
		return
	}
	now := c.cfg.Now()
	err := c.outbox.Notify(t.SNSTopicARN, now, f.Destination.Bucket, f.Key)
	c.trails.Notified(t.ARN, now, err)
	if err != nil {
		c.cfg.Log.Error("telling a topic of a log file", "topic", t.SNSTopicARN, "key", f.Key, "error", err)
	}
}

// tellLogGroup sends an event to its trail's log group. Each account and
// Region has a stream of its own there.
// Source: CloudTrail User Guide, "CloudWatch log group and log stream naming for CloudTrail".
func (c *Cloud) tellLogGroup(t *trails.Trail, rec *events.Record) error {
	if t.LogGroupARN == "" {
		return nil
	}
	at, err := rec.Time()
	if err != nil {
		return err
	}
	kind := events.KeyLog
	if rec.Category() == events.Insight {
		kind = events.KeyInsight
	}
	err = c.outbox.Log(outbox.LogEvent{
		GroupARN: t.LogGroupARN, RoleARN: t.LogRoleARN, Timestamp: at.UnixMilli(), Message: string(rec.Raw()),
		Stream: rec.String(events.RecipientAccountID) + "_" + kind.String() + "_" + rec.String(events.AWSRegion),
	})
	c.trails.SentToLogGroup(t.ARN, c.cfg.Now(), err)
	return err
}
