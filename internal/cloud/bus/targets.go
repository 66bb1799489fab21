package bus

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"

	"github.com/trailhand/trailhand/internal/cloud/wire"
)

func (b *Bus) addTargets(_ context.Context, _ wire.Caller, in *eventbridge.PutTargetsInput) (*eventbridge.PutTargetsOutput, error) {
	if err := b.checkBus(in.EventBusName); err != nil {
		return nil, err
	}
	if len(in.Targets) == 0 {
		return nil, invalid("1 validation error detected: Value '[]' at 'targets' failed to satisfy constraint: Member must have length greater than or equal to 1")
	}
	if err := b.putTargets(deref(in.Rule), in.Targets); err != nil {
		return nil, err
	}
	return &eventbridge.PutTargetsOutput{FailedEntries: []types.PutTargetsResultEntry{}}, nil
}

// removeTargets removes targets by id. An id that is not there is success.
func (b *Bus) removeTargets(_ context.Context, _ wire.Caller, in *eventbridge.RemoveTargetsInput) (*eventbridge.RemoveTargetsOutput, error) {
	if err := b.checkBus(in.EventBusName); err != nil {
		return nil, err
	}
	err := b.edit(deref(in.Rule), func(r *savedRule) error {
		r.Targets = slices.DeleteFunc(slices.Clone(r.Targets), func(t types.Target) bool { return slices.Contains(in.Ids, deref(t.Id)) })
		return nil
	})
	return &eventbridge.RemoveTargetsOutput{FailedEntries: []types.RemoveTargetsResultEntry{}}, err
}

func (b *Bus) listTargetsByRule(_ context.Context, _ wire.Caller, in *eventbridge.ListTargetsByRuleInput) (*eventbridge.ListTargetsByRuleOutput, error) {
	if err := b.checkBus(in.EventBusName); err != nil {
		return nil, err
	}
	r, err := b.rule(deref(in.Rule))
	if err != nil {
		return nil, err
	}
	id := func(t types.Target) string { return deref(t.Id) }
	all := slices.SortedFunc(slices.Values(r.Targets), func(x, y types.Target) int { return strings.Compare(id(x), id(y)) })
	targets, next, err := page(all, id, in.Limit, in.NextToken)
	if err != nil {
		return nil, err
	}
	return &eventbridge.ListTargetsByRuleOutput{Targets: targets, NextToken: next}, nil
}

func (b *Bus) listRuleNamesByTarget(_ context.Context, _ wire.Caller, in *eventbridge.ListRuleNamesByTargetInput) (*eventbridge.ListRuleNamesByTargetOutput, error) {
	if err := b.checkBus(in.EventBusName); err != nil {
		return nil, err
	}
	var all []string
	for _, r := range b.sorted() {
		if slices.ContainsFunc(r.Targets, func(t types.Target) bool { return deref(t.Arn) == deref(in.TargetArn) }) {
			all = append(all, r.Name)
		}
	}
	names, next, err := page(all, func(name string) string { return name }, in.Limit, in.NextToken)
	if err != nil {
		return nil, err
	}
	return &eventbridge.ListRuleNamesByTargetOutput{RuleNames: names, NextToken: next}, nil
}

// ruleName is the name in a rule's ARN: only rules have tags here.
func (b *Bus) ruleName(arn *string) string {
	return strings.TrimPrefix(deref(arn), b.ruleARN(""))
}

func (b *Bus) tagResource(_ context.Context, _ wire.Caller, in *eventbridge.TagResourceInput) (*eventbridge.TagResourceOutput, error) {
	return nil, b.edit(b.ruleName(in.ResourceARN), func(r *savedRule) error { return tag(r, in.Tags) })
}

func (b *Bus) untagResource(_ context.Context, _ wire.Caller, in *eventbridge.UntagResourceInput) (*eventbridge.UntagResourceOutput, error) {
	return nil, b.edit(b.ruleName(in.ResourceARN), func(r *savedRule) error {
		r.Tags = maps.Clone(r.Tags)
		maps.DeleteFunc(r.Tags, func(key, _ string) bool { return slices.Contains(in.TagKeys, key) })
		return nil
	})
}

func (b *Bus) listTagsForResource(_ context.Context, _ wire.Caller, in *eventbridge.ListTagsForResourceInput) (*eventbridge.ListTagsForResourceOutput, error) {
	r, err := b.rule(b.ruleName(in.ResourceARN))
	if err != nil {
		return nil, err
	}
	out := &eventbridge.ListTagsForResourceOutput{Tags: []types.Tag{}}
	for _, key := range slices.Sorted(maps.Keys(r.Tags)) {
		out.Tags = append(out.Tags, types.Tag{Key: &key, Value: new(r.Tags[key])})
	}
	return out, nil
}
