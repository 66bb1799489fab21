package cloud

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/trailhand/trailhand/internal/cloud/buckets"
	"github.com/trailhand/trailhand/internal/cloud/buckets/policy"
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
// selects it, and to the bus.
func (c *Cloud) take(ctx context.Context, raw []byte, logging []trails.Trail) error {
	rec, err := events.Parse(raw)
	if err != nil {
		return err
	}
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
		heard = true
		if t.Matcher().Match(&event) {
			errs = append(errs, c.files.Append(destination(t, &rec), raw))
		}
	}
	if heard && event.Category == events.Management && region == c.cfg.Region {
		errs = append(errs, c.publish(ctx, &rec))
	}
	return errors.Join(errs...)
}

func destination(t *trails.Trail, rec *events.Record) logfiles.Destination {
	return logfiles.Destination{
		TrailARN: t.ARN, Bucket: t.S3BucketName, Prefix: t.S3KeyPrefix, OrganizationID: t.OrganizationID,
		AccountID: rec.String(events.RecipientAccountID), Region: rec.String(events.AWSRegion), Kind: events.KeyLog,
	}
}

// isGlobal holds for the services that have no Region: their events are
// recorded in us-east-1, and only trails that include global services take them.
func isGlobal(rec *events.Record) bool {
	switch string(rec.Text(events.EventSource)) {
	case "iam.amazonaws.com", "cloudfront.amazonaws.com", "route53.amazonaws.com":
		return true
	}
	return false
}

// publish puts a management event on the bus, as EventBridge shapes it.
// Source: EventBridge User Guide, "AWS service events delivered via CloudTrail".
func (c *Cloud) publish(ctx context.Context, rec *events.Record) error {
	at, err := rec.Time()
	if err != nil {
		return err
	}
	service, _, _ := strings.Cut(rec.String(events.EventSource), ".")
	envelope, err := json.Marshal(events.Envelope{
		Version: "0", ID: uuid.NewString(), DetailType: detailType(rec), Source: "aws." + service,
		Account: rec.String(events.RecipientAccountID), Time: at, Region: rec.String(events.AWSRegion), Resources: []string{}, Detail: rec.Raw(),
	})
	if err != nil {
		return fmt.Errorf("envelope of %s: %w", rec.String(events.EventName), err)
	}
	return c.bus.Publish(ctx, envelope)
}

func detailType(rec *events.Record) string {
	switch string(rec.Text(events.EventType)) {
	case "AwsConsoleSignIn":
		return "AWS Console Signin via CloudTrail"
	case "AwsConsoleAction":
		return "AWS Console Action via CloudTrail"
	case "AwsServiceEvent":
		return "AWS Service Event via CloudTrail"
	}
	return "AWS API Call via CloudTrail"
}

// putLogFile stores a log file in its trail's bucket, and sees to it that a digest names it.
func (c *Cloud) putLogFile(ctx context.Context, f logfiles.File, gz []byte) error {
	d := f.Destination
	if c.digests.Noted(chainOf(d), d.Bucket, f.Key) {
		return logfiles.ErrExists
	}
	meta := buckets.Meta{ContentType: "application/json", ContentEncoding: "gzip"}
	if err := c.put(ctx, object{trailARN: d.TrailARN, bucket: d.Bucket, key: f.Key, body: gz, meta: meta}); err != nil {
		return err
	}
	return c.vouch(f, gz)
}

// object is what a trail has to put into its bucket.
type object struct {
	trailARN, bucket, key string
	body                  []byte
	meta                  buckets.Meta
}

// put stores an object of a trail, if the bucket's policy lets CloudTrail in.
func (c *Cloud) put(ctx context.Context, o object) error {
	decision, exists := c.buckets.Allows(o.bucket, "cloudtrail.amazonaws.com", "s3:PutObject", "arn:aws:s3:::"+o.bucket+"/"+o.key, map[string]string{
		"aws:SourceArn": o.trailARN, "aws:SourceAccount": strings.Split(o.trailARN, ":")[4], "s3:x-amz-acl": "bucket-owner-full-control",
	})
	switch {
	case !exists:
		return &wire.Fault{Code: "NoSuchBucket", Message: "The specified bucket does not exist"}
	case decision != policy.Allow:
		return &wire.Fault{Code: "AccessDenied", Message: "The bucket's policy does not let CloudTrail write " + o.key}
	}
	return c.buckets.Put(ctx, o.bucket, o.key, bytes.NewReader(o.body), int64(len(o.body)), o.meta)
}

// delivered keeps GetTrailStatus true.
func (c *Cloud) delivered(f logfiles.File, err error) {
	c.trails.Delivered(f.Destination.TrailARN, c.cfg.Now(), err)
}

func (c *Cloud) digested(trailARN string, err error) { c.trails.Digested(trailARN, c.cfg.Now(), err) }
