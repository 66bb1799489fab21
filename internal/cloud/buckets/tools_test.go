package buckets

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// tool runs a client that is not ours, if it is installed, against f.
func (f *fixture) tool(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := f.run(name, args...)
	if errors.Is(err, exec.ErrNotFound) {
		t.Skipf("%s is not installed: what it expects of S3 goes unchecked here", name)
	}
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return out
}

func (f *fixture) run(name string, args ...string) (string, error) {
	cmd := exec.Command(name, args...)
	cmd.Dir = os.TempDir()
	cmd.Env = append(os.Environ(), "AWS_ENDPOINT_URL="+f.url, "AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test", "AWS_REGION=us-east-1", "AWS_DEFAULT_REGION=us-east-1",
		"AWS_CONFIG_FILE="+os.DevNull, "AWS_SHARED_CREDENTIALS_FILE="+os.DevNull, "AWS_EC2_METADATA_DISABLED=true", "AWS_PAGER=")
	out, err := cmd.CombinedOutput()
	return strings.TrimSpace(string(out)), err
}

func TestTheAWSCommandLineIsServed(t *testing.T) {
	if testing.Short() {
		t.Skip("starting the command line takes seconds")
	}
	f := start(t)
	file := filepath.Join(t.TempDir(), "file")
	body := strings.Repeat("0123456789abcdef", 9<<20/16) // over 8 MiB: the command line uploads it in parts
	if err := os.WriteFile(file, []byte(body), 0o600); err != nil {
		t.Fatal(err)
	}
	f.tool(t, "aws", "s3", "mb", "s3://"+bkt, "--region", "eu-west-1")
	f.tool(t, "aws", "s3", "cp", file, "s3://"+bkt+"/a+b c/ü")
	f.tool(t, "aws", "s3", "cp", "s3://"+bkt+"/a+b c/ü", file+".back")
	if back, err := os.ReadFile(file + ".back"); err != nil || string(back) != body {
		t.Errorf("%d bytes came back, error %v", len(back), err)
	}
	if got := f.tool(t, "aws", "s3", "ls", "--recursive", "s3://"+bkt); !strings.HasSuffix(got, "a+b c/ü") {
		t.Errorf("listed %q", got)
	}
	f.tool(t, "aws", "s3api", "put-bucket-policy", "--bucket", bkt, "--policy", cloudTrailPolicy)
	if got := f.tool(t, "aws", "s3api", "get-bucket-location", "--bucket", bkt, "--output", "text"); got != "eu-west-1" {
		t.Errorf("location %q", got)
	}
	f.tool(t, "aws", "s3", "rm", "--recursive", "s3://"+bkt)
	f.tool(t, "aws", "s3", "rb", "s3://"+bkt)
	if got := len(f.events); got != 2 || f.events[0].EventName != "ObjectCreated:CompleteMultipartUpload" || f.events[1].EventName != "ObjectRemoved:Delete" {
		t.Errorf("events %+v", f.events)
	}
}

// boto3Script is a client's day with boto3; it prints what was wrong.
const boto3Script = `
import boto3, botocore.config, io, urllib.request
s3 = boto3.client("s3")
s3.create_bucket(Bucket="BUCKET")
for key in ("a+b", "a b", "a%2Fb", "ü/日本語", "x/y/z"):
    s3.put_object(Bucket="BUCKET", Key=key, Body=key.encode(), ChecksumAlgorithm="SHA256", Metadata={"k": "v"})
    got = s3.get_object(Bucket="BUCKET", Key=key, ChecksumMode="ENABLED")
    assert got["Body"].read() == key.encode(), key
    assert got["Metadata"] == {"k": "v"}, got
listed = [o["Key"] for p in s3.get_paginator("list_objects").paginate(Bucket="BUCKET", PaginationConfig={"PageSize": 2}) for o in p["Contents"]]
assert sorted(listed) == sorted(["a+b", "a b", "a%2Fb", "ü/日本語", "x/y/z"]), listed
listed = [o["Key"] for p in s3.get_paginator("list_objects_v2").paginate(Bucket="BUCKET", PaginationConfig={"PageSize": 2}) for o in p["Contents"]]
assert len(listed) == 5, listed
def code(call, **kw):
    try:
        call(**kw)
    except botocore.exceptions.ClientError as e:
        return e.response["Error"]["Code"]
assert code(s3.put_object, Bucket="BUCKET", Key="a+b", Body=b"x", IfNoneMatch="*") == "PreconditionFailed"
assert code(s3.get_bucket_policy, Bucket="BUCKET") == "NoSuchBucketPolicy"
assert code(s3.get_bucket_lifecycle_configuration, Bucket="BUCKET") == "NoSuchLifecycleConfiguration"
assert code(s3.head_bucket, Bucket="no-such-bucket") == "404"
assert s3.get_bucket_acl(Bucket="BUCKET")["Grants"][0]["Permission"] == "FULL_CONTROL"
s3.put_bucket_acl(Bucket="BUCKET", ACL="private")
s3.upload_fileobj(io.BytesIO(b"z" * (9 << 20)), "BUCKET", "big")
assert s3.head_object(Bucket="BUCKET", Key="big")["ContentLength"] == 9 << 20
v4 = boto3.client("s3", config=botocore.config.Config(signature_version="s3v4"))
for client in v4, s3: # the second presigns with version 2
    url = client.generate_presigned_url("get_object", Params={"Bucket": "BUCKET", "Key": "a+b", "ResponseContentType": "text/x-test"})
    answer = urllib.request.urlopen(url)
    assert answer.read() == b"a+b" and answer.headers["Content-Type"] == "text/x-test", answer.headers
    url = client.generate_presigned_url("put_object", Params={"Bucket": "BUCKET", "Key": "put", "Metadata": {"note": "n"}, "ContentType": "text/plain"})
    urllib.request.urlopen(urllib.request.Request(url, data=b"body", method="PUT", headers={"x-amz-meta-note": "n", "Content-Type": "text/plain"}))
    head = s3.head_object(Bucket="BUCKET", Key="put")
    assert head["Metadata"] == {"note": "n"} and head["ContentType"] == "text/plain" and head["ContentLength"] == 4, head
    s3.delete_object(Bucket="BUCKET", Key="put")
s3.delete_objects(Bucket="BUCKET", Delete={"Objects": [{"Key": k} for k in listed + ["big"]]})
s3.delete_bucket(Bucket="BUCKET")
print("good")
`

func TestBoto3IsServed(t *testing.T) {
	if testing.Short() {
		t.Skip("starting Python takes seconds")
	}
	f := start(t)
	if out, err := f.run("python3", "-c", "import boto3"); err != nil {
		t.Skipf("boto3 is not installed, what it expects of S3 goes unchecked here: %s", out)
	}
	if got := f.tool(t, "python3", "-c", strings.ReplaceAll(boto3Script, "BUCKET", bkt)); got != "good" {
		t.Error(got)
	}
}
