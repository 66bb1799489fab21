package main

import (
	"bytes"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/trailhand/trailhand/internal/cloud/buckets"
	"github.com/trailhand/trailhand/internal/cloud/sigv4"
	"github.com/trailhand/trailhand/internal/cloud/wire"
	"github.com/trailhand/trailhand/pkg/events"
)

// served is an S3 for the command to read.
type served struct {
	*buckets.Buckets
	t     *testing.T
	url   string
	lists atomic.Int64 // calls of ListObjectsV2
}

// serve starts it. Its store makes its own folder the current one: t.Chdir goes
// back in the end, and paths are absolute till then.
func serve(t *testing.T) *served {
	t.Helper()
	t.Chdir(".")
	b, err := buckets.Start(t.Context(), buckets.Config{
		Dir: t.TempDir(), AccountID: "123456789012", Region: "us-east-1", Now: time.Now, Log: slog.New(slog.DiscardHandler),
		OnObject: func(buckets.ObjectEvent) {},
	})
	if err != nil {
		t.Fatal(err)
	}
	s := &served{Buckets: b, t: t}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		scope, _ := sigv4.Parse(r)
		if r.URL.Query().Get("list-type") == "2" {
			s.lists.Add(1)
		}
		b.Serve(w, r, wire.Caller{AccessKeyID: scope.AccessKeyID, AccountID: "123456789012", Region: scope.Region, Service: scope.Service})
	}))
	s.url = server.URL
	t.Cleanup(func() {
		server.Close()
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// fill makes a bucket of what is in a folder.
func (s *served) fill(bucket, folder string) {
	s.t.Helper()
	if err := s.Create(s.t.Context(), bucket, "us-east-1"); err != nil {
		s.t.Fatal(err)
	}
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(path, ".metadata.json") {
			return err
		}
		body, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		user, err := readMetadata(path + ".metadata.json")
		if err != nil {
			return err
		}
		key, err := filepath.Rel(folder, path)
		if err != nil {
			return err
		}
		return s.Put(s.t.Context(), bucket, filepath.ToSlash(key), bytes.NewReader(body), int64(len(body)), buckets.Meta{User: user})
	})
	if err != nil {
		s.t.Fatal(err)
	}
}

// run runs the command against this S3.
func (s *served) run(args ...string) (code int, stdout, stderr string) {
	var out, errs bytes.Buffer
	env := []string{"AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY=secret", "AWS_REGION=us-east-1"}
	args = append(args, "--endpoint-url", s.url)
	code = run(s.t.Context(), args, env, nil, &out, &errs)
	return code, out.String(), errs.String()
}

func exampleLogs(t *testing.T) string {
	t.Helper()
	path, err := filepath.Abs("../../examples/logs")
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func TestABucketIsReadAsAFolderIs(t *testing.T) {
	examples := exampleLogs(t)
	s := serve(t)
	s.fill("logs", examples)
	t.Run("all of it, in the order of the keys", func(t *testing.T) {
		code, out, errs := s.run("parse", "--format", "ndjson", "s3://logs/AWSLogs/", "--jobs", "7")
		_, local, _ := s.run("parse", "--format", "ndjson", examples+"/AWSLogs")
		if code != exitOK || out != local || out == "" {
			t.Errorf("exit code %d, %d bytes, want the folder's %d; %s", code, len(out), len(local), errs)
		}
	})
	t.Run("files outside the time are left out, and their days are not listed", func(t *testing.T) {
		before := s.lists.Load()
		code, out, errs := s.run("parse", "--format", "summary", "--since", "2023-07-10", "--until", "2023-07-11", "s3://logs")
		if code != exitOK || !strings.Contains(out, `"files": 2,`) {
			t.Errorf("exit code %d: %s%s", code, out, errs)
		}
		pruned := s.lists.Load() - before
		s.run("parse", "--format", "summary", "s3://logs")
		if all := s.lists.Load() - before - pruned; pruned >= all {
			t.Errorf("%d pages were listed, no fewer than the %d of all", pruned, all)
		}
	})
	t.Run("an interrupted run goes on behind the last file", func(t *testing.T) {
		_, all, _ := s.run("parse", "--format", "ndjson", "--fields", "eventID", "s3://logs/AWSLogs/222222222222/", "s3://logs/AWSLogs/246337027688/")
		_, rest, _ := s.run("parse", "--format", "ndjson", "--fields", "eventID", "s3://logs/AWSLogs/222222222222/", "s3://logs/AWSLogs/246337027688/",
			"--start-after", "s3://logs/AWSLogs/222222222222/CloudTrail/us-east-1/2023/03/01/222222222222_CloudTrail_us-east-1_20230301T0010Z_MOxryVEHghEGwWyz.json.gz")
		if rest == "" || rest == all || !strings.HasSuffix(all, rest) {
			t.Errorf("got %q, want the end of %q", rest, all)
		}
	})
	t.Run("the paths behind that of an interrupted run are read whole, and those before it are not", func(t *testing.T) {
		paths := []string{"parse", "--format", "ndjson", "--fields", "eventID", "s3://none", "s3://logs/AWSLogs/246337027688/", "s3://logs/AWSLogs/222222222222/"}
		_, all, _ := s.run(paths...)
		code, rest, errs := s.run(append(paths, "--start-after", "s3://logs/AWSLogs/246337027688/z")...)
		_, last, _ := s.run("parse", "--format", "ndjson", "--fields", "eventID", "s3://logs/AWSLogs/222222222222/")
		if code != exitOK || rest != last || rest == "" || !strings.HasSuffix(all, rest) {
			t.Errorf("exit code %d, got %q, want the end of %q; %s", code, rest, all, errs)
		}
		if code, _, errs := s.run(append(paths, "--start-after", "s3://logs/AWSLogs/3")...); code != exitUsage || !strings.Contains(errs, "under a PATH") {
			t.Errorf("exit code %d: %s", code, errs)
		}
	})
	t.Run("a prefix that no key has is told", func(t *testing.T) {
		code, _, errs := s.run("parse", "s3://logs/AWSLogs/*/CloudTrail", "s3://logs/AWSLogs/2222")
		if code != exitFailed || !strings.Contains(errs, "s3://logs/AWSLogs/*/CloudTrail: there is no key that begins so") || strings.Contains(errs, "2222") {
			t.Errorf("exit code %d: %s", code, errs)
		}
	})
	t.Run("one object", func(t *testing.T) {
		key := "AWSLogs/222222222222/CloudTrail/us-east-1/2023/03/01/222222222222_CloudTrail_us-east-1_20230301T0010Z_MOxryVEHghEGwWyz.json.gz"
		if code, out, errs := s.run("parse", "--format", "summary", "s3://logs/"+key); code != exitOK || !strings.Contains(out, `"files": 1,`) {
			t.Errorf("exit code %d: %s%s", code, out, errs)
		}
	})
	t.Run("a bucket that is not there fails, and stops no other", func(t *testing.T) {
		code, out, errs := s.run("parse", "--format", "summary", "s3://none", "s3://logs/AWSLogs/222222222222/")
		if code != exitFailed || !strings.Contains(out, `"files": 1,`) || !strings.Contains(errs, "s3://none/: listing s3://none/: the object does not exist") {
			t.Errorf("exit code %d: %s%s", code, out, errs)
		}
	})
}

func TestAFolderOfManyPagesIsReadToItsEnd(t *testing.T) {
	s := serve(t)
	if err := s.Create(t.Context(), "many", "us-east-1"); err != nil {
		t.Fatal(err)
	}
	const files = 1203
	for i := range files {
		body := fmt.Sprintf(`{"eventName":"n%04d"}`, i)
		key := fmt.Sprintf("flat/%04d.jsonl", i)
		if err := s.Put(t.Context(), "many", key, strings.NewReader(body), int64(len(body)), buckets.Meta{}); err != nil {
			t.Fatal(err)
		}
	}
	code, out, errs := s.run("parse", "--format", "ndjson", "s3://many")
	if code != exitOK || strings.Count(out, "\n") != files {
		t.Fatalf("exit code %d, %d records; %s", code, strings.Count(out, "\n"), errs)
	}
	for i, line := range strings.Split(strings.TrimSuffix(out, "\n"), "\n") {
		if want := fmt.Sprintf(`{"eventName":"n%04d"}`, i); line != want {
			t.Fatalf("line %d is %s", i, line)
		}
	}
}

func TestABucketIsVerified(t *testing.T) {
	s := serve(t)
	c := newCopy(t, t.TempDir())
	s.fill(digestBucket, c.root)
	keys := c.path("public-keys.json")
	if code, out, errs := s.run("verify", "--public-keys", keys, "s3://"+digestBucket); code != exitOK || !strings.Contains(out, "4/4 log files valid") {
		t.Errorf("exit code %d: %s%s", code, out, errs)
	}
	body := "nonsense"
	if err := s.Put(t.Context(), digestBucket, logName(3), strings.NewReader(body), int64(len(body)), buckets.Meta{}); err != nil {
		t.Fatal(err)
	}
	code, out, _ := s.run("verify", "--public-keys", keys, "s3://"+digestBucket+"/AWSLogs/123456789012/")
	if code != exitFailed || !strings.Contains(out, "tampered   log file s3://"+digestBucket+"/"+logName(3)) || !strings.Contains(out, "3/4 log files valid") {
		t.Errorf("exit code %d: %s", code, out)
	}
	s.fill("another-bucket", c.root)
	code, out, _ = s.run("verify", "--public-keys", keys, "s3://another-bucket")
	if code != exitFailed || strings.Count(out, "moved ") != 4 {
		t.Errorf("a copy in another bucket: exit code %d: %s", code, out)
	}
	if k, err := events.ParseKey(digestName(1)); err != nil || k.Trail != "management-events" {
		t.Fatalf("%+v, %v", k, err)
	}
}
