package queues

import (
	"context"
	"regexp"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/trailhand/trailhand/internal/cloud/wire"
)

// checkBatch refuses a batch as a whole.
func checkBatch(ids []string) error {
	switch {
	case len(ids) == 0:
		return fault(codeEmptyBatch, "There should be at least one entry in the request.")
	case len(ids) > 10:
		return fault(codeTooManyEntries, "Maximum number of entries per request are 10. You have sent %d.", len(ids))
	}
	valid := regexp.MustCompile(`^[A-Za-z0-9_-]{1,80}$`)
	seen := map[string]bool{}
	for _, id := range ids {
		if !valid.MatchString(id) {
			return fault(codeInvalidEntryID, "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.")
		}
		if seen[id] {
			return fault(codeIDsNotDistinct, "Id %s repeated.", id)
		}
		seen[id] = true
	}
	return nil
}

// ids has the ids of a batch's entries.
func ids[E any](entries []E, id func(*E) *string) []string {
	var out []string
	for i := range entries {
		out = append(out, deref(id(&entries[i])))
	}
	return out
}

func failed(id *string, err error) types.BatchResultErrorEntry {
	code, message := entryFault(err)
	return types.BatchResultErrorEntry{Id: id, Code: &code, Message: &message, SenderFault: true}
}

func (q *Queues) sendMessageBatch(ctx context.Context, c wire.Caller, in *sendMessageBatchInput) (*sqs.SendMessageBatchOutput, error) {
	if err := checkBatch(ids(in.Entries, func(e *sendMessageBatchEntry) *string { return e.Id })); err != nil {
		return nil, err
	}
	if _, err := q.Empty(deref(in.QueueUrl)); err != nil {
		return nil, err
	}
	size := 0
	for _, e := range in.Entries {
		size += messageBytes(Outgoing{Body: deref(e.MessageBody), Attributes: e.MessageAttributes})
	}
	if size > maxMessageBytes {
		return nil, fault(codeBatchTooLong, "Batch requests cannot be longer than %d bytes. You have sent %d bytes.", maxMessageBytes, size)
	}
	out := &sqs.SendMessageBatchOutput{Successful: []types.SendMessageBatchResultEntry{}}
	for _, e := range in.Entries {
		s, err := q.sendMessage(ctx, c, &sendMessageInput{DelaySeconds: e.DelaySeconds, SendMessageInput: sqs.SendMessageInput{
			QueueUrl: in.QueueUrl, MessageBody: e.MessageBody, MessageAttributes: e.MessageAttributes,
			MessageDeduplicationId: e.MessageDeduplicationId, MessageGroupId: e.MessageGroupId, MessageSystemAttributes: e.MessageSystemAttributes,
		}})
		if err != nil {
			out.Failed = append(out.Failed, failed(e.Id, err))
			continue
		}
		out.Successful = append(out.Successful, types.SendMessageBatchResultEntry{
			Id: e.Id, MessageId: s.MessageId, MD5OfMessageBody: s.MD5OfMessageBody,
			MD5OfMessageAttributes: s.MD5OfMessageAttributes, SequenceNumber: s.SequenceNumber,
		})
	}
	return out, nil
}

func (q *Queues) deleteMessageBatch(_ context.Context, _ wire.Caller, in *sqs.DeleteMessageBatchInput) (*sqs.DeleteMessageBatchOutput, error) {
	if err := checkBatch(ids(in.Entries, func(e *types.DeleteMessageBatchRequestEntry) *string { return e.Id })); err != nil {
		return nil, err
	}
	if _, err := q.Empty(deref(in.QueueUrl)); err != nil {
		return nil, err
	}
	out := &sqs.DeleteMessageBatchOutput{Successful: []types.DeleteMessageBatchResultEntry{}}
	for _, e := range in.Entries {
		if err := q.Delete(deref(in.QueueUrl), deref(e.ReceiptHandle)); err != nil {
			out.Failed = append(out.Failed, failed(e.Id, err))
			continue
		}
		out.Successful = append(out.Successful, types.DeleteMessageBatchResultEntry{Id: e.Id})
	}
	return out, nil
}

func (q *Queues) changeMessageVisibilityBatch(_ context.Context, _ wire.Caller, in *sqs.ChangeMessageVisibilityBatchInput) (*sqs.ChangeMessageVisibilityBatchOutput, error) {
	if err := checkBatch(ids(in.Entries, func(e *types.ChangeMessageVisibilityBatchRequestEntry) *string { return e.Id })); err != nil {
		return nil, err
	}
	if _, err := q.Empty(deref(in.QueueUrl)); err != nil {
		return nil, err
	}
	out := &sqs.ChangeMessageVisibilityBatchOutput{Successful: []types.ChangeMessageVisibilityBatchResultEntry{}}
	for _, e := range in.Entries {
		if err := q.ChangeVisibility(deref(in.QueueUrl), deref(e.ReceiptHandle), seconds(int(e.VisibilityTimeout))); err != nil {
			out.Failed = append(out.Failed, failed(e.Id, err))
			continue
		}
		out.Successful = append(out.Successful, types.ChangeMessageVisibilityBatchResultEntry{Id: e.Id})
	}
	return out, nil
}
