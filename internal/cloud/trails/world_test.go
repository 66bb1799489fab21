package trails_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/smithy-go"

	"github.com/trailhand/trailhand/internal/cloud/buckets/policy"
	"github.com/trailhand/trailhand/internal/cloud/trails"
	"github.com/trailhand/trailhand/internal/cloud/wire"
)

const (
	account    = "123456789012"
	member     = "111111111111"
	delegated  = "222222222222"
	stranger   = "333333333333"
	management = "444444444444"
	home       = "us-east-2"
	away       = "us-west-1"
	bucket     = "trail-logs"
)

// world is a CloudTrail behind HTTP, with a clock that only the test moves.
type world struct {
	t       *testing.T
	trails  *trails.Trails
	buckets policies
	url     string

	mu    sync.Mutex
	clock time.Time
}

// policies is the buckets there are, with their policies.
type policies map[string]string

func (p policies) Allows(bucket, service, action, resource string, keys map[string]string) (policy.Decision, bool) {
	document, exists := p[bucket]
	parsed, err := policy.Parse([]byte(document))
	if err != nil {
		return policy.ImplicitDeny, exists
	}
	return parsed.Decide(policy.Question{Service: service, Action: action, Resource: resource, Context: keys}), exists
}

// allowing is the policy that the User Guide tells CloudTrail's users to set.
func allowing(bucket, resource, condition string) string {
	return `{"Version":"2012-10-17","Statement":[
		{"Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},"Action":"s3:GetBucketAcl","Resource":"arn:aws:s3:::` + bucket + `"},
		{"Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},"Action":"s3:PutObject","Resource":"arn:aws:s3:::` + bucket + "/" + resource + `",
		"Condition":{"StringEquals":{"s3:x-amz-acl":"bucket-owner-full-control"` + condition + `}}}]}`
}

// newWorld makes a world; its change may set more of the Config.
func newWorld(t *testing.T, change ...func(*trails.Config)) *world {
	t.Helper()
	w := &world{t: t, clock: time.Date(2024, 1, 2, 3, 4, 5, 0, time.UTC)}
	w.buckets = policies{bucket: allowing(bucket, "*", "")}
	cfg := trails.Config{Buckets: w.buckets, Now: w.now}
	for _, c := range change {
		c(&cfg)
	}
	w.trails = trails.New(cfg)
	service := w.trails.Service()
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		call := service.Serve(rw, r, callerOf(r))
		if call.Err != nil {
			t.Errorf("%s: %v", call.EventName, call.Err)
		}
	}))
	t.Cleanup(server.Close)
	w.url = server.URL
	return w
}

// callerOf takes the account from the access key and the Region from the scope.
func callerOf(r *http.Request) wire.Caller {
	scope := strings.Split(r.Header.Get("Authorization"), "/")
	_, key, _ := strings.Cut(scope[0], "Credential=")
	return wire.Caller{AccountID: strings.TrimPrefix(key, "AKIA"), Region: scope[2]}
}

func (w *world) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.clock
}

func (w *world) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.clock = w.clock.Add(d)
}

// client is the SDK's, acting for an account in a Region.
func (w *world) client(account, region string) *cloudtrail.Client {
	return cloudtrail.New(cloudtrail.Options{
		Region: region, BaseEndpoint: &w.url, RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("AKIA"+account, "secret", ""),
	})
}

func (w *world) create(in cloudtrail.CreateTrailInput) string {
	w.t.Helper()
	return w.createAs(account, home, in)
}

func (w *world) createAs(account, region string, in cloudtrail.CreateTrailInput) string {
	w.t.Helper()
	if in.S3BucketName == nil {
		in.S3BucketName = p(bucket)
	}
	out, err := w.client(account, region).CreateTrail(context.Background(), &in)
	if err != nil {
		w.t.Fatal(err)
	}
	return *out.TrailARN
}

func p[T any](v T) *T { return &v }

// check holds that err is the exception with the given code and message; an
// empty code stands for success, and an empty message for any.
func check(t *testing.T, err error, code, message string) {
	t.Helper()
	var api smithy.APIError
	switch {
	case code == "" && err != nil:
		t.Errorf("refused: %v", err)
	case code == "":
	case !errors.As(err, &api):
		t.Errorf("got %v, want %s", err, code)
	case api.ErrorCode() != code:
		t.Errorf("refused with %s: %s; want %s", api.ErrorCode(), api.ErrorMessage(), code)
	case message != "" && api.ErrorMessage() != message:
		t.Errorf("refused with message\n%s\nwant\n%s", api.ErrorMessage(), message)
	}
}

func arnOf(region, account, name string) string {
	return "arn:aws:cloudtrail:" + region + ":" + account + ":trail/" + name
}
