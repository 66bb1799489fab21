package main

import (
	"fmt"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/trailhand/trailhand/internal/conform"
)

// killed kills the command, and starts it again.
func (l *local) killed(t *testing.T) *local {
	t.Helper()
	if err := l.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = l.cmd.Wait() // it was killed
	return startLocal(t, "--data", l.data)
}

// bodies receives what a queue shows, ten at a time and in order, and deletes
// it if it should.
func (l *local) bodies(t *testing.T, name string, deletes bool) (all []string) {
	t.Helper()
	c := conform.Dial(l.url, conform.Region).SQS
	queue, err := c.GetQueueUrl(t.Context(), &sqs.GetQueueUrlInput{QueueName: &name})
	if err != nil {
		t.Fatal(err)
	}
	for {
		out, err := c.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: queue.QueueUrl, MaxNumberOfMessages: 10})
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range out.Messages {
			all = append(all, *m.Body)
			if !deletes {
				continue
			}
			if _, err := c.DeleteMessage(t.Context(), &sqs.DeleteMessageInput{QueueUrl: queue.QueueUrl, ReceiptHandle: m.ReceiptHandle}); err != nil {
				t.Fatal(err)
			}
		}
		if len(out.Messages) == 0 {
			return all
		}
	}
}

func TestAMessageOutlivesAKillAndADeletedOneDoesNot(t *testing.T) {
	l := startLocal(t)
	c := conform.Dial(l.url, conform.Region).SQS
	queue, err := c.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String("work"), Attributes: map[string]string{"VisibilityTimeout": "0"}})
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for i := range 5 {
		want = append(want, fmt.Sprint(i))
		if _, err := c.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: queue.QueueUrl, MessageBody: &want[i]}); err != nil {
			t.Fatal(err)
		}
	}
	l = l.killed(t)
	if got := l.bodies(t, "work", true); !slices.Equal(got, want) {
		t.Errorf("received %q, want %q", got, want)
	}
	l = l.killed(t)
	if got := l.bodies(t, "work", false); len(got) > 0 {
		t.Errorf("received %q, which were deleted", got)
	}
}
