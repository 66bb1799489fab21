package cloud

import (
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	trailhand "github.com/trailhand/trailhand"
	"github.com/trailhand/trailhand/internal/cloud/functions"
)

const (
	testAccount = "123456789012"
	testRegion  = "us-east-1"
	logBucket   = "trailhand-logs-123456789012-us-east-1"
)

// testFunctions do nothing: what the cloud itself does is tested here.
func testFunctions() map[string]functions.Function {
	nothing := func(context.Context, map[string]string) (lambda.Handler, error) {
		return lambda.NewHandler(func(json.RawMessage) error { return nil }), nil
	}
	return map[string]functions.Function{"Reconciler": nothing, "Logparser": nothing, "Detector": nothing}
}

func testConfig(t *testing.T, dir string) Config {
	t.Helper()
	template, err := trailhand.Template()
	if err != nil {
		t.Fatal(err)
	}
	return Config{
		Listen: "127.0.0.1:0", Dir: dir, AccountID: testAccount, Region: testRegion, StackName: "trailhand",
		Template: template, Parameters: map[string]string{"CreateTrail": "false", "Desired": "none"}, Functions: testFunctions(),
		Now: time.Now, Log: slog.New(slog.DiscardHandler),
	}
}

// started runs a cloud until the test ends.
func started(t *testing.T, cfg Config) *Cloud {
	t.Helper()
	c, err := Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closed(t, c) })
	return c
}

// closed may be called more than once.
func closed(t *testing.T, c *Cloud) {
	t.Helper()
	if c.life.Err() != nil {
		return
	}
	if err := c.Close(context.Background()); err != nil {
		t.Errorf("closing: %v", err)
	}
}

func sdk(c *Cloud, region string) aws.Config {
	return aws.Config{
		Region: region, BaseEndpoint: aws.String(c.URL()),
		Credentials: credentials.NewStaticCredentialsProvider("AKIAEXAMPLE", "secret", ""),
	}
}

func trailClient(c *Cloud, region string) *cloudtrail.Client {
	return cloudtrail.NewFromConfig(sdk(c, region))
}

func bucketClient(c *Cloud) *s3.Client {
	return s3.NewFromConfig(sdk(c, testRegion), func(o *s3.Options) { o.UsePathStyle = true })
}

// logged makes a trail in the template's log bucket and starts it.
func logged(t *testing.T, c *Cloud, in *cloudtrail.CreateTrailInput) string {
	t.Helper()
	in.S3BucketName = aws.String(logBucket)
	client := trailClient(c, testRegion)
	out, err := client.CreateTrail(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.StartLogging(t.Context(), &cloudtrail.StartLoggingInput{Name: out.TrailARN}); err != nil {
		t.Fatal(err)
	}
	return *out.TrailARN
}

// awsCLI runs the aws command line against the cloud; the test is skipped where there is none.
func awsCLI(t *testing.T, c *Cloud, args ...string) (string, error) {
	t.Helper()
	path, err := exec.LookPath("aws")
	if err != nil {
		t.Skip("skipped: the aws command line is not installed")
	}
	cmd := exec.CommandContext(t.Context(), path, args...)
	cmd.Dir = t.TempDir()
	cmd.Env = append(os.Environ(), "AWS_ENDPOINT_URL="+c.URL(), "AWS_ACCESS_KEY_ID=AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY=secret",
		"AWS_DEFAULT_REGION="+testRegion, "AWS_CONFIG_FILE=/dev/null", "AWS_SHARED_CREDENTIALS_FILE=/dev/null", "AWS_PAGER=")
	out, err := cmd.CombinedOutput()
	return string(out), err
}
