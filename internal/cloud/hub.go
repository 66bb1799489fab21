package cloud

import (
	"bytes"
	"context"
	"slices"

	"github.com/google/uuid"

	"github.com/trailhand/trailhand/internal/cloud/logfiles"
	"github.com/trailhand/trailhand/internal/cloud/recording"
	"github.com/trailhand/trailhand/internal/cloud/trails"
	"github.com/trailhand/trailhand/internal/cloud/wire"
	"github.com/trailhand/trailhand/pkg/events"
	"github.com/trailhand/trailhand/pkg/selectors"
)

// observe makes a record of a call and takes it where CloudTrail would. before
// are the trails that logged when the call came in: the call that stops the
// last of them is itself still recorded. The call has happened: a record that
// cannot be written down now waits.
func (c *Cloud) observe(ctx context.Context, call wire.Call, before []trails.Trail) {
	c.observeAs(ctx, call, uuid.NewString(), before)
}

// observeAs is observe under a given eventID: a call that is observed twice is one event.
func (c *Cloud) observeAs(ctx context.Context, call wire.Call, eventID string, before []trails.Trail) {
	rec, w, err := c.record(call, eventID, before)
	if err != nil {
		c.cfg.Log.Warn("not recorded", "eventSource", call.EventSource, "eventName", call.EventName, "error", err)
		return
	}
	first, err := c.intake.Keep(rec, w.to)
	if err != nil {
		c.cfg.Log.Error("recording", "eventSource", call.EventSource, "eventName", call.EventName, "error", err)
	}
	if first {
		c.announce(ctx, rec, w)
	}
}

// record makes the record of a call, and says where it goes.
func (c *Cloud) record(call wire.Call, eventID string, before []trails.Trail) (*events.Record, way, error) {
	raw, err := recording.RecordAs(call, eventID)
	if err != nil {
		return nil, way{}, err
	}
	rec, err := events.Parse(raw)
	if err != nil {
		return nil, way{}, err
	}
	logging := slices.Clone(before)
	for _, t := range c.trails.Logging(call.Caller.AccountID) {
		if !slices.ContainsFunc(before, func(b trails.Trail) bool { return b.ARN == t.ARN }) {
			logging = append(logging, t)
		}
	}
	c.tally.recorded.Add(1)
	return &rec, wayOf(&rec, logging), nil
}

// take takes in a record of something that happened elsewhere. After an error
// it was not taken, and may come again; one that was taken goes nowhere twice.
func (c *Cloud) take(ctx context.Context, rec *events.Record, logging []trails.Trail) error {
	w := wayOf(rec, logging)
	first, err := c.intake.Take(rec, w.to)
	if err != nil || !first {
		return err
	}
	c.tally.recorded.Add(1)
	c.announce(ctx, rec, w)
	return nil
}

// announce puts a record that was taken on the bus, if it is heard there.
func (c *Cloud) announce(ctx context.Context, rec *events.Record, w way) {
	if !w.heard {
		return
	}
	if err := c.publish(ctx, rec); err != nil {
		c.cfg.Log.Error("publishing", "eventSource", rec.String(events.EventSource), "eventName", rec.String(events.EventName), "error", err)
	}
}

// way is where a record goes: to trails that select it, and to the bus:
// management events as soon as some trail logs in their Region, others where a
// trail selects them.
type way struct {
	to    []logfiles.Destination
	heard bool
}

func wayOf(rec *events.Record, logging []trails.Trail) (w way) {
	event := selectors.EventOf(rec)
	region, global := rec.String(events.AWSRegion), isGlobal(rec)
	for i := range logging {
		t := &logging[i]
		if !t.Covers(region, global) {
			continue
		}
		if selects(t, rec, &event) {
			w.to, w.heard = append(w.to, destinations(t, rec)...), true
		}
		w.heard = w.heard || event.Category == events.Management
	}
	return w
}

// selects reports whether a trail delivers an event.
func selects(t *trails.Trail, rec *events.Record, event *selectors.Event) bool {
	switch {
	case event.Category == events.Insight:
		return len(t.Insights) > 0
	case !t.RecursiveLogging && isOwnDelivery(rec):
		return false
	}
	return t.Matcher().Match(event)
}

// isOwnDelivery holds for the events that CloudTrail makes by delivering events.
func isOwnDelivery(rec *events.Record) bool {
	if string(rec.Text(events.UserIdentityInvokedBy)) != "cloudtrail.amazonaws.com" {
		return false
	}
	switch string(rec.Text(events.EventSource)) {
	case "s3.amazonaws.com":
		return string(rec.Text(events.EventName)) == "PutObject"
	case "logs.amazonaws.com":
		return string(rec.Text(events.EventName)) == "PutLogEvents"
	}
	return false
}

// destinations are a trail's bucket, and its log group if it has one.
func destinations(t *trails.Trail, rec *events.Record) []logfiles.Destination {
	kind := events.KeyLog
	if rec.Category() == events.Insight {
		kind = events.KeyInsight
	}
	bucket := logfiles.Destination{
		TrailARN: t.ARN, Bucket: t.S3BucketName, Prefix: t.S3KeyPrefix, OrganizationID: t.OrganizationID,
		AccountID: rec.String(events.RecipientAccountID), Region: rec.String(events.AWSRegion), Kind: kind,
	}
	if t.LogGroupARN == "" {
		return []logfiles.Destination{bucket}
	}
	group := bucket
	group.Bucket, group.Prefix, group.OrganizationID, group.LogGroup = "", "", "", true
	return []logfiles.Destination{bucket, group}
}

// isGlobal holds for the services that have no Region: their events are
// recorded in one, mostly us-east-1, and only trails that include global
// services take them. STS is global at its one old address alone; at the
// addresses of the Regions its events are those of the Regions.
// Source: CloudTrail User Guide, "About global service events".
func isGlobal(rec *events.Record) bool {
	switch string(rec.Text(events.EventSource)) {
	case "iam.amazonaws.com", "cloudfront.amazonaws.com", "route53.amazonaws.com", "organizations.amazonaws.com", "globalaccelerator.amazonaws.com":
		return true
	case "sts.amazonaws.com":
		return bytes.Contains(rec.Raw(), []byte(`"clientProvidedHostHeader":"sts.amazonaws.com"`))
	}
	return false
}
