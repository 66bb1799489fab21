package queues

import (
	"context"
	"maps"
	"strings"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/trailhand/trailhand/internal/cloud/wire"
)

// maxTags is how many tags a queue can have.
const maxTags = 50

func (q *Queues) listQueueTags(_ context.Context, _ wire.Caller, in *sqs.ListQueueTagsInput) (*sqs.ListQueueTagsOutput, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	qu, err := q.find(deref(in.QueueUrl))
	if err != nil {
		return nil, err
	}
	return &sqs.ListQueueTagsOutput{Tags: maps.Clone(qu.tags)}, nil
}

func (q *Queues) tagQueue(_ context.Context, _ wire.Caller, in *sqs.TagQueueInput) (*sqs.TagQueueOutput, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	qu, err := q.find(deref(in.QueueUrl))
	if err != nil {
		return nil, err
	}
	if len(in.Tags) == 0 {
		return nil, fault(codeMissing, "The request must contain the parameter Tags.")
	}
	q.journal.dirty = true
	return nil, qu.tag(in.Tags)
}

func (q *Queues) untagQueue(_ context.Context, _ wire.Caller, in *sqs.UntagQueueInput) (*sqs.UntagQueueOutput, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	qu, err := q.find(deref(in.QueueUrl))
	if err != nil {
		return nil, err
	}
	if len(in.TagKeys) == 0 {
		return nil, fault(codeMissing, "The request must contain the parameter TagKeys.")
	}
	q.journal.dirty = true
	for _, key := range in.TagKeys {
		delete(qu.tags, key)
	}
	return nil, nil
}

// tag adds tags, and replaces those of the same keys: all of them, or none.
func (qu *queue) tag(given map[string]string) error {
	all := maps.Clone(qu.tags)
	if all == nil {
		all = map[string]string{}
	}
	for key, value := range given {
		if n := utf8.RuneCountInString(key); n < 1 || n > 128 || strings.HasPrefix(key, "aws:") {
			return fault(codeInvalidValue, "Tag key %s is invalid. Reason: Must be between 1 and 128 characters, and not begin with aws:.", key)
		}
		if utf8.RuneCountInString(value) > 256 {
			return fault(codeInvalidValue, "The value of tag %s is invalid. Reason: Must be at most 256 characters.", key)
		}
		all[key] = value
	}
	if len(all) > maxTags {
		return fault(codeInvalidValue, "Too many tags added for queue %s.", qu.name)
	}
	qu.tags = all
	return nil
}
