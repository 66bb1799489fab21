package queues

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"
)

// The codes are those of the older query protocol: SDKs ask for them, and tell
// them to this day.
func TestWhatSQSRefuses(t *testing.T) {
	q := newQueues(t, map[string]map[string]string{"orders": nil, "small": {"MaximumMessageSize": "1024"}, "ledger.fifo": {"FifoQueue": "true"}})
	c := client(t, q)
	orders, small, ledger := aws.String(q.url("orders")), aws.String(q.url("small")), aws.String(q.url("ledger.fifo"))
	entry := func(id string) types.SendMessageBatchRequestEntry {
		return types.SendMessageBatchRequestEntry{Id: &id, MessageBody: aws.String("x")}
	}
	batch := func(ctx context.Context, entries ...types.SendMessageBatchRequestEntry) error {
		_, err := c.SendMessageBatch(ctx, &sqs.SendMessageBatchInput{QueueUrl: orders, Entries: entries})
		return err
	}
	sending := func(ctx context.Context, in sqs.SendMessageInput) error {
		_, err := c.SendMessage(ctx, &in)
		return err
	}
	creating := func(ctx context.Context, name string, attributes map[string]string) error {
		_, err := c.CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: &name, Attributes: attributes})
		return err
	}
	megabyte := strings.Repeat("x", maxMessageBytes)
	for name, tc := range map[string]struct {
		call func(ctx context.Context) error
		code string
	}{
		"a queue that is not there": {func(ctx context.Context) error {
			return sending(ctx, sqs.SendMessageInput{QueueUrl: aws.String(q.url("none")), MessageBody: aws.String("x")})
		}, "AWS.SimpleQueueService.NonExistentQueue"},
		"a message longer than the queue takes": {func(ctx context.Context) error {
			return sending(ctx, sqs.SendMessageInput{QueueUrl: small, MessageBody: aws.String(strings.Repeat("x", 1025))})
		}, "InvalidParameterValue"},
		"a message longer than 1 MiB": {func(ctx context.Context) error {
			return sending(ctx, sqs.SendMessageInput{QueueUrl: orders, MessageBody: aws.String(megabyte + "x")})
		}, "InvalidParameterValue"},
		"a character that XML could not carry": {func(ctx context.Context) error {
			return sending(ctx, sqs.SendMessageInput{QueueUrl: orders, MessageBody: aws.String("a\x01")})
		}, "InvalidMessageContents"},
		"an empty body": {func(ctx context.Context) error {
			return sending(ctx, sqs.SendMessageInput{QueueUrl: orders, MessageBody: aws.String("")})
		}, "MissingParameter"},
		"a delay over 15 minutes": {func(ctx context.Context) error {
			return sending(ctx, sqs.SendMessageInput{QueueUrl: orders, MessageBody: aws.String("x"), DelaySeconds: 901})
		}, "InvalidParameterValue"},
		"a FIFO message without a group": {func(ctx context.Context) error {
			return sending(ctx, sqs.SendMessageInput{QueueUrl: ledger, MessageBody: aws.String("x")})
		}, "MissingParameter"},
		"a FIFO message that cannot be deduplicated": {func(ctx context.Context) error {
			return sending(ctx, sqs.SendMessageInput{QueueUrl: ledger, MessageBody: aws.String("x"), MessageGroupId: aws.String("g")})
		}, "InvalidParameterValue"},
		"an empty batch":          {func(ctx context.Context) error { return batch(ctx, []types.SendMessageBatchRequestEntry{}...) }, "AWS.SimpleQueueService.EmptyBatchRequest"},
		"a batch of one id twice": {func(ctx context.Context) error { return batch(ctx, entry("a"), entry("a")) }, "AWS.SimpleQueueService.BatchEntryIdsNotDistinct"},
		"a batch with a bad id":   {func(ctx context.Context) error { return batch(ctx, entry("a b")) }, "AWS.SimpleQueueService.InvalidBatchEntryId"},
		"a batch of eleven": {func(ctx context.Context) error {
			var entries []types.SendMessageBatchRequestEntry
			for i := range 11 {
				entries = append(entries, entry(strconv.Itoa(i)))
			}
			return batch(ctx, entries...)
		}, "AWS.SimpleQueueService.TooManyEntriesInBatchRequest"},
		"a batch over 1 MiB": {func(ctx context.Context) error {
			return batch(ctx, entry("a"), types.SendMessageBatchRequestEntry{Id: aws.String("b"), MessageBody: &megabyte})
		}, "AWS.SimpleQueueService.BatchRequestTooLong"},
		"more than ten messages": {func(ctx context.Context) error {
			_, err := c.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: orders, MaxNumberOfMessages: 11})
			return err
		}, "InvalidParameterValue"},
		"a wait over 20 seconds": {func(ctx context.Context) error {
			_, err := c.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: orders, WaitTimeSeconds: 21})
			return err
		}, "InvalidParameterValue"},
		"a receipt that is none": {func(ctx context.Context) error {
			_, err := c.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: orders, ReceiptHandle: aws.String("x")})
			return err
		}, "ReceiptHandleIsInvalid"},
		"another queue's receipt": {func(ctx context.Context) error {
			_, err := c.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: orders, ReceiptHandle: aws.String(handle{"small", "id", 1}.String())})
			return err
		}, "ReceiptHandleIsInvalid"},
		"a queue of the same name and other attributes": {func(ctx context.Context) error {
			return creating(ctx, "orders", map[string]string{"VisibilityTimeout": "31"})
		}, "QueueAlreadyExists"},
		"a FIFO queue without the suffix": {func(ctx context.Context) error {
			return creating(ctx, "ledger2", map[string]string{"FifoQueue": "true"})
		}, "InvalidParameterValue"},
		"a standard queue with the suffix": {func(ctx context.Context) error { return creating(ctx, "x.fifo", nil) }, "InvalidParameterValue"},
		"an unknown attribute": {func(ctx context.Context) error {
			return creating(ctx, "x", map[string]string{"Colour": "red"})
		}, "InvalidAttributeName"},
		"a visibility timeout over 12 hours": {func(ctx context.Context) error {
			return creating(ctx, "x", map[string]string{"VisibilityTimeout": "43201"})
		}, "InvalidAttributeValue"},
		"a redrive policy without a count": {func(ctx context.Context) error {
			return creating(ctx, "x", map[string]string{"RedrivePolicy": `{"deadLetterTargetArn":"arn:aws:sqs:eu-west-1:111122223333:dead"}`})
		}, "InvalidAttributeValue"},
	} {
		t.Run(name, func(t *testing.T) {
			var api smithy.APIError
			if err := tc.call(t.Context()); !errors.As(err, &api) || api.ErrorCode() != tc.code {
				t.Errorf("answers %v, want %s", err, tc.code)
			}
		})
	}
}

func TestAMissingQueueIsTheSDKsOwnErrorType(t *testing.T) {
	q := newQueues(t, nil)
	_, err := client(t, q).GetQueueUrl(t.Context(), &sqs.GetQueueUrlInput{QueueName: aws.String("none")})
	if _, ok := errors.AsType[*types.QueueDoesNotExist](err); !ok {
		t.Errorf("GetQueueUrl answers %v, want QueueDoesNotExist", err)
	}
}
