package conform

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
)

func busCases() []Case {
	return []Case{
		{Name: "an event reaches the targets of the rules that match", Run: eventsReachTargets},
		{Name: "an event without a source is refused alone", Run: badEventsAreRefusedAlone},
		{Name: "TestEventPattern decides as rules do", Run: patternsAreTested, Moto: "answers nothing"},
	}
}

func ruleCases() []Case {
	return []Case{
		{Name: "a rule is kept as it was put", Run: rulesAreKept},
		{Name: "a rule is switched off and on", Run: rulesAreSwitched},
		{Name: "a rule with targets cannot be deleted", Run: rulesWithTargetsStay},
		{Name: "a pattern that is no pattern is refused", Run: badPatternsAreRefused},
		{Name: "a missing rule is named", Run: missingRulesAreNamed},
		{Name: "deleting a rule that does not exist does nothing", Run: missingRulesAreDeleted},
		{Name: "a rule listens to events, or to a schedule", Run: rulesListenToSomething},
	}
}

// withRule runs do with a rule that it then removes, its targets before it.
func (c *Clients) withRule(ctx context.Context, name, pattern string, do func() error) error {
	if _, err := c.Events.PutRule(ctx, &eventbridge.PutRuleInput{Name: &name, EventPattern: &pattern}); err != nil {
		return fmt.Errorf("putting a rule: %w", err)
	}
	return errors.Join(do(), c.removeRule(ctx, name))
}

func (c *Clients) removeRule(ctx context.Context, name string) error {
	_, targets := c.Events.RemoveTargets(ctx, &eventbridge.RemoveTargetsInput{Rule: &name, Ids: []string{"q"}})
	_, err := c.Events.DeleteRule(ctx, &eventbridge.DeleteRuleInput{Name: &name})
	return errors.Join(targets, err)
}

func (c *Clients) target(ctx context.Context, rule, queue string) error {
	_, err := c.Events.PutTargets(ctx, &eventbridge.PutTargetsInput{Rule: &rule, Targets: []types.Target{
		{Id: aws.String("q"), Arn: aws.String("arn:aws:sqs:us-east-1:" + AccountID + ":" + queue)},
	}})
	return err
}

func entry(source, detail string) types.PutEventsRequestEntry {
	return types.PutEventsRequestEntry{Source: &source, DetailType: aws.String("conform"), Detail: &detail}
}

func eventsReachTargets(ctx context.Context, c *Clients) error {
	return c.withQueue(ctx, "conform-heard", nil, func(url *string) error {
		return c.withRule(ctx, "conform-hears", `{"source":["conform.app"],"detail":{"kind":["wanted"]}}`, func() error {
			if err := c.target(ctx, "conform-hears", "conform-heard"); err != nil {
				return err
			}
			_, err := c.Events.PutEvents(ctx, &eventbridge.PutEventsInput{Entries: []types.PutEventsRequestEntry{
				entry("conform.app", `{"kind":"other"}`), entry("conform.app", `{"kind":"wanted"}`), entry("conform.else", `{"kind":"wanted"}`),
			}})
			if err != nil {
				return err
			}
			got, err := c.receive(ctx, url, 5)
			if err != nil || len(got) != 1 {
				return fmt.Errorf("heard %d events, %w", len(got), err)
			}
			return errors.Join(contains("the event", *got[0].Body, `"conform.app"`), contains("the event", *got[0].Body, `"wanted"`), contains("the event", *got[0].Body, `"detail-type"`))
		})
	})
}

func badEventsAreRefusedAlone(ctx context.Context, c *Clients) error {
	out, err := c.Events.PutEvents(ctx, &eventbridge.PutEventsInput{Entries: []types.PutEventsRequestEntry{
		entry("", `{}`), entry("conform.app", `{}`), entry("conform.app", `{`),
	}})
	if err != nil {
		return err
	}
	if len(out.Entries) != 3 {
		return fmt.Errorf("%d entries answered", len(out.Entries))
	}
	return errors.Join(same("failures", out.FailedEntryCount, 2), same("the first", aws.ToString(out.Entries[0].ErrorCode), "InvalidArgument"),
		same("the good one has an id", out.Entries[1].EventId != nil, true), same("the last", aws.ToString(out.Entries[2].ErrorCode), "MalformedDetail"))
}

const wholeEvent = `{"id":"1","source":"conform.app","detail-type":"conform","account":"123456789012","region":"us-east-1","time":"2026-01-01T00:00:00Z","resources":[],
"detail":{"n":5,"name":"trail-a","ip":"10.0.0.7","gone":null,"list":["x","y"]}}`

func patternsAreTested(ctx context.Context, c *Clients) error {
	for pattern, want := range map[string]bool{
		`{"source":["conform.app"]}`:                                           true,
		`{"source":["conform.else"]}`:                                          false,
		`{"source":[{"prefix":"conform."}]}`:                                   true,
		`{"detail":{"name":[{"suffix":"-a"}]}}`:                                true,
		`{"detail":{"name":[{"anything-but":["trail-a"]}]}}`:                   false,
		`{"detail":{"name":[{"anything-but":{"prefix":"x"}}]}}`:                true,
		`{"detail":{"n":[{"numeric":[">",0,"<=",5]}]}}`:                        true,
		`{"detail":{"n":[{"numeric":["<",5]}]}}`:                               false,
		`{"detail":{"none":[{"exists":false}]}}`:                               true,
		`{"detail":{"n":[{"exists":true}]}}`:                                   true,
		`{"detail":{"list":["y"]}}`:                                            true,
		`{"detail":{"list":["z"]}}`:                                            false,
		`{"detail":{"gone":[null]}}`:                                           true,
		`{"detail":{"name":[{"equals-ignore-case":"TRAIL-A"}]}}`:               true,
		`{"detail":{"name":[{"wildcard":"tr*-a"}]}}`:                           true,
		`{"$or":[{"detail":{"n":[6]}},{"detail":{"name":["trail-a"]}}]}`:       true,
		`{"source":["conform.app"],"detail":{"n":[6,7],"name":["trail-a"]}}`:   false,
		`{"source":["conform.app"],"detail":{"n":[5,"x"],"name":["trail-a"]}}`: true,
	} {
		out, err := c.Events.TestEventPattern(ctx, &eventbridge.TestEventPatternInput{Event: aws.String(wholeEvent), EventPattern: &pattern})
		if err != nil {
			return fmt.Errorf("%s: %w", pattern, err)
		}
		if out.Result != want {
			return fmt.Errorf("%s: %v, want %v", pattern, out.Result, want)
		}
	}
	return nil
}

func rulesAreKept(ctx context.Context, c *Clients) error {
	return c.withRule(ctx, "conform-kept", `{"source":["conform.app"]}`, func() error {
		got, err := c.Events.DescribeRule(ctx, &eventbridge.DescribeRuleInput{Name: aws.String("conform-kept")})
		if err != nil {
			return err
		}
		listed, err := c.Events.ListRules(ctx, &eventbridge.ListRulesInput{NamePrefix: aws.String("conform-kept")})
		return errors.Join(err, same("the pattern", aws.ToString(got.EventPattern), `{"source":["conform.app"]}`), same("the state", got.State, types.RuleStateEnabled),
			same("the ARN", aws.ToString(got.Arn), "arn:aws:events:us-east-1:123456789012:rule/conform-kept"), same("listed rules", len(listed.Rules), 1))
	})
}

func rulesAreSwitched(ctx context.Context, c *Clients) error {
	name := aws.String("conform-switch")
	state := func() (types.RuleState, error) {
		got, err := c.Events.DescribeRule(ctx, &eventbridge.DescribeRuleInput{Name: name})
		if err != nil {
			return "", err
		}
		return got.State, nil
	}
	return c.withRule(ctx, *name, `{"source":["conform.app"]}`, func() error {
		_, off := c.Events.DisableRule(ctx, &eventbridge.DisableRuleInput{Name: name})
		disabled, first := state()
		_, on := c.Events.EnableRule(ctx, &eventbridge.EnableRuleInput{Name: name})
		enabled, second := state()
		return errors.Join(off, first, on, second, same("switched off, the state", disabled, types.RuleStateDisabled), same("switched on, the state", enabled, types.RuleStateEnabled))
	})
}

func rulesWithTargetsStay(ctx context.Context, c *Clients) error {
	return c.withQueue(ctx, "conform-stay", nil, func(*string) error {
		return c.withRule(ctx, "conform-stays", `{"source":["conform.app"]}`, func() error {
			if err := c.target(ctx, "conform-stays", "conform-stay"); err != nil {
				return err
			}
			got, err := c.Events.ListTargetsByRule(ctx, &eventbridge.ListTargetsByRuleInput{Rule: aws.String("conform-stays")})
			if err != nil || len(got.Targets) != 1 {
				return fmt.Errorf("listed %v, %w", got, err)
			}
			_, err = c.Events.DeleteRule(ctx, &eventbridge.DeleteRuleInput{Name: aws.String("conform-stays")})
			return refused(err, "ValidationException")
		})
	})
}

func badPatternsAreRefused(ctx context.Context, c *Clients) error {
	for _, pattern := range []string{`{"source":"conform.app"}`, `{"source":[`} {
		_, err := c.Events.PutRule(ctx, &eventbridge.PutRuleInput{Name: aws.String("conform-bad"), EventPattern: &pattern})
		if err := refused(err, "InvalidEventPatternException"); err != nil {
			return fmt.Errorf("%s: %w", pattern, err)
		}
	}
	return nil
}

func missingRulesAreNamed(ctx context.Context, c *Clients) error {
	_, described := c.Events.DescribeRule(ctx, &eventbridge.DescribeRuleInput{Name: aws.String("conform-nobody")})
	_, targets := c.Events.ListTargetsByRule(ctx, &eventbridge.ListTargetsByRuleInput{Rule: aws.String("conform-nobody")})
	return errors.Join(refused(described, "ResourceNotFoundException"), refused(targets, "ResourceNotFoundException"))
}

func missingRulesAreDeleted(ctx context.Context, c *Clients) error {
	_, err := c.Events.DeleteRule(ctx, &eventbridge.DeleteRuleInput{Name: aws.String("conform-nobody")})
	return err
}

func rulesListenToSomething(ctx context.Context, c *Clients) error {
	_, err := c.Events.PutRule(ctx, &eventbridge.PutRuleInput{Name: aws.String("conform-deaf")})
	return refused(err, "ValidationException")
}
