package upstream

import (
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// overMoto stands before moto's server, which is code that is independent of ours.
func overMoto(t *testing.T) *Upstream {
	t.Helper()
	path, err := exec.LookPath("moto_server")
	if err != nil {
		t.Skip("moto_server is not installed (pip install 'moto[server]')")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	l.Close()
	server := exec.Command(path, "-H", "127.0.0.1", "-p", fmt.Sprint(port))
	if err := server.Start(); err != nil {
		t.Skipf("moto_server does not start: %v", err)
	}
	t.Cleanup(func() { _ = server.Process.Kill(); _ = server.Wait() })
	u, err := New(Config{URL: fmt.Sprintf("http://127.0.0.1:%d", port), Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	for range 200 {
		if answer, err := http.Get(u.url.String() + "/moto-api/"); err == nil {
			answer.Body.Close()
			return u
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Skip("moto_server does not answer")
	return nil
}

func TestMotoIsCheckedAndTold(t *testing.T) {
	u, ctx := overMoto(t), t.Context()
	const topic, group, role = "arn:aws:sns:us-east-1:123456789012:told", "arn:aws:logs:us-east-1:123456789012:log-group:trail:*", "arn:aws:iam::123456789012:role/trail"
	missing := "arn:aws:kms:us-east-1:123456789012:key/00000000-0000-0000-0000-000000000000"
	do := func(op operation, out any) {
		t.Helper()
		op.region = "us-east-1"
		if err := u.call(ctx, op, out); err != nil {
			t.Fatal(err)
		}
	}
	refused := func(err error, code string) {
		t.Helper()
		if err == nil && code != "" || err != nil && (code == "" || !strings.Contains(err.Error(), code)) {
			t.Errorf("got %v, want %q", err, code)
		}
	}
	refused(u.Topic(ctx, topic, ""), "InsufficientSnsTopicPolicyException")
	refused(u.Key(ctx, missing, ""), "KmsKeyNotFoundException")
	refused(u.LogGroup(ctx, group, role), "InvalidCloudWatchLogsLogGroupArnException")
	do(operation{service: "sns", name: "CreateTopic", version: "2010-03-31", form: url.Values{"Name": {"told"}}}, nil)
	do(operation{service: "logs", name: "CreateLogGroup", target: logsTarget, input: map[string]string{"logGroupName": "trail"}}, nil)
	refused(u.LogGroup(ctx, group, role), "InvalidCloudWatchLogsRoleArnException")
	do(operation{service: "iam", name: "CreateRole", version: "2010-05-08", form: url.Values{"RoleName": {"trail"}, "AssumeRolePolicyDocument": {`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},"Action":"sts:AssumeRole"}]}`}}}, nil)
	var key struct{ KeyMetadata struct{ Arn, KeyId string } }
	do(operation{service: "kms", name: "CreateKey", target: "TrentService", input: struct{}{}}, &key)
	refused(u.Topic(ctx, topic, ""), "")
	refused(u.LogGroup(ctx, group, role), "")
	refused(u.Key(ctx, key.KeyMetadata.Arn, ""), "")
	do(operation{service: "kms", name: "DisableKey", target: "TrentService", input: map[string]string{"KeyId": key.KeyMetadata.KeyId}}, nil)
	refused(u.Key(ctx, key.KeyMetadata.Arn, ""), "KmsKeyDisabledException")
	refused(u.Notify(ctx, topic, "hello"), "")
	refused(u.Log(ctx, group, "a", []LogEvent{{time.Now().UnixMilli(), "one"}}), "")
	var stored struct{ Events []LogEvent }
	do(operation{service: "logs", name: "GetLogEvents", target: logsTarget, input: map[string]string{"logGroupName": "trail", "logStreamName": "a"}}, &stored)
	if len(stored.Events) != 1 || stored.Events[0].Message != "one" {
		t.Errorf("the stream has %+v", stored.Events)
	}
}
