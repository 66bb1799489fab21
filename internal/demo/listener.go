package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/trailhand/trailhand/pkg/events"
	"github.com/trailhand/trailhand/pkg/trail"
)

// listener is a queue that a rule sends events to, as a person would set one up.
type listener struct {
	sqs *sqs.Client
	url string
}

// listen makes a queue, and a rule that sends it what matches the pattern.
func (p *play) listen(ctx context.Context, name, pattern string) (*listener, error) {
	l := &listener{sqs: sqs.NewFromConfig(p.aws)}
	made, err := l.sqs.CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: aws.String("demo-" + name)})
	if err != nil {
		return nil, err
	}
	l.url = *made.QueueUrl
	bus := eventbridge.NewFromConfig(p.aws)
	rule := aws.String("demo-" + name)
	if _, err := bus.PutRule(ctx, &eventbridge.PutRuleInput{Name: rule, EventPattern: &pattern}); err != nil {
		return nil, err
	}
	arn := fmt.Sprintf("arn:aws:sqs:%s:%s:demo-%s", region, accountID, name)
	_, err = bus.PutTargets(ctx, &eventbridge.PutTargetsInput{Rule: rule, Targets: []types.Target{{Id: aws.String("queue"), Arn: &arn}}})
	return l, err
}

// drain takes every event out of the queue.
func (l *listener) drain(ctx context.Context) ([]events.Envelope, error) {
	var all []events.Envelope
	for {
		got, err := l.sqs.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: &l.url, MaxNumberOfMessages: 10})
		if err != nil || len(got.Messages) == 0 {
			return all, err
		}
		for _, m := range got.Messages {
			e, err := events.ParseEnvelope([]byte(*m.Body))
			if err != nil {
				return nil, err
			}
			all = append(all, e)
			if _, err := l.sqs.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: &l.url, ReceiptHandle: m.ReceiptHandle}); err != nil {
				return nil, err
			}
		}
	}
}

// repaired returns the fields of the one repair that was published, and holds
// that it names the call and the caller that caused it.
func (l *listener) repaired(ctx context.Context, call, caller string) ([]string, error) {
	all, err := l.drain(ctx)
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(e events.Envelope) bool { return e.DetailType != trail.DriftRepaired })
	if len(all) != 1 {
		return nil, fmt.Errorf("%d repairs were published, want 1", len(all))
	}
	var n struct {
		Fields []struct {
			Field string `json:"field"`
		} `json:"fields"`
		Cause *trail.Cause `json:"cause"`
	}
	if err := json.Unmarshal(all[0].Detail, &n); err != nil {
		return nil, fmt.Errorf("the published repair: %w", err)
	}
	if n.Cause == nil || n.Cause.EventName != call || !strings.HasSuffix(n.Cause.Principal, caller) {
		return nil, fmt.Errorf("the published repair names %+v, want %s by %s", n.Cause, call, caller)
	}
	var fields []string
	for _, f := range n.Fields {
		fields = append(fields, f.Field)
	}
	return fields, nil
}
