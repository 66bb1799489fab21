package cloud

import (
	"bytes"
	"context"
	"errors"
	"slices"

	"github.com/trailhand/trailhand/internal/cloud/history"
	"github.com/trailhand/trailhand/internal/cloud/logfiles"
	"github.com/trailhand/trailhand/internal/cloud/recording"
	"github.com/trailhand/trailhand/internal/cloud/trails"
	"github.com/trailhand/trailhand/internal/cloud/wire"
	"github.com/trailhand/trailhand/pkg/events"
	"github.com/trailhand/trailhand/pkg/selectors"
)

// observe makes a record of a call and takes it where CloudTrail would. before
// are the trails that logged when the call came in: the call that stops the
// last of them is itself still recorded.
func (c *Cloud) observe(ctx context.Context, call wire.Call, before []trails.Trail) {
	raw, err := recording.Record(call)
	if err != nil {
		c.cfg.Log.Warn("not recorded", "eventSource", call.EventSource, "eventName", call.EventName, "error", err)
		return
	}
	logging := slices.Clone(before)
	for _, t := range c.trails.Logging(call.Caller.AccountID) {
		if !slices.ContainsFunc(before, func(b trails.Trail) bool { return b.ARN == t.ARN }) {
			logging = append(logging, t)
		}
	}
	if err := c.take(ctx, raw, logging); err != nil {
		c.cfg.Log.Error("recording", "eventSource", call.EventSource, "eventName", call.EventName, "error", err)
	}
}

// take keeps a record in the event history, and delivers it to each trail that
// selects it, and to the bus: management events as soon as some trail logs in
// their Region, others where a trail selects them.
func (c *Cloud) take(ctx context.Context, raw []byte, logging []trails.Trail) error {
	rec, err := events.Parse(raw)
	if err != nil {
		return err
	}
	c.tally.recorded.Add(1)
	event := selectors.EventOf(&rec)
	region, global := rec.String(events.AWSRegion), isGlobal(&rec)
	var errs []error
	if history.Keeps(event.Category) {
		errs = append(errs, c.history.Append(raw))
	}
	heard := false
	for i := range logging {
		t := &logging[i]
		if !t.Covers(region, global) {
			continue
		}
		selected := selects(t, &rec, &event)
		heard = heard || selected || event.Category == events.Management
		if selected {
			errs = append(errs, c.files.Append(destination(t, &rec), raw), c.tellLogGroup(t, &rec))
		}
	}
	if heard {
		errs = append(errs, c.publish(ctx, &rec))
	}
	if err := errors.Join(errs...); err != nil {
		c.tally.unkept.Add(1)
		return err
	}
	return nil
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
	name := string(rec.Text(events.EventName))
	return (name == "PutObject" || name == "PutLogEvents") && string(rec.Text(events.UserIdentityInvokedBy)) == "cloudtrail.amazonaws.com"
}

func destination(t *trails.Trail, rec *events.Record) logfiles.Destination {
	kind := events.KeyLog
	if rec.Category() == events.Insight {
		kind = events.KeyInsight
	}
	return logfiles.Destination{
		TrailARN: t.ARN, Bucket: t.S3BucketName, Prefix: t.S3KeyPrefix, OrganizationID: t.OrganizationID,
		AccountID: rec.String(events.RecipientAccountID), Region: rec.String(events.AWSRegion), Kind: kind,
	}
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
