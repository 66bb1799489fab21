package flows

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/klauspost/compress/gzip"

	"github.com/trailhand/trailhand/internal/genlogs"
	"github.com/trailhand/trailhand/pkg/delivery"
	"github.com/trailhand/trailhand/pkg/events"
)

// LogFile delivers a log file of so many records and holds that all of them
// are read.
func (a *Account) LogFile(ctx context.Context, records int) error {
	file, err := NewLogFile(records)
	if err != nil {
		return err
	}
	return a.Read(ctx, fmt.Sprintf("%016d", records), file, records)
}

// Read delivers a log file under a key that ends in name, and holds that all of
// its records are read.
func (a *Account) Read(ctx context.Context, name string, file []byte, records int) error {
	if err := a.deliver(ctx, name, file); err != nil {
		return err
	}
	summaries, err := a.objects(ctx, "records/summary/")
	if err != nil {
		return err
	}
	for key, body := range summaries {
		if !strings.Contains(key, name) {
			continue // the account's own trail delivers too
		}
		var s delivery.Summary
		if err := json.Unmarshal(body, &s); err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
		if s.Records != records || len(s.BadRecords)+len(s.Failed) > 0 {
			return fmt.Errorf("%s: %d records of %d, %d bad", key, s.Records, records, len(s.BadRecords))
		}
		return nil
	}
	return fmt.Errorf("no summary of the log file, but %d others", len(summaries))
}

// DamagedFile delivers half a log file and holds that it is set aside.
func (a *Account) DamagedFile(ctx context.Context) error {
	file, err := NewLogFile(100)
	if err != nil {
		return err
	}
	if err := a.deliver(ctx, "cutInTheMiddle00", file[:len(file)/2]); err != nil {
		return err
	}
	return a.setAside(ctx, "LogFileDeadLetters", "cutInTheMiddle00")
}

// TamperedFile changes a log file that the trail delivered, and holds that the
// digest file that names it tells.
func (a *Account) TamperedFile(ctx context.Context) error {
	return a.tampered(ctx, func(string) {})
}

// tampered calls done with the key of the file that it changed.
func (a *Account) tampered(ctx context.Context, done func(key string)) error {
	if _, err := cloudtrail.NewFromConfig(a.aws).DescribeTrails(ctx, &cloudtrail.DescribeTrailsInput{}); err != nil {
		return err // that call is in the log file
	}
	if err := a.Deliver(ctx); err != nil {
		return err
	}
	key, err := a.newest(ctx)
	if err != nil {
		return err
	}
	file, err := NewLogFile(1)
	if err != nil {
		return err
	}
	if err := a.put(ctx, key, file); err != nil {
		return err
	}
	done(key)
	for range 3 { // a digest file is of a second at least
		time.Sleep(time.Second)
		err = errors.Join(a.Digest(ctx), a.Idle(ctx))
		if err == nil {
			err = a.setAside(ctx, "LogFileDeadLetters", key)
		}
		if err == nil {
			return nil
		}
	}
	return err
}

// newest gives the key of the log file that the trail delivered last.
func (a *Account) newest(ctx context.Context) (string, error) {
	prefix := fmt.Sprintf("AWSLogs/%s/CloudTrail/%s/", accountID, region)
	got, err := a.s3().ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: a.bucket("LogBucket"), Prefix: &prefix})
	if err != nil {
		return "", err
	}
	if len(got.Contents) == 0 {
		return "", errors.New("the trail delivered nothing")
	}
	last := slices.MaxFunc(got.Contents, func(a, b types.Object) int { return a.LastModified.Compare(*b.LastModified) })
	return *last.Key, nil
}

// setAside holds that a queue took a message with that text, or for that reason.
func (a *Account) setAside(ctx context.Context, queue, text string) error {
	got, err := sqs.NewFromConfig(a.aws).ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
		QueueUrl: a.queue(queue), MaxNumberOfMessages: 10, MessageAttributeNames: []string{"reason"},
	})
	if err != nil {
		return err
	}
	for _, m := range got.Messages {
		if strings.Contains(*m.Body+aws.ToString(m.MessageAttributes["reason"].StringValue), text) {
			return nil
		}
	}
	return fmt.Errorf("%s has %d messages, none of %s", queue, len(got.Messages), text)
}

// NewLogFile writes a log file of five minutes, which is what CloudTrail puts into one.
func NewLogFile(records int) ([]byte, error) {
	var file bytes.Buffer
	zw, err := gzip.NewWriterLevel(&file, gzip.DefaultCompression)
	if err != nil {
		return nil, err
	}
	if err := genlogs.WriteJSON(&fiveMinutes{to: zw, records: records}, 1, records, genlogs.High); err != nil {
		return nil, err
	}
	err = zw.Close()
	return file.Bytes(), err
}

// fiveMinutes spreads generated records, one a Write, over five minutes.
type fiveMinutes struct {
	to            io.Writer
	records, done int
}

// Write implements io.Writer.
func (f *fiveMinutes) Write(record []byte) (int, error) {
	const before = `"eventTime":"2025-06-15T`
	if i := bytes.Index(record, []byte(before)); i >= 0 {
		second := 300 * f.done / f.records
		copy(record[i+len(before):], fmt.Sprintf("12:%02d:%02d", second/60, second%60))
		f.done++
	}
	return f.to.Write(record)
}

// deliver puts a log file into the log bucket.
func (a *Account) deliver(ctx context.Context, name string, body []byte) error {
	key := events.Key{AccountID: accountID, Kind: events.KeyLog, Region: region, Time: time.Now().UTC(), Suffix: name}.String()
	return a.put(ctx, key, body)
}

// put writes an object of the log bucket and waits until nothing happens any more.
func (a *Account) put(ctx context.Context, key string, body []byte) error {
	_, err := a.s3().PutObject(ctx, &s3.PutObjectInput{Bucket: a.bucket("LogBucket"), Key: &key, Body: bytes.NewReader(body)})
	if err != nil {
		return err
	}
	return a.Idle(ctx)
}
