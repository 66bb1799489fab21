// Package outbox keeps what a trail sends to services that are not here, SNS
// and CloudWatch Logs: a line of JSON each, in the form in which it would
// arrive there.
package outbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/google/uuid"
)

// The files in the outbox's folder.
const (
	SNSFile  = "sns.ndjson"
	LogsFile = "logs.ndjson"
)

// MaxLogBytes is the greatest event that CloudTrail sends to CloudWatch Logs.
const MaxLogBytes = 256 << 10

// Outbox appends to its files. It is safe for concurrent use.
type Outbox struct {
	mu        sync.Mutex
	sns, logs *os.File
}

// Open makes the folder, and goes on behind what an earlier process wrote.
func Open(dir string) (*Outbox, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("outbox: %w", err)
	}
	sns, err := openLines(filepath.Join(dir, SNSFile))
	if err != nil {
		return nil, fmt.Errorf("outbox: %w", err)
	}
	logs, err := openLines(filepath.Join(dir, LogsFile))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("outbox: %w", err), sns.Close())
	}
	return &Outbox{sns: sns, logs: logs}, nil
}

// openLines opens a file behind its last whole line.
func openLines(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	from := max(0, size-2*MaxLogBytes)
	tail := make([]byte, size-from)
	if _, err := f.ReadAt(tail, from); err != nil && !errors.Is(err, io.EOF) {
		return nil, errors.Join(err, f.Close())
	}
	whole := from + int64(bytes.LastIndexByte(tail, '\n')) + 1
	if err := f.Truncate(whole); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	_, err = f.Seek(whole, io.SeekStart)
	return f, err
}

// notification is a message as SNS delivers it.
type notification struct {
	Type      string
	MessageID string `json:"MessageId"`
	TopicArn  string
	Message   string
	Timestamp string
}

// Message tells of a delivered log file in CloudTrail's words.
// Source: CloudTrail User Guide, "Configuring Amazon SNS notifications for CloudTrail".
func Message(bucket, key string) ([]byte, error) {
	return json.Marshal(struct {
		Bucket string   `json:"s3Bucket"`
		Keys   []string `json:"s3ObjectKey"`
	}{bucket, []string{key}})
}

// Notify tells a topic of a delivered log file.
func (o *Outbox) Notify(topicARN string, at time.Time, bucket, key string) error {
	message, err := Message(bucket, key)
	if err != nil {
		return err
	}
	return o.append(o.sns, notification{
		Type: "Notification", MessageID: uuid.NewString(), TopicArn: topicARN, Message: string(message),
		Timestamp: at.UTC().Format("2006-01-02T15:04:05.000Z"),
	})
}

// LogEvent is an event of a log group.
type LogEvent struct {
	GroupARN  string `json:"logGroupArn"`
	Stream    string `json:"logStreamName"` // such as 123456789012_CloudTrail_us-east-1
	RoleARN   string `json:"roleArn"`       // with which it is written
	Timestamp int64  `json:"timestamp"`     // Unix milliseconds
	Message   string `json:"message"`       // the record
}

// Log sends an event to a log group. As CloudTrail does, it leaves out those
// above 256 KB.
func (o *Outbox) Log(e LogEvent) error {
	if len(e.Message) > MaxLogBytes {
		return nil
	}
	return o.append(o.logs, e)
}

// append writes a line, whole or not at all.
func (o *Outbox) append(f *os.File, v any) error {
	var line bytes.Buffer
	enc := json.NewEncoder(&line)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return fmt.Errorf("outbox: %w", err)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	n, err := f.Write(line.Bytes())
	if err == nil {
		return nil
	}
	at, seekErr := f.Seek(int64(-n), io.SeekCurrent)
	return errors.Join(fmt.Errorf("outbox: %w", err), seekErr, f.Truncate(at))
}

// Close closes the files.
func (o *Outbox) Close() error { return errors.Join(o.sns.Close(), o.logs.Close()) }
