package flows

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/klauspost/compress/gzip"

	"github.com/trailhand/trailhand/internal/replay"
	"github.com/trailhand/trailhand/pkg/delivery"
	"github.com/trailhand/trailhand/pkg/events"
	"github.com/trailhand/trailhand/pkg/insights"
)

const (
	past        = "archive/"     // where S3 tells nobody of log files
	pastAccount = "444455556666" // of which nothing else is heard
)

// Past is log files of the past by their keys, below any prefix.
type Past map[string][]byte

// NewPast makes log files of four days before end, one in six hours for each of
// two Regions. A record is some seconds older than its file, and the last one of
// a file an hour.
func NewPast(end time.Time) (Past, error) {
	files := Past{}
	for _, region := range []string{"eu-west-1", "us-east-1"} {
		for at := end.AddDate(0, 0, -4); !at.After(end); at = at.Add(6 * time.Hour) {
			var records []string
			for n := range 35 {
				records = append(records, pastRecord(region, n, at.Add(-time.Duration(n)*10*time.Minute-20*time.Second)))
			}
			records = append(records, pastRecord(region, 99, at.Add(-7*time.Hour)))
			var file bytes.Buffer
			zw := gzip.NewWriter(&file)
			_, err := fmt.Fprintf(zw, `{"Records":[%s]}`, joined(records))
			if err := errors.Join(err, zw.Close()); err != nil {
				return nil, err
			}
			key := events.Key{AccountID: pastAccount, Kind: events.KeyLog, Region: region, Time: at, Suffix: "ofThePast0000000"}
			files[key.String()] = file.Bytes()
		}
	}
	return files, nil
}

func joined(records []string) []byte {
	var b bytes.Buffer
	for i, r := range records {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(r)
	}
	return b.Bytes()
}

func pastRecord(region string, n int, at time.Time) string {
	name := [...]string{"CreateTags", "RunInstances", "PutBucketPolicy", "CreateAccessKey"}[n%4]
	return fmt.Sprintf(`{"eventVersion":"1.11","eventType":"AwsApiCall","eventCategory":"Management","managementEvent":true,"readOnly":false,`+
		`"eventTime":%q,"eventSource":"ec2.amazonaws.com","eventName":%q,"awsRegion":%q,"recipientAccountId":%q,"eventID":"%s-%d-%d",`+
		`"userIdentity":{"type":"IAMUser","arn":"arn:aws:iam::%s:user/u%d"},"userAgent":"aws-cli/2"}`,
		at.UTC().Format(time.RFC3339), name, region, pastAccount, region, at.Unix(), n, pastAccount, n%3)
}

// Learned gives the states that `trailhand baseline` makes of the files, by Region.
func (files Past) Learned(ctx context.Context, until time.Time, days int) (map[string][]byte, error) {
	states := map[string][]byte{}
	log := replay.NewLog()
	for key, file := range files {
		place, reason := delivery.LogFile(key)
		if reason != "" {
			return nil, errors.New(reason)
		}
		p := delivery.Pipeline{Sinks: []delivery.Sink{delivery.Tallies{To: log}}}
		if _, err := p.Read(ctx, delivery.File{Key: key, Place: place}, events.OpenGzip(bytes.NewReader(file), events.Limits{})); err != nil {
			return nil, err
		}
	}
	err := replay.Baseline(insights.DefaultConfig(), until, log.End(), days).States(ctx, log, func(p replay.Place, s *insights.State) (err error) {
		states[p.Region], err = s.Encode()
		return err
	})
	return states, err
}

// Backfill has the state machine read log files of the past, first for a warm
// start and then for their records, and holds that the detector's states are
// those of `trailhand baseline`, and stay so when it runs again.
func (a *Account) Backfill(ctx context.Context) error {
	until := time.Now().UTC().AddDate(0, 0, -1).Truncate(time.Minute)
	files, err := NewPast(until)
	if err != nil {
		return err
	}
	for key, file := range files {
		if err := a.put(ctx, past+key, file); err != nil {
			return err
		}
	}
	want, err := files.Learned(ctx, until, 3)
	if err != nil {
		return err
	}
	ask := map[string]any{"days": 3, "until": until.Format(time.RFC3339)}
	for _, name := range []string{"once", "again"} {
		if err := a.machine(ctx, name, map[string]any{"warmStart": ask}); err != nil {
			return err
		}
		if err := a.warm(ctx, want); err != nil {
			return fmt.Errorf("warm start %s: %w", name, err)
		}
	}
	if err := a.machine(ctx, "records", nil); err != nil {
		return err
	}
	written, err := a.objects(ctx, "records/ndjson/account="+pastAccount)
	if err == nil && len(written) != len(files) {
		err = fmt.Errorf("records of %d log files are written, of %d", len(written), len(files))
	}
	return err
}

// warm holds that the detector has these states.
func (a *Account) warm(ctx context.Context, want map[string][]byte) error {
	got, err := a.objects(ctx, "detector/"+pastAccount+"/")
	if err != nil {
		return err
	}
	for region, state := range want {
		if err := same(got[region+".state"], state); err != nil {
			return fmt.Errorf("the state of %s is not that of trailhand baseline: %w", region, err)
		}
	}
	if len(got) != len(want) || len(want) == 0 {
		return fmt.Errorf("%d states, want %d", len(got), len(want))
	}
	return nil
}

// same compares states. Functions of another architecture may round the last
// digit of a product another way: then what they know is compared.
func same(got, want []byte) error {
	if bytes.Equal(got, want) {
		return nil
	}
	g, errGot := insights.Decode(got, insights.DefaultConfig())
	w, errWant := insights.Decode(want, insights.DefaultConfig())
	if err := errors.Join(errGot, errWant); err != nil {
		return err
	}
	if len(got) != len(want) || g.Keys() != w.Keys() || !g.Watermark().Equal(w.Watermark()) {
		return fmt.Errorf("%d bytes, %d rates up to %s, want %d, %d and %s", len(got), g.Keys(), g.Watermark(), len(want), w.Keys(), w.Watermark())
	}
	return nil
}

// machine runs the state machine over the files of the past.
func (a *Account) machine(ctx context.Context, name string, with map[string]any) error {
	m := &machine{
		Machine: a.Wiring().Machines[0], invoke: a.Invoke, list: a.listed, need: a.need,
		context: map[string]any{"Execution": map[string]any{"Name": name, "StartTime": time.Now().UTC().Format("2006-01-02T15:04:05.000Z")}},
	}
	in := map[string]any{"bucket": *a.bucket("LogBucket"), "prefix": past + "AWSLogs/"}
	for key, value := range with {
		in[key] = value
	}
	if _, err := m.execute(ctx, in); err != nil {
		return fmt.Errorf("state machine, execution %q: %w", name, err)
	}
	return a.Idle(ctx)
}

// listed gives objects as ListObjectsV2 does to a Map.
func (a *Account) listed(ctx context.Context, bucket, prefix string) ([]any, error) {
	var all []any
	pages := s3.NewListObjectsV2Paginator(a.s3(), &s3.ListObjectsV2Input{Bucket: &bucket, Prefix: &prefix})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, o := range page.Contents {
			item, err := json.Marshal(map[string]any{
				"Etag": aws.ToString(o.ETag), "Key": *o.Key, "LastModified": o.LastModified.Unix(), "Size": *o.Size, "StorageClass": o.StorageClass,
			})
			if err != nil {
				return nil, err
			}
			decoded, err := value(item)
			if err != nil {
				return nil, err
			}
			all = append(all, decoded)
		}
	}
	return all, nil
}
