package queues

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// In these inputs the numbers that the SDK's structs give as 0 where they are
// absent are told from a 0 that was sent: it overrides what the queue says.

type receiveMessageInput struct {
	sqs.ReceiveMessageInput
	MaxNumberOfMessages *int32
	VisibilityTimeout   *int32
	WaitTimeSeconds     *int32
}

type sendMessageInput struct {
	sqs.SendMessageInput
	DelaySeconds *int32
}

type sendMessageBatchInput struct {
	QueueUrl *string
	Entries  []sendMessageBatchEntry
}

type sendMessageBatchEntry struct {
	types.SendMessageBatchRequestEntry
	DelaySeconds *int32
}

// outside reports whether a number is given that is not from 0 to max.
func outside(n *int32, max int32) bool { return n != nil && (*n < 0 || *n > max) }

// secondsIn gives a number of seconds, or nil where there is none.
func secondsIn(n *int32) *time.Duration {
	if n == nil {
		return nil
	}
	return new(seconds(int(*n)))
}
