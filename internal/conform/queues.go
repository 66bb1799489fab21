package conform

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

func queueCases() []Case {
	return []Case{
		{Name: "a message is received, hidden, and deleted", Run: messagesAreReceived},
		{Name: "a message comes back when its visibility timeout is set to nothing", Run: messagesComeBack},
		{Name: "a FIFO queue keeps the order of a group, and takes a message once", Run: fifoKeepsOrder},
		{Name: "a batch says of each message what became of it", Run: batchesAnswerEach},
		{Name: "a missing queue is named", Run: missingQueuesAreNamed},
		{Name: "a queue tells its attributes", Run: queuesTellAttributes},
		{Name: "a queue keeps its tags", Run: queuesKeepTags},
	}
}

// withQueue runs do with a queue that it then removes.
func (c *Clients) withQueue(ctx context.Context, name string, attributes map[string]string, do func(url *string) error) error {
	out, err := c.SQS.CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: &name, Attributes: attributes})
	if err != nil {
		return fmt.Errorf("creating a queue: %w", err)
	}
	err = do(out.QueueUrl)
	_, removed := c.SQS.DeleteQueue(ctx, &sqs.DeleteQueueInput{QueueUrl: out.QueueUrl})
	return errors.Join(err, removed)
}

// receive gives the bodies of what is there.
func (c *Clients) receive(ctx context.Context, url *string, seconds int32) ([]types.Message, error) {
	out, err := c.SQS.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: url, MaxNumberOfMessages: 10, WaitTimeSeconds: seconds})
	if err != nil {
		return nil, fmt.Errorf("receiving: %w", err)
	}
	return out.Messages, nil
}

func messagesAreReceived(ctx context.Context, c *Clients) error {
	return c.withQueue(ctx, "conform-standard", nil, func(url *string) error {
		sent, err := c.SQS.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: url, MessageBody: aws.String("hello")})
		if err != nil {
			return err
		}
		got, err := c.receive(ctx, url, 1)
		if err != nil || len(got) != 1 {
			return fmt.Errorf("received %d messages, %w", len(got), err)
		}
		hidden, err := c.receive(ctx, url, 0)
		if err != nil {
			return err
		}
		_, err = c.SQS.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: url, ReceiptHandle: got[0].ReceiptHandle})
		return errors.Join(err, same("the body", *got[0].Body, "hello"), same("what is visible meanwhile", len(hidden), 0),
			same("the id", *got[0].MessageId, *sent.MessageId), same("the MD5", *got[0].MD5OfBody, "5d41402abc4b2a76b9719d911017c592"))
	})
}

func messagesComeBack(ctx context.Context, c *Clients) error {
	return c.withQueue(ctx, "conform-back", nil, func(url *string) error {
		if _, err := c.SQS.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: url, MessageBody: aws.String("again")}); err != nil {
			return err
		}
		got, err := c.receive(ctx, url, 1)
		if err != nil || len(got) != 1 {
			return fmt.Errorf("received %d messages, %w", len(got), err)
		}
		if _, err := c.SQS.ChangeMessageVisibility(ctx, &sqs.ChangeMessageVisibilityInput{QueueUrl: url, ReceiptHandle: got[0].ReceiptHandle, VisibilityTimeout: 0}); err != nil {
			return err
		}
		again, err := c.receive(ctx, url, 1)
		return errors.Join(err, same("what came back", len(again), 1))
	})
}

func fifoKeepsOrder(ctx context.Context, c *Clients) error {
	return c.withQueue(ctx, "conform.fifo", map[string]string{"FifoQueue": "true"}, func(url *string) error {
		for _, body := range []string{"1", "2", "2", "3"} {
			if _, err := c.SQS.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: url, MessageBody: &body, MessageGroupId: aws.String("g"), MessageDeduplicationId: &body}); err != nil {
				return err
			}
		}
		got, err := c.receive(ctx, url, 1)
		bodies := ""
		for _, m := range got {
			bodies += *m.Body
		}
		return errors.Join(err, same("what was received", bodies, "123"))
	})
}

func batchesAnswerEach(ctx context.Context, c *Clients) error {
	return c.withQueue(ctx, "conform-batch", nil, func(url *string) error {
		out, err := c.SQS.SendMessageBatch(ctx, &sqs.SendMessageBatchInput{QueueUrl: url, Entries: []types.SendMessageBatchRequestEntry{
			{Id: aws.String("a"), MessageBody: aws.String("1")}, {Id: aws.String("b"), MessageBody: aws.String("2")},
		}})
		if err != nil {
			return err
		}
		_, twice := c.SQS.SendMessageBatch(ctx, &sqs.SendMessageBatchInput{QueueUrl: url, Entries: []types.SendMessageBatchRequestEntry{
			{Id: aws.String("a"), MessageBody: aws.String("1")}, {Id: aws.String("a"), MessageBody: aws.String("2")},
		}})
		return errors.Join(same("successes", len(out.Successful), 2), same("failures", len(out.Failed), 0), refused(twice, "AWS.SimpleQueueService.BatchEntryIdsNotDistinct"))
	})
}

func missingQueuesAreNamed(ctx context.Context, c *Clients) error {
	_, err := c.SQS.GetQueueUrl(ctx, &sqs.GetQueueUrlInput{QueueName: aws.String("conform-nobody")})
	if missing := new(types.QueueDoesNotExist); !errors.As(err, &missing) {
		return fmt.Errorf("got %w, want QueueDoesNotExist", err)
	}
	return nil
}

func queuesTellAttributes(ctx context.Context, c *Clients) error {
	return c.withQueue(ctx, "conform-attributes", map[string]string{"VisibilityTimeout": "7"}, func(url *string) error {
		out, err := c.SQS.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{QueueUrl: url, AttributeNames: []types.QueueAttributeName{"All"}})
		if err != nil {
			return err
		}
		return errors.Join(same("the timeout", out.Attributes["VisibilityTimeout"], "7"), same("what is there", out.Attributes["ApproximateNumberOfMessages"], "0"),
			same("the ARN", out.Attributes["QueueArn"], "arn:aws:sqs:us-east-1:123456789012:conform-attributes"))
	})
}

func queuesKeepTags(ctx context.Context, c *Clients) error {
	return c.withQueue(ctx, "conform-tags", nil, func(url *string) error {
		_, tagged := c.SQS.TagQueue(ctx, &sqs.TagQueueInput{QueueUrl: url, Tags: map[string]string{"a": "1", "b": "2"}})
		_, untagged := c.SQS.UntagQueue(ctx, &sqs.UntagQueueInput{QueueUrl: url, TagKeys: []string{"a"}})
		out, err := c.SQS.ListQueueTags(ctx, &sqs.ListQueueTagsInput{QueueUrl: url})
		if err := errors.Join(tagged, untagged, err); err != nil {
			return err
		}
		return same("the tags", fmt.Sprint(out.Tags), "map[b:2]")
	})
}
