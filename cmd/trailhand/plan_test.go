package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/testscript"
)

func TestTrailScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/trails", Setup: withExamples,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"account": startAccount, "bucket": makeBucket, "mallory": undoTrail, "plan": planExits,
		},
	})
}

// startAccount runs `trailhand local` until the script ends, and points the
// environment at it: account.
func startAccount(ts *testscript.TestScript, _ bool, _ []string) {
	ctx, stop := context.WithCancel(context.Background())
	local := exec.CommandContext(ctx, "trailhand", "local", "--listen", "127.0.0.1:0", "--data", ts.MkAbs("account"))
	local.Cancel = func() error { return local.Process.Signal(os.Interrupt) }
	local.Stderr = ts.Stderr()
	out, err := local.StdoutPipe()
	ts.Check(err)
	ts.Check(local.Start())
	ts.Defer(func() { stop(); _ = local.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	url, ready := strings.CutPrefix(line, "ready ")
	if err != nil || !ready {
		ts.Fatalf("trailhand local said %q, %v", line, err)
	}
	ts.Setenv("AWS_ENDPOINT_URL", strings.TrimSpace(url))
	ts.Setenv("AWS_REGION", "eu-west-1")
	ts.Setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
	ts.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
}

// planExits runs trailhand plan and holds its exit code: plan CODE ARG...
func planExits(ts *testscript.TestScript, _ bool, args []string) {
	err := ts.Exec("trailhand", append([]string{"plan"}, args[1:]...)...)
	code := 0
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		code = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if fmt.Sprint(code) != args[0] {
		ts.Fatalf("exit code %d, want %s", code, args[0])
	}
}

func clientConfig(ts *testscript.TestScript) aws.Config {
	cfg, err := config.LoadDefaultConfig(context.Background(), config.WithRegion("eu-west-1"),
		config.WithBaseEndpoint(ts.Getenv("AWS_ENDPOINT_URL")),
		config.WithCredentialsProvider(credentials.NewStaticCredentialsProvider("AKIAMALLORY", "secret", "")))
	ts.Check(err)
	return cfg
}

// makeBucket makes a bucket that CloudTrail may deliver to: bucket NAME [POLICY].
func makeBucket(ts *testscript.TestScript, _ bool, args []string) {
	client := s3.NewFromConfig(clientConfig(ts), func(o *s3.Options) { o.UsePathStyle = true })
	_, err := client.CreateBucket(context.Background(), &s3.CreateBucketInput{Bucket: &args[0],
		CreateBucketConfiguration: &s3types.CreateBucketConfiguration{LocationConstraint: "eu-west-1"}})
	ts.Check(err)
	policy := fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},
		"Action":["s3:GetBucketAcl","s3:PutObject"],"Resource":["arn:aws:s3:::%[1]s","arn:aws:s3:::%[1]s/*"]}]}`, args[0])
	if len(args) > 1 {
		policy = ts.ReadFile(args[1])
	}
	_, err = client.PutBucketPolicy(context.Background(), &s3.PutBucketPolicyInput{Bucket: &args[0], Policy: &policy})
	ts.Check(err)
}

// undoTrail changes a trail as somebody else would: mallory NAME.
func undoTrail(ts *testscript.TestScript, _ bool, args []string) {
	ctx, name := context.Background(), &args[0]
	client := cloudtrail.NewFromConfig(clientConfig(ts))
	_, err := client.StopLogging(ctx, &cloudtrail.StopLoggingInput{Name: name})
	ts.Check(err)
	_, err = client.UpdateTrail(ctx, &cloudtrail.UpdateTrailInput{Name: name, EnableLogFileValidation: aws.Bool(false)})
	ts.Check(err)
	_, err = client.PutEventSelectors(ctx, &cloudtrail.PutEventSelectorsInput{TrailName: name,
		EventSelectors: []types.EventSelector{{ReadWriteType: types.ReadWriteTypeReadOnly}}})
	ts.Check(err)
	found, err := client.DescribeTrails(ctx, &cloudtrail.DescribeTrailsInput{TrailNameList: []string{args[0]}})
	ts.Check(err)
	_, err = client.RemoveTags(ctx, &cloudtrail.RemoveTagsInput{ResourceId: found.TrailList[0].TrailARN,
		TagsList: []types.Tag{{Key: aws.String("Owner")}}})
	ts.Check(err)
}

func TestCompareKeepsWhatIsCommon(t *testing.T) {
	tests := []struct{ name, from, to, want string }{
		{"nothing", "", "", ""},
		{"equal", "ab", "ab", " a b"},
		{"all new", "", "ab", "+a+b"},
		{"all gone", "ab", "", "-a-b"},
		{"changed between", "axb", "ayb", " a-x+y b"},
		{"moved", "abc", "cab", "+c a b-c"},
	}
	lines := func(s string) []string { return strings.Split(s, "")[:len(s)] }
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got strings.Builder
			for _, l := range compare(lines(tt.from), lines(tt.to)) {
				got.WriteByte(l.mark)
				got.WriteString(l.text)
			}
			if d := cmp.Diff(tt.want, got.String()); d != "" {
				t.Error(d)
			}
		})
	}
}
