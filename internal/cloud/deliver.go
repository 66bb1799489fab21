package cloud

import (
	"bytes"
	"context"
	"crypto/md5"
	"encoding/json"
	"errors"
	"fmt"
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
	c.intake.Settle()
	return c.files.Flush(ctx)
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

// putLogFile takes a log file to its trail's bucket or log group.
func (c *Cloud) putLogFile(ctx context.Context, f logfiles.File, gz []byte) error {
	if f.Destination.LogGroup {
		return c.putLogEvents(ctx, f, gz)
	}
	d := f.Destination
	meta := buckets.Meta{ContentType: "application/json", ContentEncoding: "gzip"}
	return c.put(ctx, object{trailARN: d.TrailARN, bucket: d.Bucket, key: f.Key, body: gz, meta: meta, again: f.Again})
}

// object is what a trail has to put into its bucket.
type object struct {
	trailARN, bucket, key string
	body                  []byte
	meta                  buckets.Meta
	again                 bool // an earlier attempt may have stored it
}

// put stores an object of a trail, if the bucket's policy lets CloudTrail in,
// and records that it did: it is a data event of the bucket, as any other write.
func (c *Cloud) put(ctx context.Context, o object) error {
	err := c.store(ctx, o)
	switch logging := c.trails.Logging(c.cfg.AccountID); {
	case err == nil: // if it is put again, it is under the same name, and so is the event
		name := uuid.NewSHA1(uuid.NameSpaceURL, []byte("s3://"+o.bucket+"/"+o.key))
		c.observeAs(ctx, c.ownPut(o, nil), name.String(), logging)
	case !errors.Is(err, errNoBucket):
		c.observe(ctx, c.ownPut(o, err), logging)
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
	if o.again {
		there, err := c.stored(ctx, o)
		if there || err != nil {
			return err
		}
	}
	return c.buckets.Put(ctx, o.bucket, o.key, bytes.NewReader(o.body), int64(len(o.body)), o.meta)
}

// stored reports whether an object is there as it should be. Its bucket's
// notification may have died with the process that stored it, and is sent again.
func (c *Cloud) stored(ctx context.Context, o object) (bool, error) {
	found, err := c.buckets.Head(ctx, o.bucket, o.key)
	if errors.Is(err, buckets.ErrNoSuchKey) {
		return false, nil
	}
	if err != nil || found.ETag != fmt.Sprintf("%x", md5.Sum(o.body)) {
		return false, err
	}
	region, _ := c.buckets.Region(o.bucket)
	c.notify(buckets.ObjectEvent{
		Time: c.cfg.Now(), EventName: "ObjectCreated:Put", Operation: "PutObject", Region: region, Bucket: o.bucket, Key: o.key,
		Size: found.Size, ETag: found.ETag, VersionID: found.VersionID, Sequencer: fmt.Sprintf("%018X", found.LastModified.UnixNano()),
	})
	return true, nil
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
	if f.Destination.LogGroup {
		if t, _ := c.trails.Trail(f.Destination.TrailARN); t.LogGroupARN == "" {
			return // it has none any more
		}
		c.trails.SentToLogGroup(f.Destination.TrailARN, c.cfg.Now(), err)
		return
	}
	if err == nil {
		c.tally.delivered.Add(int64(f.Records))
	}
	c.trails.Delivered(f.Destination.TrailARN, c.cfg.Now(), err)
}

func (c *Cloud) digested(trailARN string, err error) { c.trails.Digested(trailARN, c.cfg.Now(), err) }
