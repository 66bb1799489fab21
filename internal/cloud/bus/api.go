package bus

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"

	"github.com/trailhand/trailhand/internal/cloud/wire"
	"github.com/trailhand/trailhand/pkg/events/pattern"
)

// Service is the EventBridge API of the default bus. Rules with a schedule are
// refused: nothing here would fire them.
func (b *Bus) Service() *wire.Service {
	return &wire.Service{
		Source:  "events.amazonaws.com",
		Version: wire.JSON11,
		Now:     b.cfg.Now,
		Operations: map[string]wire.Operation{
			"PutEvents":             wire.Op(b.putEvents),
			"PutRule":               wire.Op(b.putRule),
			"DescribeRule":          wire.Op(b.describeRule),
			"ListRules":             wire.Op(b.listRules),
			"EnableRule":            wire.Op(b.enableRule),
			"DisableRule":           wire.Op(b.disableRule),
			"DeleteRule":            wire.Op(b.deleteRule),
			"PutTargets":            wire.Op(b.addTargets),
			"RemoveTargets":         wire.Op(b.removeTargets),
			"ListTargetsByRule":     wire.Op(b.listTargetsByRule),
			"ListRuleNamesByTarget": wire.Op(b.listRuleNamesByTarget),
			"TestEventPattern":      wire.Op(b.testEventPattern),
			"DescribeEventBus":      wire.Op(b.describeEventBus),
			"ListEventBuses":        wire.Op(b.listEventBuses),
			"TagResource":           wire.Op(b.tagResource),
			"UntagResource":         wire.Op(b.untagResource),
			"ListTagsForResource":   wire.Op(b.listTagsForResource),
		},
		Unsupported: []string{
			"CreateArchive", "CreateConnection", "CreateEventBus", "DeleteEventBus", "DescribeArchive", "ListArchives",
			"ListConnections", "ListReplays", "PutPermission", "RemovePermission", "StartReplay", "UpdateEventBus",
		},
	}
}

// checkBus refuses every bus but the default one, given by name or ARN.
func (b *Bus) checkBus(given *string) error {
	if name := deref(given); name != "" && name != "default" && name != b.arn() {
		return fault("ResourceNotFoundException", "Event bus %s does not exist.", name)
	}
	return nil
}

func (b *Bus) putRule(_ context.Context, _ wire.Caller, in *eventbridge.PutRuleInput) (*eventbridge.PutRuleOutput, error) {
	if err := b.checkBus(in.EventBusName); err != nil {
		return nil, err
	}
	if in.ScheduleExpression != nil {
		return nil, fault("UnsupportedOperationException", "Rules with a ScheduleExpression are not run here.")
	}
	if in.EventPattern == nil {
		return nil, invalid("Parameter(s) EventPattern or ScheduleExpression must be specified.")
	}
	r := savedRule{
		Name: deref(in.Name), Description: deref(in.Description), Pattern: *in.EventPattern, RoleARN: deref(in.RoleArn), State: in.State,
	}
	if err := b.put(r); err != nil {
		return nil, err
	}
	if err := b.edit(r.Name, func(r *savedRule) error { return tag(r, in.Tags) }); err != nil {
		return nil, err
	}
	return &eventbridge.PutRuleOutput{RuleArn: new(b.ruleARN(r.Name))}, nil
}

func (b *Bus) describeRule(_ context.Context, _ wire.Caller, in *eventbridge.DescribeRuleInput) (*eventbridge.DescribeRuleOutput, error) {
	if err := b.checkBus(in.EventBusName); err != nil {
		return nil, err
	}
	r, err := b.rule(deref(in.Name))
	if err != nil {
		return nil, err
	}
	return &eventbridge.DescribeRuleOutput{
		Arn: new(b.ruleARN(r.Name)), CreatedBy: &b.cfg.AccountID, Description: given(r.Description), EventBusName: new("default"),
		EventPattern: &r.Pattern, Name: &r.Name, RoleArn: given(r.RoleARN), State: r.State,
	}, nil
}

// given is nil for an empty text.
func given(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// page cuts a page out of a list in order of name: a token is the name of the
// last item of the page before.
func page[T any](all []T, name func(T) string, limit *int32, token *string) (items []T, next *string, err error) {
	size := 100
	if limit != nil {
		size = int(*limit)
	}
	if size < 1 || size > 100 {
		return nil, nil, invalid("1 validation error detected: Value '%d' at 'limit' failed to satisfy constraint: Member must have value between 1 and 100", size)
	}
	items = []T{}
	for _, item := range all {
		if name(item) <= deref(token) {
			continue
		}
		if len(items) == size {
			return items, new(name(items[size-1])), nil
		}
		items = append(items, item)
	}
	return items, nil, nil
}

func (b *Bus) listRules(_ context.Context, _ wire.Caller, in *eventbridge.ListRulesInput) (*eventbridge.ListRulesOutput, error) {
	if err := b.checkBus(in.EventBusName); err != nil {
		return nil, err
	}
	all := slices.DeleteFunc(b.sorted(), func(r *rule) bool { return !strings.HasPrefix(r.Name, deref(in.NamePrefix)) })
	rules, next, err := page(all, func(r *rule) string { return r.Name }, in.Limit, in.NextToken)
	if err != nil {
		return nil, err
	}
	out := &eventbridge.ListRulesOutput{NextToken: next, Rules: []types.Rule{}}
	for _, r := range rules {
		out.Rules = append(out.Rules, types.Rule{
			Arn: new(b.ruleARN(r.Name)), Description: given(r.Description), EventBusName: new("default"),
			EventPattern: &r.Pattern, Name: &r.Name, RoleArn: given(r.RoleARN), State: r.State,
		})
	}
	return out, nil
}

func (b *Bus) enableRule(_ context.Context, _ wire.Caller, in *eventbridge.EnableRuleInput) (*eventbridge.EnableRuleOutput, error) {
	return nil, b.setState(in.EventBusName, in.Name, types.RuleStateEnabled)
}

func (b *Bus) disableRule(_ context.Context, _ wire.Caller, in *eventbridge.DisableRuleInput) (*eventbridge.DisableRuleOutput, error) {
	return nil, b.setState(in.EventBusName, in.Name, types.RuleStateDisabled)
}

func (b *Bus) setState(bus, name *string, state types.RuleState) error {
	if err := b.checkBus(bus); err != nil {
		return err
	}
	return b.edit(deref(name), func(r *savedRule) error {
		r.State = state
		return nil
	})
}

// deleteRule deletes a rule without targets. One that is not there is success.
func (b *Bus) deleteRule(_ context.Context, _ wire.Caller, in *eventbridge.DeleteRuleInput) (*eventbridge.DeleteRuleOutput, error) {
	if err := b.checkBus(in.EventBusName); err != nil {
		return nil, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if r, ok := b.rules[deref(in.Name)]; ok && len(r.Targets) > 0 {
		return nil, invalid("Rule can't be deleted since it has targets.")
	}
	delete(b.rules, deref(in.Name))
	return nil, nil
}

func (b *Bus) testEventPattern(_ context.Context, _ wire.Caller, in *eventbridge.TestEventPatternInput) (*eventbridge.TestEventPatternOutput, error) {
	compiled, err := pattern.Compile([]byte(deref(in.EventPattern)))
	if err != nil {
		return nil, fault("InvalidEventPatternException", "Event pattern is not valid. Reason: %v", err)
	}
	event := []byte(deref(in.Event))
	if !isEvent(event) {
		return nil, invalid("Parameter Event is not valid.")
	}
	matches, err := compiled.Match(event)
	if err != nil {
		return nil, invalid("Parameter Event is not valid. Reason: %v", err)
	}
	return &eventbridge.TestEventPatternOutput{Result: matches}, nil
}

// isEvent reports whether TestEventPattern takes a text as an event. AWS's
// documents want resources too; the service does not.
func isEvent(text []byte) bool {
	var members map[string]json.RawMessage
	if json.Unmarshal(text, &members) != nil {
		return false
	}
	for _, name := range []string{"id", "account", "source", "time", "region", "detail-type"} {
		if _, given := members[name]; !given {
			return false
		}
	}
	return true
}

func (b *Bus) describeEventBus(_ context.Context, _ wire.Caller, in *eventbridge.DescribeEventBusInput) (*eventbridge.DescribeEventBusOutput, error) {
	if err := b.checkBus(in.Name); err != nil {
		return nil, err
	}
	return &eventbridge.DescribeEventBusOutput{Arn: new(b.arn()), Name: new("default"), CreationTime: &b.created, LastModifiedTime: &b.created}, nil
}

func (b *Bus) listEventBuses(_ context.Context, _ wire.Caller, in *eventbridge.ListEventBusesInput) (*eventbridge.ListEventBusesOutput, error) {
	out := &eventbridge.ListEventBusesOutput{EventBuses: []types.EventBus{}}
	if strings.HasPrefix("default", deref(in.NamePrefix)) {
		out.EventBuses = append(out.EventBuses, types.EventBus{Arn: new(b.arn()), Name: new("default"), CreationTime: &b.created, LastModifiedTime: &b.created})
	}
	return out, nil
}

// tag adds tags to a rule.
func tag(r *savedRule, tags []types.Tag) error {
	all := maps.Clone(r.Tags)
	if all == nil {
		all = map[string]string{}
	}
	for _, t := range tags {
		all[deref(t.Key)] = deref(t.Value)
	}
	if len(all) > 50 {
		return fault("LimitExceededException", "The requested resource exceeds the maximum number allowed.")
	}
	r.Tags = all
	return nil
}
