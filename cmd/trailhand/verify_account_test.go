package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/trailhand/trailhand/internal/conform"
)

// signed starts an account whose trail delivers log files and digests of a
// second, and stops its logging when some are there.
func signed(t *testing.T) (l *local, trailARN string) {
	t.Helper()
	l = startLocal(t, "--digest-interval", "1s")
	c := conform.Dial(l.url, conform.Region)
	policy := strings.ReplaceAll(logBucket, "BUCKET", digestBucket)
	_, err := c.S3.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String(digestBucket)})
	if err == nil {
		_, err = c.S3.PutBucketPolicy(t.Context(), &s3.PutBucketPolicyInput{Bucket: aws.String(digestBucket), Policy: &policy})
	}
	if err != nil {
		t.Fatal(err)
	}
	made, err := c.CloudTrail.CreateTrail(t.Context(), &cloudtrail.CreateTrailInput{
		Name: aws.String("signed"), S3BucketName: aws.String(digestBucket), EnableLogFileValidation: aws.Bool(true)})
	if err == nil {
		_, err = c.CloudTrail.StartLogging(t.Context(), &cloudtrail.StartLoggingInput{Name: made.TrailARN})
	}
	if err != nil {
		t.Fatal(err)
	}
	waitUntil(t, func() error {
		_, err := c.CloudTrail.ListTrails(t.Context(), &cloudtrail.ListTrailsInput{})
		_, result := l.verify(t)
		if err == nil && (result.Digests.Valid < 3 || result.LogFiles.Valid < 2) {
			err = fmt.Errorf("%d digests and %d log files are valid", result.Digests.Valid, result.LogFiles.Valid)
		}
		return err
	})
	if _, err := c.CloudTrail.StopLogging(t.Context(), &cloudtrail.StopLoggingInput{Name: made.TrailARN}); err != nil {
		t.Fatal(err)
	}
	time.Sleep(3 * time.Second) // the last log file, and the digest of it
	return l, *made.TrailARN
}

// verify runs the command with the keys of ListPublicKeys.
func (l *local) verify(t *testing.T) (code int, result verified) {
	t.Helper()
	var out, errs bytes.Buffer
	env := []string{"AWS_ENDPOINT_URL=" + l.url, "AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY=secret", "AWS_REGION=us-east-1"}
	code = run(t.Context(), []string{"verify", "--json", "s3://" + digestBucket}, env, nil, &out, &errs)
	if err := json.Unmarshal(out.Bytes(), &result); err != nil && !strings.Contains(errs.String(), "no digest files") {
		t.Fatalf("%v in %q; %s", err, out.String(), errs.String())
	}
	return code, result
}

// validateLogs runs the aws command line's own check; empty if it is not installed.
func (l *local) validateLogs(t *testing.T, trailARN string) string {
	t.Helper()
	if _, err := exec.LookPath("aws"); err != nil {
		t.Log("aws is not installed: that both agree goes unchecked here")
		return ""
	}
	from := time.Now().Add(-time.Hour).UTC().Format(time.RFC3339)
	out, err := l.try(t, "aws", "cloudtrail", "validate-logs", "--trail-arn", trailARN, "--start-time", from, "--verbose")
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return out
}

func TestAnAccountsDigestsAreVerifiedWithItsPublicKeysAndTheAWSCommandLineAgrees(t *testing.T) {
	l, arn := signed(t)
	code, result := l.verify(t)
	if code != exitOK || result.LogFiles.Checked == 0 {
		t.Fatalf("exit code %d, %+v", code, result)
	}
	said := fmt.Sprintf("%d/%d digest files valid\n%d/%d log files valid", result.Digests.Valid, result.Digests.Checked, result.LogFiles.Valid, result.LogFiles.Checked)
	if out := l.validateLogs(t, arn); out != "" && !strings.Contains(out, said) {
		t.Errorf("want %s:\n%s", said, out)
	}

	changed := l.overwriteOne(t)
	code, result = l.verify(t)
	if code != exitFailed || len(result.Findings) != 1 || result.Findings[0].What != "tampered" || result.Findings[0].File != changed {
		t.Errorf("exit code %d, %+v", code, result.Findings)
	}
	said = fmt.Sprintf("%d/%d log files valid, 1/%[2]d log files INVALID", result.LogFiles.Valid, result.LogFiles.Checked)
	if out := l.validateLogs(t, arn); out != "" && (!strings.Contains(out, said) || !strings.Contains(out, changed+"\tINVALID")) {
		t.Errorf("want %s, for %s:\n%s", said, changed, out)
	}
}

// overwriteOne changes a log file, and gives its name.
func (l *local) overwriteOne(t *testing.T) string {
	t.Helper()
	c := conform.Dial(l.url, conform.Region).S3
	list, err := c.ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: aws.String(digestBucket), Prefix: aws.String("AWSLogs/123456789012/CloudTrail/")})
	if err != nil || len(list.Contents) == 0 {
		t.Fatalf("%v, %v", list, err)
	}
	key := list.Contents[0].Key
	if _, err := c.PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String(digestBucket), Key: key, Body: strings.NewReader("nonsense")}); err != nil {
		t.Fatal(err)
	}
	return "s3://" + digestBucket + "/" + *key
}
