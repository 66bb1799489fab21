package bootstrap

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
)

// TestMain lets the test's binary be a bootstrap as well: the one that it runs.
func TestMain(m *testing.M) {
	if os.Getenv("AWS_LAMBDA_RUNTIME_API") != "" {
		act()
		return
	}
	os.Exit(m.Run())
}

// act is a function that does as it is told.
func act() {
	switch os.Getenv("ACT") {
	case "cannot start":
		fmt.Println("STATE_BUCKET is not set")
		os.Exit(1)
	case "reports that it cannot start":
		url := "http://" + os.Getenv("AWS_LAMBDA_RUNTIME_API") + "/2018-06-01/runtime/init/error"
		_, _ = http.Post(url, "application/json", strings.NewReader(`{"errorType":"Function.NoState","errorMessage":"no state"}`))
		os.Exit(1)
	}
	lambda.Start(func(ctx context.Context, order string) (any, error) {
		switch order {
		case "fail":
			return nil, errors.New("not today")
		case "panic":
			panic("out of order")
		case "exit":
			fmt.Print("the end") // no line break
			os.Exit(3)
		case "sleep":
			time.Sleep(time.Minute)
		case "environment":
			return os.Environ(), nil
		case "too much":
			return strings.Repeat("x", maxAnswer), nil
		case "context":
			lc, _ := lambdacontext.FromContext(ctx)
			end, _ := ctx.Deadline()
			return []string{lc.AwsRequestID, lc.InvokedFunctionArn, end.UTC().Format(time.RFC3339), os.Getenv("_X_AMZN_TRACE_ID")}, nil
		}
		fmt.Println("heard", order)
		return os.Getpid(), nil
	})
}

// printed takes what processes print.
type printed struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (p *printed) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.b.Write(b)
}

func (p *printed) String() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.b.String()
}

// self is the program of this test's own binary.
func self(t *testing.T, out *printed) *Program {
	t.Helper()
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p, err := New(Config{Path: path, Output: out})
	if err != nil {
		t.Skipf("skipped: %v", err)
	}
	return p
}

func started(t *testing.T, out *printed, env map[string]string) *environment {
	t.Helper()
	h, err := self(t, out).Start(t.Context(), env)
	if err != nil {
		t.Fatal(err)
	}
	e := h.(*environment)
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

func invoke(t *testing.T, e *environment, order string) (string, error) {
	t.Helper()
	answer, err := e.Invoke(t.Context(), fmt.Appendf(nil, "%q", order))
	return string(answer), err
}

func TestAnInvocationFails(t *testing.T) {
	for name, test := range map[string]struct {
		order, kind, message string
		sameProcess          bool
	}{
		"with the function's own error":  {order: "fail", kind: "errorString", message: "not today", sameProcess: true},
		"with a panic":                   {order: "panic", kind: "string", message: "out of order"},
		"when the process ends":          {order: "exit", kind: "Runtime.ExitError", message: "exit status 3; it last said: the end"},
		"when the answer is over 6 MB":   {order: "too much", kind: "Function.ResponseSizeTooLarge", message: "6291456"},
		"and the environment is as good": {order: "fail", kind: "errorString", message: "not today", sameProcess: true},
	} {
		t.Run(name, func(t *testing.T) {
			e := started(t, &printed{}, nil)
			before, err := invoke(t, e, "who")
			if err != nil {
				t.Fatal(err)
			}
			_, err = invoke(t, e, test.order)
			var fault *FunctionError
			if !errors.As(err, &fault) || fault.Type != test.kind || !strings.Contains(fault.Message, test.message) {
				t.Errorf("got %v, want %s: …%s…", err, test.kind, test.message)
			}
			after, err := invoke(t, e, "who")
			if err != nil {
				t.Fatalf("the next invocation: %v", err)
			}
			if test.sameProcess != (before == after) {
				t.Errorf("process %s before and %s after", before, after)
			}
		})
	}
}

func TestAnInvocationOutOfTimeEndsItsProcess(t *testing.T) {
	e := started(t, &printed{}, nil)
	first := e.process
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := e.Invoke(ctx, []byte(`"sleep"`)); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	if !first.hasEnded() {
		t.Error("the process runs on")
	}
	if pid, err := invoke(t, e, "who"); err != nil || pid == fmt.Sprint(first.cmd.Process.Pid) {
		t.Errorf("the next invocation: process %s, %v", pid, err)
	}
}

func TestClosingEndsTheProcess(t *testing.T) {
	e := started(t, &printed{}, nil)
	if err := e.Close(); err != nil || !e.process.hasEnded() {
		t.Errorf("ended %t, %v", e.process.hasEnded(), err)
	}
}

func TestWhatAProcessIsTold(t *testing.T) {
	e := started(t, &printed{}, nil)
	end := time.Now().Add(time.Hour)
	ctx, cancel := context.WithDeadline(t.Context(), end)
	defer cancel()
	const arn = "arn:aws:lambda:us-east-1:123456789012:function:trailhand-Detector"
	ctx = lambdacontext.NewContext(ctx, &lambdacontext.LambdaContext{AwsRequestID: "1-2-3", InvokedFunctionArn: arn})
	answer, err := e.Invoke(ctx, []byte(`"context"`))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	if err := json.Unmarshal(answer, &got); err != nil {
		t.Fatal(err)
	}
	if want := []string{"1-2-3", arn, end.UTC().Format(time.RFC3339)}; !slices.Equal(got[:3], want) {
		t.Errorf("context %q, want %q", got[:3], want)
	}
	if !strings.HasPrefix(got[3], "Root=1-") || !strings.HasSuffix(got[3], ";Sampled=0") {
		t.Errorf("trace %q", got[3])
	}
}

func TestTheEnvironmentIsLambdasAndNothingElse(t *testing.T) {
	t.Setenv("TRAILHAND_SECRET_OF_THE_HOST", "1")
	e := started(t, &printed{}, map[string]string{
		"AWS_REGION": "eu-west-1", "AWS_LAMBDA_FUNCTION_NAME": "trailhand-Detector", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512", "STATE_BUCKET": "data",
	})
	answer, err := invoke(t, e, "environment")
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	if err := json.Unmarshal([]byte(answer), &list); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"_HANDLER=bootstrap", "AWS_REGION=eu-west-1", "AWS_DEFAULT_REGION=eu-west-1", "STATE_BUCKET=data",
		"AWS_LAMBDA_FUNCTION_NAME=trailhand-Detector", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE=512", "AWS_LAMBDA_FUNCTION_VERSION=$LATEST",
		"AWS_LAMBDA_LOG_GROUP_NAME=/aws/lambda/trailhand-Detector", "LAMBDA_TASK_ROOT=" + filepath.Dir(e.program.cfg.Path), "TZ=:UTC",
	} {
		if !slices.Contains(list, want) {
			t.Errorf("%s is missing in %q", want, list)
		}
	}
	if strings.Contains(answer, "TRAILHAND_SECRET_OF_THE_HOST") {
		t.Error("the host's own environment got in")
	}
}

func TestAProcessThatCannotStartSaysWhy(t *testing.T) {
	for act, want := range map[string]string{
		"cannot start":                 "Runtime.ExitError: the process ended: exit status 1; it last said: STATE_BUCKET is not set",
		"reports that it cannot start": "Function.NoState: no state",
	} {
		t.Run(act, func(t *testing.T) {
			_, err := self(t, &printed{}).Start(t.Context(), map[string]string{"ACT": act})
			if err == nil || !strings.HasSuffix(err.Error(), want) {
				t.Errorf("got %v, want …%s", err, want)
			}
		})
	}
}

func TestWhatProcessesPrintComesInWholeLines(t *testing.T) {
	out := &printed{}
	e := started(t, out, nil)
	for _, order := range []string{"one", "exit", "two"} {
		_, _ = invoke(t, e, order) // the second one fails
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	if got := out.String(); got != "heard one\nthe end\nheard two\n" {
		t.Errorf("printed %q", got)
	}
}

func TestOnlyABinaryOfThisSystemRuns(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bootstrap")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{path, path + "-that-is-not-there"} {
		if _, err := New(Config{Path: bad}); err == nil || !strings.Contains(err.Error(), bad) {
			t.Errorf("%s: got %v", bad, err)
		}
	}
}
