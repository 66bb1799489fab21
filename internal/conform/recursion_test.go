package conform

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/trailhand/trailhand/internal/cloud"
)

// post sends a request of a JSON service that no SDK would send.
func post(url, service, target, body string) (*http.Response, error) {
	r, err := http.NewRequest(http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	now := time.Now().UTC()
	r.Header.Set("Authorization", fmt.Sprintf("AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/%s/%s/%s/aws4_request, SignedHeaders=host, Signature=0", now.Format("20060102"), Region, service))
	r.Header.Set("X-Amz-Date", now.Format("20060102T150405Z"))
	r.Header.Set("X-Amz-Target", target)
	r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	return http.DefaultClient.Do(r)
}

// delivered reads the records of every log file below a prefix.
func delivered(ctx context.Context, c *Clients, bucket, prefix string) (all []map[string]any, err error) {
	pages := s3.NewListObjectsV2Paginator(c.S3, &s3.ListObjectsV2Input{Bucket: &bucket, Prefix: &prefix})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, o := range page.Contents {
			records, err := logFile(ctx, c, bucket, *o.Key)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", *o.Key, err)
			}
			all = append(all, records...)
		}
	}
	return all, nil
}

func logFile(ctx context.Context, c *Clients, bucket, key string) ([]map[string]any, error) {
	out, err := c.S3.GetObject(ctx, &s3.GetObjectInput{Bucket: &bucket, Key: &key})
	if err != nil {
		return nil, err
	}
	defer out.Body.Close()
	zr, err := gzip.NewReader(out.Body)
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(zr)
	var file struct{ Records []map[string]any }
	return file.Records, errors.Join(err, json.Unmarshal(data, &file))
}

// logEverything makes a trail that logs management events and all of S3's data
// events, and starts it.
func logEverything(t testing.TB, c *Clients, name string) {
	t.Helper()
	ctx := t.Context()
	bucket := name + "-logs"
	policy := strings.ReplaceAll(logPolicy, "BUCKET", bucket)
	_, made := c.S3.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: &bucket})
	_, put := c.S3.PutBucketPolicy(ctx, &s3.PutBucketPolicyInput{Bucket: &bucket, Policy: &policy})
	_, created := c.CloudTrail.CreateTrail(ctx, &cloudtrail.CreateTrailInput{Name: &name, S3BucketName: &bucket})
	_, selected := c.CloudTrail.PutEventSelectors(ctx, &cloudtrail.PutEventSelectorsInput{TrailName: &name, EventSelectors: []types.EventSelector{{
		DataResources: []types.DataResource{{Type: aws.String("AWS::S3::Object"), Values: []string{"arn:aws:s3"}}},
	}}})
	_, started := c.CloudTrail.StartLogging(ctx, &cloudtrail.StartLoggingInput{Name: &name})
	if err := errors.Join(made, put, created, selected, started); err != nil {
		t.Fatal(err)
	}
}

func TestATrailRecordsItsOwnDeliveriesUnlessToldNotTo(t *testing.T) {
	account := startCloud(t, nil)
	c := Dial(account.URL(), Region)
	logEverything(t, c, "recursive")
	if got := own(t, account, c); got == 0 {
		t.Error("the deliveries are in no log file")
	}
	resp, err := post(account.URL(), "cloudtrail", "CloudTrail_20131101.UpdateTrail", `{"Name":"recursive","RecursiveLogging":false}`)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("UpdateTrail: %v, %v", resp, err)
	}
	resp.Body.Close()
	before := own(t, account, c)
	if err := c.put(t.Context(), "recursive-logs", "somebody's", "v"); err != nil {
		t.Fatal(err)
	}
	if after := own(t, account, c); after != before {
		t.Errorf("%d deliveries are recorded, before there were %d", after, before)
	}
}

// own counts the records of CloudTrail's own writes, when log files were
// delivered twice. Each must be as AWS writes it.
func own(t *testing.T, account *cloud.Cloud, c *Clients) (n int) {
	t.Helper()
	for range 2 {
		if err := account.Deliver(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	records, err := delivered(t.Context(), c, "recursive-logs", "AWSLogs/")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range records {
		identity := r["userIdentity"].(map[string]any)
		if identity["invokedBy"] != "cloudtrail.amazonaws.com" {
			continue
		}
		n++
		if r["eventName"] != "PutObject" || r["eventCategory"] != "Data" || r["sourceIPAddress"] != "cloudtrail.amazonaws.com" || identity["type"] != "AWSService" {
			t.Errorf("recorded %v", r)
		}
	}
	return n
}
