package queues

import (
	"context"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/trailhand/trailhand/internal/cloud/wire"
)

// Service is the SQS API of the queues.
func (q *Queues) Service() *wire.Service {
	return &wire.Service{
		Source:  "sqs.amazonaws.com",
		Version: wire.JSON10,
		Now:     q.cfg.Now,
		Operations: map[string]wire.Operation{
			"CreateQueue":                  wire.Op(q.createQueue),
			"DeleteQueue":                  wire.Op(q.deleteQueue),
			"PurgeQueue":                   wire.Op(q.purgeQueue),
			"ListQueues":                   wire.Op(q.listQueues),
			"GetQueueUrl":                  wire.Op(q.getQueueURL),
			"GetQueueAttributes":           wire.Op(q.getQueueAttributes),
			"SetQueueAttributes":           wire.Op(q.setQueueAttributes),
			"ListQueueTags":                wire.Op(q.listQueueTags),
			"TagQueue":                     wire.Op(q.tagQueue),
			"UntagQueue":                   wire.Op(q.untagQueue),
			"SendMessage":                  wire.Op(q.sendMessage),
			"SendMessageBatch":             wire.Op(q.sendMessageBatch),
			"ReceiveMessage":               wire.Op(q.receiveMessage),
			"DeleteMessage":                wire.Op(q.deleteMessage),
			"DeleteMessageBatch":           wire.Op(q.deleteMessageBatch),
			"ChangeMessageVisibility":      wire.Op(q.changeMessageVisibility),
			"ChangeMessageVisibilityBatch": wire.Op(q.changeMessageVisibilityBatch),
		},
		Unsupported: []string{
			"AddPermission", "CancelMessageMoveTask", "ListDeadLetterSourceQueues", "ListMessageMoveTasks",
			"RemovePermission", "StartMessageMoveTask",
		},
	}
}

func (q *Queues) createQueue(_ context.Context, _ wire.Caller, in *sqs.CreateQueueInput) (*sqs.CreateQueueOutput, error) {
	name := deref(in.QueueName)
	if err := q.create(name, in.Attributes, in.Tags); err != nil {
		return nil, err
	}
	return &sqs.CreateQueueOutput{QueueUrl: new(q.url(name))}, nil
}

func (q *Queues) deleteQueue(_ context.Context, _ wire.Caller, in *sqs.DeleteQueueInput) (*sqs.DeleteQueueOutput, error) {
	return nil, q.remove(deref(in.QueueUrl))
}

func (q *Queues) purgeQueue(_ context.Context, _ wire.Caller, in *sqs.PurgeQueueInput) (*sqs.PurgeQueueOutput, error) {
	return nil, q.purge(deref(in.QueueUrl))
}

// listQueues pages by name: a token is the last name of the page before.
func (q *Queues) listQueues(_ context.Context, _ wire.Caller, in *sqs.ListQueuesInput) (*sqs.ListQueuesOutput, error) {
	size := 1000
	if in.MaxResults != nil {
		size = int(*in.MaxResults)
	}
	if size < 1 || size > 1000 {
		return nil, fault(codeInvalidValue, "Value %d for parameter MaxResults is invalid. Reason: must be between 1 and 1000, if provided.", size)
	}
	out := &sqs.ListQueuesOutput{}
	last := ""
	for _, name := range q.names(deref(in.QueueNamePrefix)) {
		if name <= deref(in.NextToken) {
			continue
		}
		if len(out.QueueUrls) == size {
			if in.MaxResults != nil {
				out.NextToken = &last
			}
			break
		}
		out.QueueUrls = append(out.QueueUrls, q.url(name))
		last = name
	}
	return out, nil
}

func (q *Queues) getQueueURL(_ context.Context, _ wire.Caller, in *sqs.GetQueueUrlInput) (*sqs.GetQueueUrlOutput, error) {
	if in.QueueName == nil {
		return nil, fault(codeMissing, "The request must contain the parameter QueueName.")
	}
	if !slices.Contains(q.names(*in.QueueName), *in.QueueName) {
		return nil, fault(codeNoQueue, "The specified queue does not exist.")
	}
	return &sqs.GetQueueUrlOutput{QueueUrl: new(q.url(*in.QueueName))}, nil
}

func (q *Queues) getQueueAttributes(_ context.Context, _ wire.Caller, in *sqs.GetQueueAttributesInput) (*sqs.GetQueueAttributesOutput, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	qu, err := q.find(deref(in.QueueUrl))
	if err != nil {
		return nil, err
	}
	all := qu.described(q.cfg.Now())
	if slices.Contains(in.AttributeNames, types.QueueAttributeNameAll) {
		return &sqs.GetQueueAttributesOutput{Attributes: all}, nil
	}
	out := &sqs.GetQueueAttributesOutput{}
	for _, name := range in.AttributeNames {
		if !slices.Contains(name.Values(), name) {
			return nil, fault(codeInvalidAttributeName, "Unknown Attribute %s.", name)
		}
		if value, ok := all[string(name)]; ok {
			if out.Attributes == nil {
				out.Attributes = map[string]string{}
			}
			out.Attributes[string(name)] = value
		}
	}
	return out, nil
}

func (q *Queues) setQueueAttributes(_ context.Context, _ wire.Caller, in *sqs.SetQueueAttributesInput) (*sqs.SetQueueAttributesOutput, error) {
	if _, given := in.Attributes["FifoQueue"]; given {
		return nil, fault(codeInvalidAttributeName, "Unknown Attribute FifoQueue.")
	}
	return nil, q.setAttributes(deref(in.QueueUrl), in.Attributes)
}

func (q *Queues) receiveMessage(ctx context.Context, _ wire.Caller, in *receiveMessageInput) (*sqs.ReceiveMessageOutput, error) {
	r, err := q.request(in)
	if err != nil {
		return nil, err
	}
	messages, err := q.receive(ctx, deref(in.QueueUrl), r)
	if ctx.Err() != nil {
		return &sqs.ReceiveMessageOutput{}, nil //nolint:nilerr // the client went away: nobody reads the answer
	}
	out := &sqs.ReceiveMessageOutput{}
	for _, m := range messages {
		out.Messages = append(out.Messages, answered(m, &in.ReceiveMessageInput))
	}
	return out, err
}

func (q *Queues) request(in *receiveMessageInput) (request, error) {
	r := request{max: 1, visibility: secondsIn(in.VisibilityTimeout)}
	if n := in.MaxNumberOfMessages; n != nil {
		r.max = int(*n)
	}
	switch {
	case r.max < 1 || r.max > 10:
		return r, fault(codeInvalidValue, "Value %d for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided.", r.max)
	case outside(in.WaitTimeSeconds, 20):
		return r, fault(codeInvalidValue, "Value %d for parameter WaitTimeSeconds is invalid. Reason: Must be >= 0 and <= 20, if provided.", *in.WaitTimeSeconds)
	case outside(in.VisibilityTimeout, 43200):
		return r, fault(codeInvalidValue, "Value %d for parameter VisibilityTimeout is invalid. Reason: Must be between 0 and 43200, if provided.", *in.VisibilityTimeout)
	}
	if wait := secondsIn(in.WaitTimeSeconds); wait != nil {
		r.wait = *wait
		return r, nil
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	qu, err := q.find(deref(in.QueueUrl))
	if err != nil {
		return r, err
	}
	r.wait = qu.settings.receiveWait
	return r, nil
}

// answered is a message with the attributes that were asked for.
func answered(m Message, in *sqs.ReceiveMessageInput) types.Message {
	out := types.Message{MessageId: &m.ID, ReceiptHandle: &m.ReceiptHandle, Body: &m.Body, MD5OfBody: &m.MD5OfBody}
	attributes := maps.Clone(m.Attributes)
	maps.DeleteFunc(attributes, func(name, _ string) bool { return !wanted(in, name) })
	if len(attributes) > 0 {
		out.Attributes = attributes
	}
	out.MessageAttributes = selected(m.MessageAttributes, in.MessageAttributeNames)
	out.MD5OfMessageAttributes = attributesMD5(out.MessageAttributes)
	return out
}

// wanted says whether a receiver asked for a system attribute, under its new
// name or, as older clients do, under its old one.
func wanted(in *sqs.ReceiveMessageInput, name string) bool {
	names := slices.Clone(in.MessageSystemAttributeNames)
	//lint:ignore SA1019 deprecated, and still sent
	for _, old := range in.AttributeNames { //nolint:staticcheck // the same
		names = append(names, types.MessageSystemAttributeName(old))
	}
	return slices.Contains(names, "All") || slices.Contains(names, types.MessageSystemAttributeName(name))
}

func (q *Queues) deleteMessage(_ context.Context, _ wire.Caller, in *sqs.DeleteMessageInput) (*sqs.DeleteMessageOutput, error) {
	return nil, q.Delete(deref(in.QueueUrl), deref(in.ReceiptHandle))
}

func (q *Queues) changeMessageVisibility(_ context.Context, _ wire.Caller, in *sqs.ChangeMessageVisibilityInput) (*sqs.ChangeMessageVisibilityOutput, error) {
	return nil, q.ChangeVisibility(deref(in.QueueUrl), deref(in.ReceiptHandle), seconds(int(in.VisibilityTimeout)))
}

func (q *Queues) sendMessage(_ context.Context, c wire.Caller, in *sendMessageInput) (*sqs.SendMessageOutput, error) {
	m := Outgoing{
		Body: deref(in.MessageBody), GroupID: deref(in.MessageGroupId), DeduplicationID: deref(in.MessageDeduplicationId),
		Delay: secondsIn(in.DelaySeconds), Attributes: in.MessageAttributes, SenderID: c.UserID,
		TraceHeader: deref(in.MessageSystemAttributes["AWSTraceHeader"].StringValue),
	}
	s, err := q.send(deref(in.QueueUrl), m)
	if err != nil {
		return nil, err
	}
	out := &sqs.SendMessageOutput{MessageId: &s.id, MD5OfMessageBody: new(md5Hex(m.Body)), MD5OfMessageAttributes: attributesMD5(m.Attributes)}
	if s.sequence > 0 {
		out.SequenceNumber = new(sequenceNumber(s.sequence))
	}
	return out, nil
}
