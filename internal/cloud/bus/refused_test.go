package bus

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
)

func TestWhatEventBridgeRefuses(t *testing.T) {
	ctx := t.Context()
	b, _ := newBus(&targets{})
	c := client(t, b)
	if _, err := c.PutRule(ctx, &eventbridge.PutRuleInput{Name: aws.String("r"), EventPattern: aws.String(`{"source":["a"]}`)}); err != nil {
		t.Fatal(err)
	}
	rule := func(in eventbridge.PutRuleInput) error {
		_, err := c.PutRule(ctx, &in)
		return err
	}
	target := func(all ...types.Target) error {
		_, err := c.PutTargets(ctx, &eventbridge.PutTargetsInput{Rule: aws.String("r"), Targets: all})
		return err
	}
	events := func(n int, detail string) error {
		in := &eventbridge.PutEventsInput{Entries: []types.PutEventsRequestEntry{}}
		for range n {
			in.Entries = append(in.Entries, types.PutEventsRequestEntry{Source: aws.String("a"), DetailType: aws.String("b"), Detail: &detail})
		}
		_, err := c.PutEvents(ctx, in)
		return err
	}
	var six []types.Target
	for i := range 6 {
		six = append(six, types.Target{Id: aws.String(fmt.Sprint(i)), Arn: aws.String(orders)})
	}
	anything := aws.String(`{"source":["a"]}`)
	for name, tc := range map[string]struct {
		err  error
		code string
	}{
		"a pattern that is none":        {rule(eventbridge.PutRuleInput{Name: aws.String("x"), EventPattern: aws.String(`{"source":"a"}`)}), "InvalidEventPatternException"},
		"a rule of nothing":             {rule(eventbridge.PutRuleInput{Name: aws.String("x")}), "ValidationException"},
		"a name with a space":           {rule(eventbridge.PutRuleInput{Name: aws.String("x y"), EventPattern: anything}), "ValidationException"},
		"a state that is none":          {rule(eventbridge.PutRuleInput{Name: aws.String("x"), EventPattern: anything, State: "ON"}), "ValidationException"},
		"another bus":                   {rule(eventbridge.PutRuleInput{Name: aws.String("x"), EventPattern: anything, EventBusName: aws.String("other")}), "ResourceNotFoundException"},
		"a schedule":                    {rule(eventbridge.PutRuleInput{Name: aws.String("x"), ScheduleExpression: aws.String("rate(1 hour)")}), "UnsupportedOperationException"},
		"a sixth target":                {target(six...), "LimitExceededException"},
		"two targets of one id":         {target(six[0], six[0]), "ValidationException"},
		"an ARN that is none":           {target(types.Target{Id: aws.String("1"), Arn: aws.String("orders")}), "ValidationException"},
		"an input that is not JSON":     {target(types.Target{Id: aws.String("1"), Arn: aws.String(orders), Input: aws.String("{")}), "ValidationException"},
		"an input and a path":           {target(types.Target{Id: aws.String("1"), Arn: aws.String(orders), Input: aws.String("{}"), InputPath: aws.String("$")}), "ValidationException"},
		"a path that is none":           {target(types.Target{Id: aws.String("1"), Arn: aws.String(orders), InputPath: aws.String("detail")}), "ValidationException"},
		"a FIFO target without a group": {target(types.Target{Id: aws.String("1"), Arn: aws.String(ledger)}), "ValidationException"},
		"no event":                      {events(0, ""), "ValidationException"},
		"eleven events":                 {events(11, "{}"), "ValidationException"},
		"events of 256 KiB":             {events(2, `{"a":"`+strings.Repeat("x", 128<<10)+`"}`), "ValidationException"},
	} {
		t.Run(name, func(t *testing.T) {
			if code(tc.err) != tc.code {
				t.Errorf("answers %v, want %s", tc.err, tc.code)
			}
		})
	}
}
