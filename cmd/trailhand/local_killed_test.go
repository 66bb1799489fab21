package main

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/trailhand/trailhand/internal/conform"
)

// acknowledged makes calls until the account is gone, and gives the request
// IDs of those that were answered.
func (l *local) acknowledged(clients int) (ids []string) {
	var mu sync.Mutex
	var all sync.WaitGroup
	for range clients {
		all.Go(func() {
			for {
				id, err := l.call()
				if err != nil {
					return
				}
				mu.Lock()
				ids = append(ids, id)
				mu.Unlock()
			}
		})
	}
	all.Wait()
	return ids
}

// call lists trails, and gives the request ID of the answer once it is whole.
func (l *local) call() (string, error) {
	r, err := http.NewRequest(http.MethodPost, l.url, strings.NewReader("{}"))
	if err != nil {
		return "", err
	}
	now := time.Now().UTC()
	r.Header.Set("X-Amz-Date", now.Format("20060102T150405Z"))
	r.Header.Set("X-Amz-Target", "CloudTrail_20131101.ListTrails")
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKIA/"+now.Format("20060102")+"/us-east-1/cloudtrail/aws4_request, SignedHeaders=host, Signature=0")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return "", err
	}
	_, err = io.Copy(io.Discard, resp.Body)
	return resp.Header.Get("X-Amzn-Requestid"), errors.Join(err, resp.Body.Close())
}

// requestIDs counts the records of ListTrails in all log files, by request ID.
func (l *local) requestIDs(t *testing.T, bucket string) map[string]int {
	t.Helper()
	c := conform.Dial(l.url, conform.Region).S3
	counts := map[string]int{}
	pages := s3.NewListObjectsV2Paginator(c, &s3.ListObjectsV2Input{Bucket: &bucket})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range page.Contents {
			if err := countIn(t.Context(), c, bucket, *o.Key, counts); err != nil {
				t.Fatalf("%s: %v", *o.Key, err)
			}
		}
	}
	return counts
}

func countIn(ctx context.Context, c *s3.Client, bucket, key string, counts map[string]int) error {
	out, err := c.GetObject(ctx, &s3.GetObjectInput{Bucket: &bucket, Key: &key})
	if err != nil {
		return err
	}
	defer out.Body.Close()
	zr, err := gzip.NewReader(out.Body)
	if err != nil {
		return err
	}
	var file struct {
		Records []struct{ EventName, RequestID string }
	}
	if err := json.NewDecoder(zr).Decode(&file); err != nil {
		return err
	}
	for _, r := range file.Records {
		if r.EventName == "ListTrails" {
			counts[r.RequestID]++
		}
	}
	return nil
}

// TestKilledInTheMiddleOfItNothingIsLostAndNothingTwice kills the command
// while it takes calls and delivers log files, several times.
func TestKilledInTheMiddleOfItNothingIsLostAndNothingTwice(t *testing.T) {
	l := startLocal(t, "--delivery-interval", "20ms")
	l.makeTrail(t, "killed")
	l.tool(t, "aws", "cloudtrail", "start-logging", "--name", "killed")
	var ids []string
	for round := range 6 {
		killed := time.AfterFunc(time.Duration(300+110*round)*time.Millisecond, func() { l.cmd.Process.Kill() })
		ids = append(ids, l.acknowledged(4)...)
		killed.Stop()
		l.cmd.Wait()
		l = startLocal(t, "--data", l.data, "--delivery-interval", "20ms")
	}
	waitUntil(t, func() error {
		counts := l.requestIDs(t, "killed-logs")
		lost, twice := 0, 0
		for _, id := range ids {
			switch counts[id] {
			case 0:
				lost++
			case 1:
			default:
				twice++
			}
		}
		if lost+twice > 0 {
			return fmt.Errorf("of %d calls %d are in no log file, and %d in several", len(ids), lost, twice)
		}
		return nil
	})
	t.Logf("%d calls were acknowledged", len(ids))
	if len(ids) < 100 {
		t.Errorf("only %d calls were made", len(ids))
	}
}

// waitUntil waits until nothing is wrong any more.
func waitUntil(t *testing.T, wrong func() error) {
	t.Helper()
	var err error
	for range 100 {
		if err = wrong(); err == nil {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Error(err)
}
