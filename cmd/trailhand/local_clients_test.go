package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestTheCommandsOfTheUserGuideAreServed runs each `aws cloudtrail` command of
// the CloudTrail User Guide. The check is not part of the repository.
func TestTheCommandsOfTheUserGuideAreServed(t *testing.T) {
	check := os.Getenv("TRAILHAND_CLI_CHECK")
	if check == "" {
		check = filepath.Join("..", "..", "..", "shared", "checks", "seed_cli.py")
	}
	check, err := filepath.Abs(check)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(check); err != nil {
		t.Skip("TRAILHAND_CLI_CHECK names no script: the commands of the User Guide go unchecked here")
	}
	l := startLocal(t)
	l.tool(t, "aws", "--version")
	out := l.tool(t, "python3", check, l.url)
	counts := regexp.MustCompile(`(\d+) passed`).FindStringSubmatch(out)
	if counts == nil || counts[1] != "55" {
		t.Errorf("want 55 passed:\n%s", out)
	}
}

// logBucket is what every client makes first: a bucket that CloudTrail may write to.
const logBucket = `{"Version":"2012-10-17","Statement":[
{"Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},"Action":"s3:GetBucketAcl","Resource":"arn:aws:s3:::BUCKET"},
{"Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},"Action":"s3:PutObject","Resource":"arn:aws:s3:::BUCKET/*",
 "Condition":{"StringEquals":{"s3:x-amz-acl":"bucket-owner-full-control"}}}]}`

// boto3Script is an auditor's day with boto3.
const boto3Script = `
import boto3, botocore, gzip, json, time
trail = boto3.client("cloudtrail")
s3 = boto3.client("s3")
def code(call, **kw):
    try:
        call(**kw)
    except botocore.exceptions.ClientError as e:
        return e.response["Error"]["Code"]
assert boto3.client("sts").get_caller_identity()["Account"] == "123456789012"
assert code(trail.create_trail, Name="audit", S3BucketName="audit-logs") == "S3BucketDoesNotExistException"
s3.create_bucket(Bucket="audit-logs")
assert code(trail.create_trail, Name="audit", S3BucketName="audit-logs") == "InsufficientS3BucketPolicyException"
s3.put_bucket_policy(Bucket="audit-logs", Policy=POLICY)
made = trail.create_trail(Name="audit", S3BucketName="audit-logs", IsMultiRegionTrail=True, EnableLogFileValidation=True, TagsList=[{"Key": "team", "Value": "audit"}])
arn = made["TrailARN"]
assert arn == "arn:aws:cloudtrail:us-east-1:123456789012:trail/audit", arn
assert code(trail.create_trail, Name="audit", S3BucketName="audit-logs") == "TrailAlreadyExistsException"
assert code(trail.get_trail, Name="nobody") == "TrailNotFoundException"
assert trail.get_trail_status(Name="audit")["IsLogging"] is False
trail.start_logging(Name=arn)
status = trail.get_trail_status(Name="audit")
assert status["IsLogging"] is True and status["StartLoggingTime"].year >= 2024, status
assert [t["Name"] for t in boto3.client("cloudtrail", region_name="eu-west-1").describe_trails()["trailList"]] == ["audit"]
assert boto3.client("cloudtrail", region_name="eu-west-1").describe_trails(includeShadowTrails=False)["trailList"] == []
trail.put_event_selectors(TrailName="audit", AdvancedEventSelectors=[
    {"Name": "management", "FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}]},
    {"Name": "objects", "FieldSelectors": [{"Field": "eventCategory", "Equals": ["Data"]}, {"Field": "resources.type", "Equals": ["AWS::S3::Object"]},
        {"Field": "resources.ARN", "StartsWith": ["arn:aws:s3:::audit-data/"]}]}])
assert len(trail.get_event_selectors(TrailName="audit")["AdvancedEventSelectors"]) == 2
assert [p["Trails"] for p in trail.get_paginator("list_trails").paginate()][0][0]["Name"] == "audit"
s3.create_bucket(Bucket="audit-data")
s3.put_object(Bucket="audit-data", Key="a", Body=b"1")
s3.put_object(Bucket="audit-logs", Key="not-selected", Body=b"1")
def delivered():
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket="audit-logs", Prefix="AWSLogs/123456789012/CloudTrail/"):
        for o in page.get("Contents", []):
            yield from json.loads(gzip.decompress(s3.get_object(Bucket="audit-logs", Key=o["Key"])["Body"].read()))["Records"]
want = {"StartLogging", "PutEventSelectors", "CreateBucket", "PutObject", "GetTrailStatus"}
for _ in range(100):
    records = list(delivered())
    if want <= {r["eventName"] for r in records}:
        break
    time.sleep(0.2)
names = [r["eventName"] for r in records]
assert want <= set(names), names
assert "CreateTrail" not in names, "recorded before logging began"
put = [r for r in records if r["eventName"] == "PutObject"]
assert [r["requestParameters"]["bucketName"] for r in put] == ["audit-data"], put
assert put[0]["eventCategory"] == "Data" and put[0]["readOnly"] is False and put[0]["managementEvent"] is False, put
assert put[0]["userAgent"].startswith("[Boto3/"), put
ids = [r["eventID"] for r in records]
assert len(ids) == len(set(ids)), "a record twice"
trail.stop_logging(Name="audit")
trail.delete_trail(Name="audit")
assert trail.describe_trails()["trailList"] == []
print("good")
`

func TestBoto3IsServed(t *testing.T) {
	l := startLocal(t)
	if out, err := l.try(t, "python3", "-c", "import boto3"); err != nil {
		t.Skipf("boto3 is not installed, what it expects of the account goes unchecked here: %s", out)
	}
	policy := "r'''" + strings.ReplaceAll(logBucket, "BUCKET", "audit-logs") + "'''"
	if got := l.tool(t, "python3", "-c", strings.ReplaceAll(boto3Script, "POLICY)", policy+")")); got != "good" {
		t.Error(got)
	}
}

func TestAWSEventsIsServed(t *testing.T) {
	l := startLocal(t)
	aws := func(args ...string) string { t.Helper(); return l.tool(t, "aws", append(args, "--output", "text")...) }
	queue := aws("sqs", "create-queue", "--queue-name", "heard")
	aws("events", "put-rule", "--name", "mine", "--event-pattern", `{"source":["my.app"],"detail":{"n":[{"numeric":[">",1]}]}}`)
	aws("events", "put-rule", "--name", "stops", "--event-pattern",
		`{"source":["aws.cloudtrail"],"detail-type":["AWS API Call via CloudTrail"],"detail":{"eventName":["StopLogging"]}}`)
	for _, rule := range []string{"mine", "stops"} {
		aws("events", "put-targets", "--rule", rule, "--targets", "Id=q,Arn=arn:aws:sqs:us-east-1:123456789012:heard")
	}
	if got := aws("events", "list-targets-by-rule", "--rule", "mine", "--query", "Targets[].Id"); got != "q" {
		t.Errorf("targets %q", got)
	}
	aws("events", "put-events", "--entries", `[{"Source":"my.app","DetailType":"it","Detail":"{\"n\":2}"},{"Source":"my.app","DetailType":"it","Detail":"{\"n\":1}"}]`)
	if got := receive(t, l, queue); !strings.Contains(got, `"n":2`) && !strings.Contains(got, `"n": 2`) {
		t.Errorf("heard %q", got)
	}
	l.makeTrail(t, "watched")
	aws("cloudtrail", "start-logging", "--name", "watched")
	aws("cloudtrail", "stop-logging", "--name", "watched")
	if got := receive(t, l, queue); !strings.Contains(got, `"eventName":"StopLogging"`) || !strings.Contains(got, `"detail-type":"AWS API Call via CloudTrail"`) {
		t.Errorf("heard %q", got)
	}
	if got := aws("events", "test-event-pattern", "--event-pattern", `{"source":[{"prefix":"my."}]}`, "--event",
		`{"id":"1","source":"my.app","detail-type":"it","account":"123456789012","region":"us-east-1","time":"2026-01-01T00:00:00Z","resources":[],"detail":{}}`); got != "True" {
		t.Errorf("test-event-pattern says %q", got)
	}
	if out, err := l.try(t, "aws", "events", "delete-rule", "--name", "mine"); err == nil || !strings.Contains(out, "ValidationException") {
		t.Errorf("deleting a rule that has targets: %v %s", err, out)
	}
	aws("events", "remove-targets", "--rule", "mine", "--ids", "q")
	aws("events", "delete-rule", "--name", "mine")
}

// receive takes one message from a queue, and gives its body.
func receive(t *testing.T, l *local, queue string) string {
	t.Helper()
	body := l.tool(t, "aws", "sqs", "receive-message", "--queue-url", queue, "--wait-time-seconds", "10", "--query", "Messages[0].[ReceiptHandle,Body]", "--output", "text")
	handle, body, _ := strings.Cut(body, "\t")
	l.tool(t, "aws", "sqs", "delete-message", "--queue-url", queue, "--receipt-handle", handle)
	return body
}

// makeTrail makes a trail with a bucket of its own: NAME-logs.
func (l *local) makeTrail(t *testing.T, name string) {
	t.Helper()
	bucket := name + "-logs"
	l.tool(t, "aws", "s3api", "create-bucket", "--bucket", bucket)
	l.tool(t, "aws", "s3api", "put-bucket-policy", "--bucket", bucket, "--policy", strings.ReplaceAll(logBucket, "BUCKET", bucket))
	l.tool(t, "aws", "cloudtrail", "create-trail", "--name", name, "--s3-bucket-name", bucket)
}
