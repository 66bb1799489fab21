package trails

import (
	"cmp"
	"context"
	"regexp"
	"strings"

	"github.com/trailhand/trailhand/internal/cloud/buckets/policy"
	"github.com/trailhand/trailhand/internal/cloud/wire"
)

const (
	maxPrefix = 200
	maxTopic  = 256
)

// destinations is where a request sends a trail's files. nil keeps what is
// set; "" clears it, except the bucket.
type destinations struct {
	bucket, prefix, topic, key, logGroup, logRole *string
}

// setDestinations checks the form of what a request gives and sets it.
func (t *Trail) setDestinations(d destinations) error {
	if d.bucket != nil || t.S3BucketName == "" {
		if !isBucketName(value(d.bucket)) {
			return fault("InvalidS3BucketName", "Bucket name %q is not valid.", value(d.bucket))
		}
		t.S3BucketName = *d.bucket
	}
	t.S3KeyPrefix = or(d.prefix, t.S3KeyPrefix)
	if len(t.S3KeyPrefix) > maxPrefix {
		return fault("InvalidS3Prefix", "S3 key prefix is %d characters long. The maximum is %d.", len(t.S3KeyPrefix), maxPrefix)
	}
	if err := t.setTopic(d.topic); err != nil {
		return err
	}
	if err := t.setKey(d.key); err != nil {
		return err
	}
	return t.setLogGroup(d.logGroup, d.logRole)
}

// isBucketName holds the rules for names of general purpose buckets.
func isBucketName(name string) bool {
	form := regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)
	return form.MatchString(name) && !strings.Contains(name, "..") && !isAddress(name)
}

// setTopic takes the name or the ARN of an SNS topic.
func (t *Trail) setTopic(topic *string) error {
	if topic == nil || *topic == "" {
		t.SNSTopicARN = or(topic, t.SNSTopicARN)
		return nil
	}
	name := *topic
	full := "arn:" + partition(t.HomeRegion) + ":sns:" + t.HomeRegion + ":" + t.AccountID + ":" + name
	if a, ok := parseARN(name); ok && a.service == "sns" && isAccount(a.account) {
		full, name = name, a.resource
	}
	if len(*topic) > maxTopic || !regexp.MustCompile(`^[A-Za-z0-9_-]+(\.fifo)?$`).MatchString(name) {
		return fault("InvalidSnsTopicName", "SNS topic name %s is not valid.", *topic)
	}
	t.SNSTopicARN = full
	return nil
}

// setKey takes a KMS key's id, ARN, alias, or an alias's ARN.
func (t *Trail) setKey(key *string) error {
	if key == nil || *key == "" {
		t.KMSKeyID = or(key, t.KMSKeyID)
		return nil
	}
	resource, full := *key, *key
	if a, ok := parseARN(*key); ok && a.service == "kms" && isAccount(a.account) {
		resource = a.resource
	} else {
		if !strings.HasPrefix(resource, "alias/") {
			resource = "key/" + resource
		}
		full = "arn:" + partition(t.HomeRegion) + ":kms:" + t.HomeRegion + ":" + t.AccountID + ":" + resource
	}
	form := regexp.MustCompile(`^(alias/[A-Za-z0-9/_-]+|key/(mrk-[0-9a-f]{32}|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}))$`)
	if !form.MatchString(resource) {
		return fault("InvalidKmsKeyId", "KMS key ID %s is not valid.", *key)
	}
	t.KMSKeyID = full
	return nil
}

// setLogGroup takes a CloudWatch Logs group and the role to write there with,
// of which a trail has both or neither.
func (t *Trail) setLogGroup(group, role *string) error {
	t.LogGroupARN, t.LogRoleARN = or(group, t.LogGroupARN), or(role, t.LogRoleARN)
	if (t.LogGroupARN == "") != (t.LogRoleARN == "") {
		return fault("InvalidParameterCombination", "You must specify both a CloudWatch Logs log group ARN and a role ARN, or neither.")
	}
	if t.LogGroupARN == "" {
		return nil
	}
	g, ok := parseARN(t.LogGroupARN)
	if !ok || g.service != "logs" || g.region != t.HomeRegion || g.account != t.AccountID || !regexp.MustCompile(`^log-group:[A-Za-z0-9._/#-]{1,512}(:\*)?$`).MatchString(g.resource) {
		return fault("InvalidCloudWatchLogsLogGroupArn", "CloudTrail cannot validate the specified log group ARN.")
	}
	r, ok := parseARN(t.LogRoleARN)
	if !ok || r.service != "iam" || r.region != "" || !isAccount(r.account) || !strings.HasPrefix(r.resource, "role/") {
		return fault("InvalidCloudWatchLogsRoleArn", "CloudTrail cannot validate the specified role ARN.")
	}
	return nil
}

// checkDestinations holds that CloudTrail may write to what a trail names. A
// key that is named by an alias is from now on named by its own ARN.
func (ts *Trails) checkDestinations(ctx context.Context, t *Trail) error {
	if f := ts.checkBucket(t); f != nil {
		return f
	}
	d := ts.cfg.Dependencies
	if d == nil {
		return nil
	}
	if t.SNSTopicARN != "" {
		if err := d.Topic(ctx, t.SNSTopicARN, t.ARN); err != nil {
			return orFault(err, "InsufficientSnsTopicPolicy", "SNS Topic does not exist or the topic policy is incorrect!")
		}
	}
	if t.KMSKeyID != "" {
		key, err := d.Key(ctx, t.KMSKeyID, t.ARN)
		if err != nil {
			return orFault(err, "KmsKeyNotFound", "KMS key "+t.KMSKeyID+" does not exist.")
		}
		t.KMSKeyID = cmp.Or(key, t.KMSKeyID)
	}
	if t.LogGroupARN != "" {
		if err := d.LogGroup(ctx, t.LogGroupARN, t.LogRoleARN, t.ARN); err != nil {
			return orFault(err, "InvalidCloudWatchLogsLogGroupArn", "CloudTrail cannot validate the specified log group ARN.")
		}
	}
	return nil
}

// checkBucket holds that the bucket exists and that its policy lets CloudTrail
// read its ACL and write log files. Source: CloudTrail User Guide, "Amazon S3
// bucket policy for CloudTrail".
func (ts *Trails) checkBucket(t *Trail) *wire.Fault {
	bucketARN := "arn:" + partition(t.HomeRegion) + ":s3:::" + t.S3BucketName
	keys := map[string]string{"aws:SourceArn": t.ARN, "aws:SourceAccount": t.AccountID}
	d, exists := ts.cfg.Buckets.Allows(t.S3BucketName, source, "s3:GetBucketAcl", bucketARN, keys)
	if !exists {
		return fault("S3BucketDoesNotExist", "S3 bucket %s does not exist!", t.S3BucketName)
	}
	allowed := d == policy.Allow
	keys["s3:x-amz-acl"] = "bucket-owner-full-control"
	for _, folder := range t.folders() {
		d, _ := ts.cfg.Buckets.Allows(t.S3BucketName, source, "s3:PutObject", bucketARN+"/"+folder+"*", keys)
		allowed = allowed && d == policy.Allow
	}
	if !allowed {
		return fault("InsufficientS3BucketPolicy", "Incorrect S3 bucket policy is detected for bucket: %s", t.S3BucketName)
	}
	return nil
}

// folders are the beginnings of the keys under which a trail writes.
func (t *Trail) folders() []string {
	root := "AWSLogs/"
	if t.S3KeyPrefix != "" {
		root = t.S3KeyPrefix + "/" + root
	}
	own := []string{root + t.AccountID + "/"}
	if t.IsOrganization {
		return append(own, root+t.OrganizationID+"/")
	}
	return own
}
