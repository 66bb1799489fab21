package flows

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/trailhand/trailhand/internal/genlogs"
	"github.com/trailhand/trailhand/pkg/delivery"
	"github.com/trailhand/trailhand/pkg/events"
)

// LogFile delivers a log file of so many records and holds that all of them
// are read.
func (a *Account) LogFile(ctx context.Context, records int) error {
	var file bytes.Buffer
	if err := genlogs.WriteFile(&file, 1, records, genlogs.Low); err != nil {
		return err
	}
	name := fmt.Sprintf("%016d", records)
	if err := a.deliver(ctx, name, file.Bytes()); err != nil {
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
	var file bytes.Buffer
	if err := genlogs.WriteFile(&file, 1, 100, genlogs.Low); err != nil {
		return err
	}
	if err := a.deliver(ctx, "cutInTheMiddle00", file.Bytes()[:file.Len()/2]); err != nil {
		return err
	}
	return a.setAside(ctx, "LogFileDeadLetters", "cutInTheMiddle00")
}

// setAside holds that a queue took a message with that text.
func (a *Account) setAside(ctx context.Context, queue, text string) error {
	got, err := sqs.NewFromConfig(a.aws).ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: a.queue(queue), MaxNumberOfMessages: 10})
	if err != nil {
		return err
	}
	for _, m := range got.Messages {
		if strings.Contains(*m.Body, text) {
			return nil
		}
	}
	return fmt.Errorf("%s has %d messages, none of %s", queue, len(got.Messages), text)
}

// deliver puts a log file into the log bucket and waits until nothing happens any more.
func (a *Account) deliver(ctx context.Context, name string, body []byte) error {
	key := events.Key{AccountID: accountID, Kind: events.KeyLog, Region: region, Time: time.Now().UTC(), Suffix: name}.String()
	_, err := a.s3().PutObject(ctx, &s3.PutObjectInput{Bucket: a.bucket("LogBucket"), Key: &key, Body: bytes.NewReader(body)})
	if err != nil {
		return err
	}
	return a.Idle(ctx)
}
