package main

import (
	"bufio"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// local is a started `trailhand local`.
type local struct {
	url, data string
	cmd       *exec.Cmd
	log       *os.File

	// undeliverable says that records are left whose bucket is gone, of which
	// the command complains when it leaves.
	undeliverable bool
}

// startLocal starts the command on a free port, in a folder of its own unless
// args name one, and stops it at the end of the test.
func startLocal(t *testing.T, args ...string) *local {
	t.Helper()
	if testing.Short() {
		t.Skip("starting other programs takes seconds")
	}
	dir := t.TempDir()
	log, err := os.Create(filepath.Join(dir, "stderr"))
	if err != nil {
		t.Fatal(err)
	}
	l := &local{data: filepath.Join(dir, "data"), log: log}
	if i := slices.Index(args, "--data"); i >= 0 {
		l.data = args[i+1]
	}
	args = append([]string{"local", "--listen", "127.0.0.1:0", "--data", l.data, "--delivery-interval", "500ms"}, args...)
	l.cmd = exec.Command("trailhand", args...)
	l.cmd.Stderr = log
	stdout, err := l.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := l.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.stop(t) })
	line, err := bufio.NewReader(stdout).ReadString('\n')
	url, isReady := strings.CutPrefix(strings.TrimSpace(line), "ready ")
	if err != nil || !isReady {
		t.Fatalf("printed %q, %v; stderr: %s", line, err, l.stderr(t))
	}
	l.url = url
	return l
}

// stop interrupts the command, unless it was stopped, and holds that it leaves in good order.
func (l *local) stop(t *testing.T) {
	t.Helper()
	if l.cmd.ProcessState != nil {
		return
	}
	if err := errors.Join(l.cmd.Process.Signal(syscall.SIGTERM), l.cmd.Wait()); (err != nil) != l.undeliverable {
		t.Errorf("stopping: %v; stderr: %s", err, l.stderr(t))
	}
}

func (l *local) stderr(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(l.log.Name())
	if err != nil {
		t.Error(err)
	}
	return string(text)
}

// tool runs a program that is not ours against the account; it must succeed.
func (l *local) tool(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := l.try(t, name, args...)
	if err != nil {
		t.Fatalf("%s %s: %v\n%s\nstderr of local: %s", name, strings.Join(args, " "), err, out, l.stderr(t))
	}
	return out
}

// try runs a program that may fail. The test is skipped where it is not installed.
func (l *local) try(t *testing.T, name string, args ...string) (string, error) {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		t.Skipf("%s is not installed: what it expects of the account goes unchecked here", name)
	}
	if name == "aws" { // version 1 does not find SQS by AWS_ENDPOINT_URL
		args = append([]string{"--endpoint-url", l.url}, args...)
	}
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Dir = t.TempDir()
	cmd.Env = append(os.Environ(), "AWS_ENDPOINT_URL="+l.url, "AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY=secret",
		"AWS_REGION=us-east-1", "AWS_DEFAULT_REGION=us-east-1", "AWS_CONFIG_FILE="+os.DevNull, "AWS_SHARED_CREDENTIALS_FILE="+os.DevNull,
		"AWS_EC2_METADATA_DISABLED=true", "AWS_PAGER=", "AWS_MAX_ATTEMPTS=1")
	out, err := cmd.CombinedOutput()
	return strings.TrimSpace(string(out)), err
}

// get fetches a page of the account's own.
func (l *local) get(t *testing.T, path string) string {
	t.Helper()
	resp, err := http.Get(l.url + path)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: status %d, %v", path, resp.StatusCode, err)
	}
	return string(body)
}

func TestWhatWasMadeIsThereAfterARestart(t *testing.T) {
	first := startLocal(t)
	first.tool(t, "aws", "s3api", "create-bucket", "--bucket", "kept-over-restarts")
	first.tool(t, "aws", "sqs", "create-queue", "--queue-name", "kept")
	first.stop(t)
	second := startLocal(t, "--data", first.data)
	second.tool(t, "aws", "s3api", "head-bucket", "--bucket", "kept-over-restarts")
	second.tool(t, "aws", "sqs", "get-queue-url", "--queue-name", "kept")
	if health := second.get(t, "/_trailhand/health"); !strings.Contains(health, `"status":"ok"`) {
		t.Errorf("health: %s", health)
	}
}
