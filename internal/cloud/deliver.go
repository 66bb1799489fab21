package cloud

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/trailhand/trailhand/internal/cloud/buckets"
	"github.com/trailhand/trailhand/internal/cloud/buckets/policy"
	"github.com/trailhand/trailhand/internal/cloud/logfiles"
	"github.com/trailhand/trailhand/internal/cloud/wire"
)

// Deliver puts every waiting record into its trail's bucket, now.
func (c *Cloud) Deliver(ctx context.Context) error {
	err := c.files.Flush(ctx)
	c.flushGroups(ctx)
	return err
}

// deliverAndKeep is Deliver, and keeps what GetTrailStatus tells of it.
func (c *Cloud) deliverAndKeep(ctx context.Context) error {
	return errors.Join(c.Deliver(ctx), c.keep("cloudtrail.amazonaws.com"))
}

// every does something in the background until Close; never, if interval is 0.
func (c *Cloud) every(interval time.Duration, do func(context.Context) error) {
	if interval <= 0 {
		return
	}
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		select {
		case <-c.life.Done():
			return
		case <-tick.C:
		}
		if err := do(c.life); err != nil && c.life.Err() == nil {
			c.cfg.Log.Warn("in the background", "error", err)
		}
	}
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
	c.analyze(ctx, f, gz)
	return c.vouch(f, gz)
}

// object is what a trail has to put into its bucket.
type object struct {
	trailARN, bucket, key string
	body                  []byte
	meta                  buckets.Meta
}

// put stores an object of a trail, if the bucket's policy lets CloudTrail in,
// and records that it did: it is a data event of the bucket, as any other write.
func (c *Cloud) put(ctx context.Context, o object) error {
	err := c.store(ctx, o)
	if !errors.Is(err, errNoBucket) {
		c.observe(ctx, c.ownPut(o, err), c.trails.Logging(c.cfg.AccountID))
	}
	return err
}

// errNoBucket says that a trail's bucket is gone.
var errNoBucket error = &wire.Fault{Code: "NoSuchBucket", Message: "The specified bucket does not exist"}

func (c *Cloud) store(ctx context.Context, o object) error {
	decision, exists := c.buckets.Allows(o.bucket, "cloudtrail.amazonaws.com", "s3:PutObject", "arn:aws:s3:::"+o.bucket+"/"+o.key, map[string]string{
		"aws:SourceArn": o.trailARN, "aws:SourceAccount": strings.Split(o.trailARN, ":")[4], "s3:x-amz-acl": "bucket-owner-full-control",
	})
	switch {
	case !exists:
		return errNoBucket
	case decision != policy.Allow:
		return &wire.Fault{Code: "AccessDenied", Message: "The bucket's policy does not let CloudTrail write " + o.key}
	}
	return c.buckets.Put(ctx, o.bucket, o.key, bytes.NewReader(o.body), int64(len(o.body)), o.meta)
}

// ownPut is the call that CloudTrail makes for a trail.
func (c *Cloud) ownPut(o object, err error) wire.Call {
	const service = "cloudtrail.amazonaws.com"
	region, _ := c.buckets.Region(o.bucket)
	call := wire.Call{
		Time: c.cfg.Now(), EventSource: "s3.amazonaws.com", EventName: "PutObject", RequestID: uuid.NewString(),
		Caller: wire.Caller{
			AccountID: c.cfg.AccountID, Region: region, SourceIP: service, UserAgent: service,
			Identity: json.RawMessage(`{"type":"AWSService","invokedBy":"` + service + `"}`),
		},
		Request: map[string]any{"bucketName": o.bucket, "key": o.key, "x-amz-acl": "bucket-owner-full-control"},
		Resources: []wire.Resource{
			{Type: "AWS::S3::Object", ARN: "arn:aws:s3:::" + o.bucket + "/" + o.key},
			{Type: "AWS::S3::Bucket", ARN: "arn:aws:s3:::" + o.bucket, AccountID: c.cfg.AccountID},
		},
		Additional: map[string]any{"bytesTransferredIn": len(o.body), "bytesTransferredOut": 0},
	}
	if fault := (*wire.Fault)(nil); errors.As(err, &fault) {
		call.Fault = fault
	} else if err != nil {
		call.Fault = &wire.Fault{Code: "InternalError", Message: "We encountered an internal error. Please try again."}
	}
	return call
}

// delivered keeps GetTrailStatus true.
func (c *Cloud) delivered(f logfiles.File, err error) {
	if err == nil {
		c.tally.delivered.Add(int64(f.Records))
	}
	c.trails.Delivered(f.Destination.TrailARN, c.cfg.Now(), err)
	if err == nil {
		c.tellTopic(f)
	}
}

func (c *Cloud) digested(trailARN string, err error) { c.trails.Digested(trailARN, c.cfg.Now(), err) }

// leaving is how long requests that are under way may take to end; a client that
// has sent half of one must not keep the waiting records from being delivered.
const leaving = 3 * time.Second

// endRequests closes the port, and then what has not ended by itself.
func (c *Cloud) endRequests(ctx context.Context) {
	c.hangUp()
	ctx, cancel := context.WithTimeout(ctx, leaving)
	defer cancel()
	if err := c.server.Shutdown(ctx); err != nil {
		c.cfg.Log.Warn("cutting off requests that did not end", "error", err, "close", c.server.Close())
	}
}
