package main

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/trailhand/trailhand/internal/cloud"
	"github.com/trailhand/trailhand/internal/conform/moto"
)

// write puts a text into a file of the test's own.
func write(t *testing.T, name, text string) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestWithCredentialsAWrongSignatureIsRefused(t *testing.T) {
	credentials := write(t, "credentials", "[default]\naws_access_key_id=AKIAIOSFODNN7EXAMPLE\naws_secret_access_key=secret\n[other]\naws_access_key_id=AKIAOTHER\naws_secret_access_key=other\n")
	identities := write(t, "identities.json", `{"AKIAIOSFODNN7EXAMPLE":{"userName":"alice","accountId":"111122223333"}}`)
	l := startLocal(t, "--credentials", credentials, "--identities", identities)
	if got := l.tool(t, "aws", "sts", "get-caller-identity", "--query", "Arn", "--output", "text"); got != "arn:aws:iam::111122223333:user/alice" {
		t.Errorf("I am %q", got)
	}
	object := write(t, "object", "hello")
	l.tool(t, "aws", "s3", "mb", "s3://signed")
	l.tool(t, "aws", "s3", "cp", object, "s3://signed/object")
	for _, c := range []struct{ name, key, secret, sts, s3, trails string }{
		{"an unknown key", "AKIANOBODY", "secret", "InvalidClientTokenId", "InvalidAccessKeyId", "UnrecognizedClientException"},
		{"a wrong secret", "AKIAIOSFODNN7EXAMPLE", "guess", "SignatureDoesNotMatch", "SignatureDoesNotMatch", "InvalidSignatureException"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for args, code := range map[string]string{"sts get-caller-identity": c.sts, "s3api list-buckets": c.s3, "cloudtrail describe-trails": c.trails} {
				script := fmt.Sprintf("AWS_ACCESS_KEY_ID=%s AWS_SECRET_ACCESS_KEY=%s exec aws --endpoint-url %s %s", c.key, c.secret, l.url, args)
				if out, err := l.try(t, "sh", "-c", script); err == nil || !strings.Contains(out, "("+code+")") {
					t.Errorf("%s: %v %s; want %s", args, err, out, code)
				}
			}
		})
	}
	if health := l.get(t, "/_trailhand/health"); !strings.Contains(health, `"callsRefused":6`) {
		t.Errorf("health: %s", health)
	}
}

func TestFilesThatCannotBeReadAreAllTold(t *testing.T) {
	var out, errs strings.Builder
	args := []string{"local", "--data", t.TempDir(), "--identities", write(t, "i", `{"A":{}}`), "--credentials", "/nonexistent", "--organization", write(t, "o", `{}`)}
	if code := run(t.Context(), args, nil, nil, &out, &errs); code != exitUsage {
		t.Errorf("exit code %d", code)
	}
	for _, flag := range []string{"--identities", "--credentials", "--organization"} {
		if !strings.Contains(errs.String(), flag) {
			t.Errorf("nothing is said of %s: %s", flag, errs.String())
		}
	}
}

func TestTheFilesOfTheHelpAreRead(t *testing.T) {
	f := localFiles{identities: write(t, "i", identitiesExample), organization: write(t, "o", organizationExample)}
	cfg := cloud.Config{AccountID: "123456789012"}
	if err := f.read(&cfg); err != nil {
		t.Fatal(err)
	}
	if len(cfg.Identities) != 2 || cfg.Identities[0].ARN != "arn:aws:iam::111122223333:user/alice" || cfg.Organization.Members[0] != "333344445555" {
		t.Errorf("read %+v, %+v", cfg.Identities, cfg.Organization)
	}
}

func TestLocalListensOnLoopbackUnlessToldOtherwise(t *testing.T) {
	address, err := netip.ParseAddrPort(newLocal(process{}).Flag("listen").DefValue)
	if err != nil || !address.Addr().IsLoopback() {
		t.Errorf("it listens on %s, %v", address, err)
	}
}

func TestAnOrganizationsTrailTakesTheEventsOfItsMembers(t *testing.T) {
	organization := write(t, "organization.json", `{"id":"o-exampleorgid","managementAccount":"123456789012","members":["444455556666"]}`)
	identities := write(t, "identities.json", `{"AKIAMEMBER":{"userName":"bob","accountId":"444455556666"}}`)
	l := startLocal(t, "--organization", organization, "--identities", identities)
	l.tool(t, "aws", "s3api", "create-bucket", "--bucket", "org-logs")
	l.tool(t, "aws", "s3api", "put-bucket-policy", "--bucket", "org-logs", "--policy", strings.ReplaceAll(logBucket, "BUCKET", "org-logs"))
	l.tool(t, "aws", "cloudtrail", "create-trail", "--name", "org", "--s3-bucket-name", "org-logs", "--is-organization-trail", "--is-multi-region-trail")
	l.tool(t, "aws", "cloudtrail", "start-logging", "--name", "org")
	member := "AWS_ACCESS_KEY_ID=AKIAMEMBER exec aws --endpoint-url " + l.url + " "
	l.tool(t, "sh", "-c", member+"sts get-caller-identity")
	if out, err := l.try(t, "sh", "-c", member+"cloudtrail stop-logging --name arn:aws:cloudtrail:us-east-1:123456789012:trail/org"); err == nil {
		t.Errorf("a member stopped the organization's trail: %s", out)
	}
	waitUntil(t, func() error {
		keys := l.tool(t, "aws", "s3api", "list-objects-v2", "--bucket", "org-logs", "--query", "Contents[].Key", "--output", "text")
		for _, account := range []string{"123456789012", "444455556666"} {
			if want := "AWSLogs/o-exampleorgid/" + account + "/CloudTrail/us-east-1/"; !strings.Contains(keys, want) {
				return fmt.Errorf("no log file under %s: %s", want, keys)
			}
		}
		return nil
	})
}

// upstreamScript uses services of every protocol, and then reads the log files.
const upstreamScript = `
import boto3, botocore, gzip, io, json, time, zipfile
ec2, iam, ddb, fn, cw, ssm, r53 = (boto3.client(s) for s in ("ec2", "iam", "dynamodb", "lambda", "cloudwatch", "ssm", "route53"))
s3, sqs = boto3.client("s3"), boto3.client("sqs", endpoint_url="URL")
trail = boto3.client("cloudtrail")
trail.put_event_selectors(TrailName="watched", AdvancedEventSelectors=[
    {"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}]},
    {"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Data"]}, {"Field": "resources.type", "Equals": ["AWS::DynamoDB::Table"]}]}])
trail.start_logging(Name="watched")
image = ec2.describe_images()["Images"][0]["ImageId"]
ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1, InstanceType="t3.micro")
try:
    ec2.terminate_instances(InstanceIds=["i-00000000000000000"])
except botocore.exceptions.ClientError as e:
    assert e.response["Error"]["Code"] == "InvalidInstanceID.NotFound", e
iam.create_user(UserName="mallory")
secret = iam.create_access_key(UserName="mallory")["AccessKey"]["SecretAccessKey"]
ddb.create_table(TableName="Music", KeySchema=[{"AttributeName": "Artist", "KeyType": "HASH"}], AttributeDefinitions=[{"AttributeName": "Artist", "AttributeType": "S"}], BillingMode="PAY_PER_REQUEST")
ddb.put_item(TableName="Music", Item={"Artist": {"S": "x"}})
ddb.get_item(TableName="Music", Key={"Artist": {"S": "x"}})
fn.list_functions()
ssm.put_parameter(Name="p", Value="v", Type="SecureString")
r53.create_hosted_zone(Name="example.com", CallerReference="1")
cw.put_metric_alarm(AlarmName="a", MetricName="m", Namespace="n", Period=60, EvaluationPeriods=1, Threshold=1, ComparisonOperator="GreaterThanThreshold", Statistic="Sum")
def delivered():
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket="watched-logs", Prefix="AWSLogs/123456789012/CloudTrail/"):
        for o in page.get("Contents", []):
            yield from json.loads(gzip.decompress(s3.get_object(Bucket="watched-logs", Key=o["Key"])["Body"].read()))["Records"]
want = {"ec2 DescribeImages": True, "ec2 RunInstances": False, "ec2 TerminateInstances": False, "iam CreateUser": False, "iam CreateAccessKey": False, "dynamodb CreateTable": False,
    "dynamodb PutItem": False, "dynamodb GetItem": True, "lambda ListFunctions20150331": True, "ssm PutParameter": False, "route53 CreateHostedZone": False, "monitoring PutMetricAlarm": False}
def name(r): return r["eventSource"].split(".")[0] + " " + r["eventName"]
for _ in range(100):
    records = {name(r): r for r in delivered()}
    if set(want) <= set(records):
        break
    time.sleep(0.2)
assert set(want) <= set(records), set(want) - set(records)
for n, reads in want.items():
    assert records[n].get("readOnly") is reads, records[n]
run = records["ec2 RunInstances"]
assert run["requestParameters"]["imageId"] == image and run["responseElements"]["instancesSet"]["items"][0]["imageId"] == image, run
assert records["ec2 TerminateInstances"]["errorCode"] == "Client.InvalidInstanceID.NotFound", records["ec2 TerminateInstances"]
assert secret not in json.dumps(records["iam CreateAccessKey"]), "a secret in a record"
assert records["iam CreateAccessKey"]["responseElements"]["accessKey"]["userName"] == "mallory"
put = records["dynamodb PutItem"]
assert put["eventCategory"] == "Data" and put["resources"][0]["ARN"] == "arn:aws:dynamodb:us-east-1:123456789012:table/Music", put
assert records["ssm PutParameter"]["requestParameters"]["value"] == "HIDDEN_DUE_TO_SECURITY_REASONS", records["ssm PutParameter"]
heard = set()
for _ in range(20):
    for m in sqs.receive_message(QueueUrl=sqs.get_queue_url(QueueName="heard")["QueueUrl"], MaxNumberOfMessages=10, WaitTimeSeconds=2).get("Messages", []):
        heard.add(json.loads(m["Body"])["detail"]["eventName"])
    if {"RunInstances", "CreateUser"} <= heard:
        break
assert {"RunInstances", "CreateUser"} <= heard and "DescribeImages" not in heard, heard
print("good")
`

func TestAnEmulatorBehindTheAccountHasACloudTrail(t *testing.T) {
	l := startLocal(t, "--upstream", moto.Start(t))
	if out, err := l.try(t, "python3", "-c", "import boto3"); err != nil {
		t.Skipf("boto3 is not installed, passing on goes unchecked here: %s", out)
	}
	l.makeTrail(t, "watched")
	l.tool(t, "aws", "sqs", "create-queue", "--queue-name", "heard")
	l.tool(t, "aws", "events", "put-rule", "--name", "writes", "--event-pattern", `{"source":["aws.ec2","aws.iam"],"detail-type":["AWS API Call via CloudTrail"]}`)
	l.tool(t, "aws", "events", "put-targets", "--rule", "writes", "--targets", "Id=q,Arn=arn:aws:sqs:us-east-1:123456789012:heard")
	if got := l.tool(t, "python3", "-c", strings.ReplaceAll(upstreamScript, "URL", l.url)); got != "good" {
		t.Error(got)
	}
	if health := l.get(t, "/_trailhand/health"); !strings.Contains(health, `"upstream":{"calls":`) || !strings.Contains(health, `"callsUnnamed":0,"recordsWithoutReadOnly":0`) {
		t.Errorf("health: %s", health)
	}
}
