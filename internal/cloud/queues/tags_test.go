package queues

import (
	"errors"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"
)

func TestTheTagsOfAQueueAreKept(t *testing.T) {
	q := newQueues(t, nil)
	c := client(t, q)
	ctx := t.Context()
	made, err := c.CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: aws.String("orders"), Tags: map[string]string{"team": "audit", "stage": "test"}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.TagQueue(ctx, &sqs.TagQueueInput{QueueUrl: made.QueueUrl, Tags: map[string]string{"stage": "live", "cost": "1"}}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.UntagQueue(ctx, &sqs.UntagQueueInput{QueueUrl: made.QueueUrl, TagKeys: []string{"team", "nobody"}}); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"stage": "live", "cost": "1"}
	listed := func() map[string]string {
		t.Helper()
		out, err := c.ListQueueTags(ctx, &sqs.ListQueueTagsInput{QueueUrl: made.QueueUrl})
		if err != nil {
			t.Fatal(err)
		}
		return out.Tags
	}
	if diff := cmp.Diff(want, listed()); diff != "" {
		t.Errorf("tags (-want +got):\n%s", diff)
	}
	saved, err := q.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	if err := q.Restore(saved); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, listed()); diff != "" {
		t.Errorf("tags after a restart (-want +got):\n%s", diff)
	}
}

func TestTagsThatSQSRefuses(t *testing.T) {
	q := newQueues(t, map[string]map[string]string{"orders": nil})
	c := client(t, q)
	orders := aws.String(q.url("orders"))
	tag := func(url *string, tags map[string]string) func() error {
		return func() error {
			_, err := c.TagQueue(t.Context(), &sqs.TagQueueInput{QueueUrl: url, Tags: tags})
			return err
		}
	}
	many := map[string]string{}
	for i := range 51 {
		many[strconv.Itoa(i)] = ""
	}
	for name, tc := range map[string]struct {
		call func() error
		code string
	}{
		"of a queue that is not there": {tag(aws.String(q.url("none")), map[string]string{"a": "b"}), "AWS.SimpleQueueService.NonExistentQueue"},
		"fifty-one":                    {tag(orders, many), "InvalidParameterValue"},
		"a key of 129 letters":         {tag(orders, map[string]string{strings.Repeat("k", 129): ""}), "InvalidParameterValue"},
		"a value of 257 letters":       {tag(orders, map[string]string{"k": strings.Repeat("v", 257)}), "InvalidParameterValue"},
		"of AWS's own":                 {tag(orders, map[string]string{"aws:k": "v"}), "InvalidParameterValue"},
		"none":                         {tag(orders, map[string]string{}), "MissingParameter"},
		"none to take away": {func() error {
			_, err := c.UntagQueue(t.Context(), &sqs.UntagQueueInput{QueueUrl: orders, TagKeys: []string{}})
			return err
		}, "MissingParameter"},
		"of a new queue": {func() error {
			_, err := c.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String("new"), Tags: many})
			return err
		}, "InvalidParameterValue"},
	} {
		t.Run(name, func(t *testing.T) {
			var api smithy.APIError
			if err := tc.call(); !errors.As(err, &api) || api.ErrorCode() != tc.code {
				t.Errorf("answers %v, want %s", err, tc.code)
			}
		})
	}
	if got := q.names(""); len(got) != 1 {
		t.Errorf("there are %q, want the first queue alone", got)
	}
}
