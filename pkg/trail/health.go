package trail

import (
	"cmp"
	"context"
	"time"
)

// BucketPolicies reads the policies of buckets.
type BucketPolicies interface {
	// BucketPolicy gives a bucket's policy document; empty without an error when
	// it has none.
	BucketPolicy(ctx context.Context, bucket string) (string, error)
}

// health finds what is wrong with a trail that no setting shows.
func (r *run) health(ctx context.Context) []Drift {
	o := r.observed
	found := deliveries(o, cmp.Or(r.spec.DeliveryOverdue, 2*time.Hour), r.now)
	a, _ := parseARN(o.ARN)
	selector, covers := o.Selectors.CoversBucket(partition(o.ARN), value(o.S3BucketName), logPrefix(value(o.S3KeyPrefix), a.account))
	if covers {
		found = append(found, Drift{Field: LogBucketDataEvents, Want: "none", Got: selector,
			Why: "a data event selector covers the trail's own log bucket: each delivered file makes events for the next"})
	}
	return append(found, r.bucketPolicy(ctx)...)
}

// deliveries reads the status of a trail.
func deliveries(o *Observed, overdue time.Duration, now time.Time) []Drift {
	var found []Drift
	if e := o.Status.LatestDeliveryError; e != "" {
		found = append(found, Drift{Field: LatestDeliveryError, Want: "", Got: e, Why: "S3 refused the last log file"})
	}
	if e := o.Status.LatestNotificationError; e != "" {
		found = append(found, Drift{Field: LatestNotificationError, Want: "", Got: e, Why: "SNS refused the last notification"})
	}
	quiet := o.Status.LatestDeliveryTime
	if o.Status.StartLoggingTime.After(quiet) {
		quiet = o.Status.StartLoggingTime
	}
	if o.IsLogging && !quiet.IsZero() && now.Sub(quiet) > overdue {
		found = append(found, Drift{Field: LatestDeliveryTime, Want: "within " + overdue.String(), Got: o.Status.LatestDeliveryTime,
			Why: "no log file was delivered for " + now.Sub(quiet).Round(time.Minute).String()})
	}
	return found
}

// bucketPolicy finds what the log bucket's policy lacks. That it cannot be read, as
// another account's bucket cannot, is no finding.
func (r *run) bucketPolicy(ctx context.Context) []Drift {
	o := r.observed
	bucket := value(o.S3BucketName)
	if r.Policies == nil || bucket == "" {
		return nil
	}
	document, err := r.Policies.BucketPolicy(ctx, bucket)
	if err != nil {
		r.Log.Warn("the policy of a log bucket is not checked", "trail", o.Name, "bucket", bucket, "error", err)
		return nil
	}
	missing := missingGrants(document, o)
	if len(missing) == 0 {
		return nil
	}
	return []Drift{{Field: LogBucketPolicy, Want: missing, Got: document, Why: "the bucket's policy does not let CloudTrail deliver"}}
}
