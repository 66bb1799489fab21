package main

import (
	"bytes"
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/trailhand/trailhand/internal/awsio"
	"github.com/trailhand/trailhand/internal/sim"
	"github.com/trailhand/trailhand/pkg/insights"
)

const dataBucket = "trailhand-data-123456789012-us-east-1" // of the template's stack

// TestABaselineOfABucketIsWhereTheDetectorLooks reads log files from S3 and
// writes the snapshot to S3.
func TestABaselineOfABucketIsWhereTheDetectorLooks(t *testing.T) {
	l := startLocal(t)
	ctx := context.Background()
	env := []string{"AWS_ENDPOINT_URL=" + l.url, "AWS_REGION=us-east-1", "AWS_ACCESS_KEY_ID=AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY=example"}
	cfg, err := awsio.Load(ctx, environment(env))
	if err != nil {
		t.Fatal(err)
	}
	bucket := awsio.NewS3(cfg).Bucket(dataBucket)
	putTraffic(t, bucket)
	args := []string{"baseline", "s3://" + dataBucket + "/old/", "--until", "2026-03-11T12:00:00Z", "--out", "s3://" + dataBucket + "/detector"}
	var stdout, stderr bytes.Buffer
	if code := run(ctx, args, env, nil, &stdout, &stderr); code != exitOK {
		t.Fatalf("exit code %d: %s", code, stderr.String())
	}
	if got := stdout.String(); !strings.HasPrefix(got, "111122223333 us-east-1: 1 rate, ") || !strings.HasSuffix(got, " bytes in s3://"+dataBucket+"/detector/111122223333/us-east-1.state\n") {
		t.Errorf("printed %q", got)
	}
	if got := stderr.String(); !strings.Contains(got, "up to 2026-03-11T11:45:00Z: 15 minutes (lateness) before") || !strings.Contains(got, "STATE_BUCKET="+dataBucket+" and STATE_PREFIX=detector/") {
		t.Errorf("said %q", got)
	}
	snapshot, _, err := awsio.States{Bucket: bucket, Prefix: "detector/"}.Load(ctx, "111122223333", "us-east-1")
	if err != nil {
		t.Fatal(err)
	}
	state, err := insights.Decode(snapshot, insights.DefaultConfig())
	if err != nil {
		t.Fatal(err)
	}
	if state.Keys() != 1 || state.Watermark().Format("01-02T15:04") != "03-11T11:45" {
		t.Errorf("%d rates, minutes before %s are closed", state.Keys(), state.Watermark())
	}
	if code := run(ctx, args, env, nil, &stdout, &stderr); code != exitFailed || !strings.Contains(stderr.String(), "--replace") {
		t.Errorf("over a snapshot: exit code %d: %s", code, stderr.String())
	}
}

// putTraffic puts ten days of log files under old/.
func putTraffic(t *testing.T, bucket *awsio.Bucket) {
	t.Helper()
	s, err := sim.ParseScenario("ten days", []byte("days: 10\nlearn: 1\ntraffic: [{api: 's3.amazonaws.com:DeleteBucket', archetype: cron, every: 3h, burst: 9}]"))
	if err != nil {
		t.Fatal(err)
	}
	g, err := s.Generate()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if _, _, err := g.WriteLogFiles(dir, nil); err != nil {
		t.Fatal(err)
	}
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		body, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		return bucket.Put(context.Background(), "old/"+filepath.ToSlash(name), body, nil)
	})
	if err != nil {
		t.Fatal(err)
	}
}
