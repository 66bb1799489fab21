package main

import (
	"compress/gzip"
	"encoding/json"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/trailhand/trailhand/pkg/digest"
)

// ask calls an operation of CloudTrail, and gives the id of the request once
// the whole answer has come.
func (l *local) ask(operation, body string) (string, error) {
	r, err := http.NewRequest(http.MethodPost, l.url, strings.NewReader(body))
	if err != nil {
		return "", err
	}
	r.Header.Set("X-Amz-Target", "CloudTrail_20131101."+operation)
	r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	r.Header.Set("X-Amz-Date", time.Now().UTC().Format("20060102T150405Z"))
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/"+time.Now().UTC().Format("20060102")+
		"/us-east-1/cloudtrail/aws4_request, SignedHeaders=host;x-amz-date, Signature="+strings.Repeat("0", 64))
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	_, err = io.Copy(io.Discard, resp.Body)
	return resp.Header.Get("X-Amzn-Requestid"), err
}

// busy calls from several clients until the account is gone; the function that
// it gives waits for that, and gives the ids of the calls that were answered.
func (l *local) busy() func() []string {
	var mu sync.Mutex
	var clients sync.WaitGroup
	var ids []string
	for range 4 {
		clients.Go(func() {
			for {
				id, err := l.ask("DescribeTrails", "{}")
				if err != nil {
					return
				}
				mu.Lock()
				ids = append(ids, id)
				mu.Unlock()
			}
		})
	}
	return func() []string {
		clients.Wait()
		return ids
	}
}

// stored gives each object of the log bucket, inflated, by its key.
func (l *local) stored(t *testing.T, folder string, visit func(key string, text []byte)) {
	t.Helper()
	root := filepath.Join(l.data, "s3", "objects", "trailhand-logs-123456789012-us-east-1")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		key, _ := filepath.Rel(root, path)
		key = filepath.ToSlash(key)
		if err != nil || d.IsDir() || !strings.HasPrefix(key, "AWSLogs/") || !strings.Contains(key, folder) {
			return err
		}
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		zr, err := gzip.NewReader(f)
		if err != nil {
			return err
		}
		text, err := io.ReadAll(zr)
		visit(key, text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestAKilledAccountHasLostNoCallThatItAnsweredAndDeliveredNoneTwice(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	args := []string{"--data", data, "--delivery-interval", "20ms", "--digest-interval", "1s"}
	var answered []string
	for round := range 4 {
		l := startLocal(t, args...)
		l.data = data
		if round == 0 {
			for _, call := range [][2]string{
				{"CreateTrail", `{"Name":"trailhand","S3BucketName":"trailhand-logs-123456789012-us-east-1","EnableLogFileValidation":true}`},
				{"StartLogging", `{"Name":"trailhand"}`},
			} {
				if _, err := l.ask(call[0], call[1]); err != nil {
					t.Fatal(err)
				}
			}
		}
		gone := l.busy()
		time.Sleep(1200 * time.Millisecond)
		if err := l.cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = l.cmd.Wait() // it was killed
		answered = append(answered, gone()...)
	}
	l := startLocal(t, args...)
	l.data = data
	time.Sleep(2500 * time.Millisecond) // the digest of what was left over
	l.stop(t)
	checkDelivered(t, l, answered)
	checkNamed(t, l)
}

// checkDelivered holds that each answered call is in the log files, and no call twice.
func checkDelivered(t *testing.T, l *local, answered []string) {
	t.Helper()
	times := map[string]int{}
	l.stored(t, "/CloudTrail/", func(key string, text []byte) {
		var file struct{ Records []struct{ RequestID string } }
		if err := json.Unmarshal(text, &file); err != nil {
			t.Errorf("%s: %v", key, err)
		}
		for _, r := range file.Records {
			times[r.RequestID]++
		}
	})
	lost, twice := 0, 0
	for _, id := range answered {
		if times[id] == 0 {
			lost++
		}
	}
	for _, n := range times {
		if n > 1 {
			twice++
		}
	}
	if lost+twice > 0 || len(answered) < 100 {
		t.Errorf("of %d answered calls %d are lost, %d of %d are there twice", len(answered), lost, twice, len(times))
	}
}

// checkNamed holds that each log file is in one digest.
func checkNamed(t *testing.T, l *local) {
	t.Helper()
	named := map[string]int{}
	l.stored(t, "/CloudTrail-Digest/", func(key string, text []byte) {
		d, err := digest.Parse(text)
		if err != nil {
			t.Errorf("%s: %v", key, err)
		}
		for _, f := range d.LogFiles {
			named[f.S3Object]++
		}
	})
	files, missing := 0, 0
	l.stored(t, "/CloudTrail/", func(key string, _ []byte) {
		files++
		switch {
		case named[key] == 0:
			missing++
		case named[key] > 1:
			t.Errorf("%s is in %d digests", key, named[key])
		}
	})
	if missing > 0 || files < 4 {
		t.Errorf("%d of %d log files are in no digest", missing, files)
	}
}

func TestAnInterruptedAccountDeliversWhatItHas(t *testing.T) {
	l := startLocal(t, "--delivery-interval", "1h")
	var answered []string
	for _, call := range [][2]string{
		{"CreateTrail", `{"Name":"trailhand","S3BucketName":"trailhand-logs-123456789012-us-east-1"}`}, {"StartLogging", `{"Name":"trailhand"}`}, {"DescribeTrails", "{}"},
	} {
		id, err := l.ask(call[0], call[1])
		if err != nil {
			t.Fatal(err)
		}
		answered = append(answered, id)
	}
	l.stop(t)
	times := 0
	l.stored(t, "/CloudTrail/", func(_ string, text []byte) {
		for _, id := range answered[1:] {
			times += strings.Count(string(text), id)
		}
	})
	if times != 2 {
		t.Errorf("%d of 2 calls were delivered", times)
	}
}
