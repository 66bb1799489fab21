package trails_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"

	"github.com/trailhand/trailhand/internal/cloud/wire"
)

func TestEveryOperationOfTheSDKIsAnsweredOrUnsupported(t *testing.T) {
	service := newWorld(t).trails.Service()
	client := reflect.TypeFor[*cloudtrail.Client]()
	known := 0
	for i := range client.NumMethod() {
		m := client.Method(i)
		if m.Type.NumIn() != 4 || !strings.HasSuffix(m.Type.In(2).String(), "Input") {
			continue
		}
		known++
		_, answered := service.Operations[m.Name]
		if answered == slices.Contains(service.Unsupported, m.Name) {
			t.Errorf("%s is answered: %t, and the same of unsupported", m.Name, answered)
		}
	}
	if all := len(service.Operations) + len(service.Unsupported); all != known {
		t.Errorf("the service names %d operations, the SDK %d", all, known)
	}
}

func TestOperationsOnLakeAreUnsupported(t *testing.T) {
	_, err := newWorld(t).client(account, home).ListEventDataStores(context.Background(), &cloudtrail.ListEventDataStoresInput{})
	check(t, err, "UnsupportedOperationException", "")
}

// send posts a request as no SDK would.
func send(w *world, operation, body string) map[string]any {
	w.t.Helper()
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
	r.Header.Set("X-Amz-Target", "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101."+operation)
	answer := httptest.NewRecorder()
	w.trails.Service().Serve(answer, r, wire.Caller{AccountID: account, Region: home})
	var out map[string]any
	if err := json.Unmarshal(answer.Body.Bytes(), &out); err != nil {
		w.t.Fatal(err)
	}
	return out
}

func TestRecursiveLoggingIsKept(t *testing.T) {
	w := newWorld(t)
	kept := func() bool {
		trail, _ := w.trails.Trail(arnOf(home, account, "my-trail"))
		return trail.RecursiveLogging
	}
	for _, c := range []struct {
		operation, body string
		want            bool
	}{
		{"CreateTrail", `{"Name":"my-trail","S3BucketName":"trail-logs","RecursiveLogging":false}`, false},
		{"UpdateTrail", `{"Name":"my-trail"}`, false},
		{"UpdateTrail", `{"Name":"my-trail","RecursiveLogging":true}`, true},
	} {
		if out := send(w, c.operation, c.body); out["RecursiveLogging"] != c.want || kept() != c.want {
			t.Errorf("after %s %s it is %t, and the answer %v", c.operation, c.body, kept(), out)
		}
	}
}

func TestRequestsThatNoSDKSendsAreRefused(t *testing.T) {
	w := newWorld(t)
	for operation := range w.trails.Service().Operations {
		for _, body := range []string{`{}`, `{"Name":null,"TrailName":null}`, `{"TagsList":[{}],"ResourceIdList":[""]}`, `{"Name":{}}`, `[`} {
			if out := send(w, operation, body); out["__type"] == "InternalFailure" {
				t.Errorf("%s %s fails: %v", operation, body, out)
			}
		}
	}
}

func TestTheAWSCommandLine(t *testing.T) {
	aws, err := exec.LookPath("aws")
	if err != nil {
		t.Skip("the aws command is not installed: its form of X-Amz-Target is not tried here")
	}
	w := newWorld(t)
	run := func(args ...string) (string, error) {
		cmd := exec.Command(aws, append([]string{"--endpoint-url", w.url, "--region", home, "cloudtrail"}, args...)...)
		cmd.Env = append(os.Environ(), "AWS_ACCESS_KEY_ID=AKIA"+account, "AWS_SECRET_ACCESS_KEY=secret", "AWS_PAGER=", "AWS_EC2_METADATA_DISABLED=true", "AWS_MAX_ATTEMPTS=1")
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	if out, err := run("create-trail", "--name", "my-trail", "--s3-bucket-name", bucket); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if out, err := run("describe-trails", "--trail-name-list", "my-trail", "--query", "trailList[].TrailARN", "--output", "text"); err != nil || strings.TrimSpace(out) != arnOf(home, account, "my-trail") {
		t.Errorf("%v: %s", err, out)
	}
	if out, err := run("get-trail", "--name", "unheard-of"); err == nil || !strings.Contains(out, "(TrailNotFoundException) when calling the GetTrail operation: Unknown trail: unheard-of for the user: 123456789012") {
		t.Errorf("%v: %s", err, out)
	}
}
