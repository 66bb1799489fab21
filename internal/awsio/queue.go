package awsio

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/trailhand/trailhand/pkg/insights"
)

// Queue sends to one SQS queue; it is FIFO if its name says so.
type Queue struct {
	api *sqs.Client
	url string
}

// NewQueue returns the queue with that URL.
func NewQueue(cfg aws.Config, url string) *Queue {
	return &Queue{api: sqs.NewFromConfig(cfg), url: url}
}

func (q *Queue) fifo() bool { return strings.HasSuffix(q.url, ".fifo") }

// Send implements delivery.BatchSender: one message group an account and
// Region, deduplicated by the batch's ID.
func (q *Queue) Send(ctx context.Context, batches []insights.Batch) error {
	entries := make([]types.SendMessageBatchRequestEntry, 0, len(batches))
	for _, b := range batches {
		body, err := json.Marshal(b)
		if err != nil {
			return fmt.Errorf("encoding batch %q: %w", b.ID, err)
		}
		e := types.SendMessageBatchRequestEntry{Id: aws.String(strconv.Itoa(len(entries))), MessageBody: aws.String(string(body))}
		if q.fifo() {
			e.MessageGroupId = aws.String(group(b.AccountID, b.Region))
			e.MessageDeduplicationId = aws.String(hash(b.ID))
		}
		entries = append(entries, e)
	}
	size := func(e types.SendMessageBatchRequestEntry) int { return len(*e.MessageBody) }
	for _, chunk := range chunks(entries, maxMessageBytes, size) {
		if err := sendAll(ctx, chunk, q.send); err != nil {
			return err
		}
	}
	return nil
}

func (q *Queue) send(ctx context.Context, entries []types.SendMessageBatchRequestEntry) ([]types.SendMessageBatchRequestEntry, error) {
	out, err := q.api.SendMessageBatch(ctx, &sqs.SendMessageBatchInput{QueueUrl: &q.url, Entries: entries})
	if err != nil {
		return nil, fmt.Errorf("sending to %s: %w", q.url, err)
	}
	faults := map[string]error{}
	for _, f := range out.Failed {
		faults[aws.ToString(f.Id)] = fmt.Errorf("%s: %s", aws.ToString(f.Code), aws.ToString(f.Message))
	}
	var failed []types.SendMessageBatchRequestEntry
	var why error
	for _, e := range entries {
		if fault := faults[*e.Id]; fault != nil {
			failed = append(failed, e)
			why = errors.Join(why, fmt.Errorf("sending to %s: entry %s: %w", q.url, *e.Id, fault))
		}
	}
	return failed, why
}

// group names a message group. A record's account and Region are text of
// anyone's choice: what SQS would refuse is hashed.
func group(account, region string) string {
	id := account + "/" + region
	for _, c := range []byte(id) {
		if c <= ' ' || c > '~' {
			return hash(id)
		}
	}
	if len(id) > 128 {
		return hash(id)
	}
	return id
}

// Post sends one message.
func (q *Queue) Post(ctx context.Context, body string) error {
	if _, err := q.api.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: &q.url, MessageBody: &body}); err != nil {
		return fmt.Errorf("sending to %s: %w", q.url, err)
	}
	return nil
}

// maxReason bounds the reason that a message is set aside with.
const maxReason = 8 << 10

// SetAside sends what could not be handled, with the reason as an attribute.
func (q *Queue) SetAside(ctx context.Context, body, reason string) error {
	if len(reason) > maxReason {
		reason = strings.ToValidUTF8(reason[:maxReason], "") + " …"
	}
	in := &sqs.SendMessageInput{
		QueueUrl: &q.url, MessageBody: aws.String(printable(body)),
		MessageAttributes: map[string]types.MessageAttributeValue{
			"reason": {DataType: aws.String("String"), StringValue: aws.String(printable(reason))},
		},
	}
	if q.fifo() {
		in.MessageGroupId = aws.String("set-aside")
		in.MessageDeduplicationId = aws.String(hash(body + "\n" + reason))
	}
	if _, err := q.api.SendMessage(ctx, in); err != nil {
		return fmt.Errorf("setting a message aside in %s: %w", q.url, err)
	}
	return nil
}

// printable replaces the characters that SQS refuses, and an empty text.
func printable(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF {
			return '\uFFFD'
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	if s == "" {
		return "(empty)"
	}
	return s
}
