package template

import (
	"cmp"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

type deadLetterConfig struct {
	ARN string `yaml:"Arn"`
}

// wireRule reads an AWS::Events::Rule.
func (s *stack) wireRule(r *resource, w *Wiring) error {
	name, err := s.name(r)
	if err != nil {
		return err
	}
	var p struct {
		EventBusName string       `yaml:"EventBusName"`
		EventPattern yaml.Node    `yaml:"EventPattern"`
		State        string       `yaml:"State"`
		Targets      []ruleTarget `yaml:"Targets"`
	}
	if err := s.decode(r.properties, &p); err != nil {
		return err
	}
	rule, err := newRule(r.id, name, p.EventBusName, &p.EventPattern, p.State)
	if err != nil {
		return err
	}
	for _, t := range p.Targets {
		rule.Targets = append(rule.Targets, t.target())
	}
	w.Rules = append(w.Rules, rule)
	return nil
}

type ruleTarget struct {
	ID            string `yaml:"Id"`
	ARN           string `yaml:"Arn"`
	Input         string `yaml:"Input"`
	InputPath     string `yaml:"InputPath"`
	SqsParameters struct {
		MessageGroupID string `yaml:"MessageGroupId"`
	} `yaml:"SqsParameters"`
	DeadLetterConfig deadLetterConfig `yaml:"DeadLetterConfig"`
}

func (t ruleTarget) target() Target {
	return Target{
		ID: t.ID, ARN: t.ARN, Input: t.Input, InputPath: t.InputPath,
		MessageGroupID: t.SqsParameters.MessageGroupID, DeadLetter: t.DeadLetterConfig.ARN,
	}
}

func newRule(id, name, bus string, pattern *yaml.Node, state string) (Rule, error) {
	if bus != "" && bus != "default" {
		return Rule{}, fmt.Errorf("event bus %q is not wired locally: only the default bus is", bus)
	}
	if pattern.Kind == 0 {
		return Rule{}, errors.New("it has no pattern")
	}
	text, err := asJSON(pattern)
	return Rule{LogicalID: id, Name: name, Pattern: text, State: cmp.Or(state, "ENABLED")}, err
}

// ruleEvent reads an event of type EventBridgeRule of a function.
func (s *stack) ruleEvent(id string, f Function, properties *yaml.Node, w *Wiring) error {
	var p struct {
		EventBusName     string           `yaml:"EventBusName"`
		RuleName         string           `yaml:"RuleName"`
		Pattern          yaml.Node        `yaml:"Pattern"`
		State            string           `yaml:"State"`
		Input            string           `yaml:"Input"`
		InputPath        string           `yaml:"InputPath"`
		DeadLetterConfig deadLetterConfig `yaml:"DeadLetterConfig"`
	}
	if err := s.decode(properties, &p); err != nil {
		return err
	}
	rule, err := newRule(id, cmp.Or(p.RuleName, s.place.StackName+"-"+id), p.EventBusName, &p.Pattern, p.State)
	rule.Targets = []Target{{
		ID: id + "LambdaTarget", ARN: f.ARN, Input: p.Input, InputPath: p.InputPath, DeadLetter: p.DeadLetterConfig.ARN,
	}}
	w.Rules = append(w.Rules, rule)
	return err
}

// scheduleEvent reads an event of type ScheduleV2 of a function.
func (s *stack) scheduleEvent(id string, f Function, properties *yaml.Node, w *Wiring) error {
	var p struct {
		ScheduleExpression string    `yaml:"ScheduleExpression"`
		Input              yaml.Node `yaml:"Input"`
		State              string    `yaml:"State"`
	}
	if err := s.decode(properties, &p); err != nil {
		return err
	}
	rate, err := parseRate(p.ScheduleExpression)
	if err != nil {
		return err
	}
	schedule := Schedule{LogicalID: id, FunctionARN: f.ARN, Rate: rate, Enabled: p.State != "DISABLED"}
	if p.Input.Kind == 0 {
		return errors.New("it has no Input")
	}
	schedule.Input, err = asJSON(&p.Input)
	w.Schedules = append(w.Schedules, schedule)
	return err
}

// parseRate reads rate(5 minutes).
func parseRate(expression string) (time.Duration, error) {
	inner, ok := strings.CutPrefix(expression, "rate(")
	number, unit, _ := strings.Cut(strings.TrimSuffix(inner, ")"), " ")
	n, err := strconv.Atoi(number)
	if !ok || !strings.HasSuffix(inner, ")") || err != nil || n < 1 {
		return 0, fmt.Errorf("ScheduleExpression %q: only rate(n minutes|hours|days) is run locally", expression)
	}
	switch strings.TrimSuffix(unit, "s") {
	case "minute":
		return time.Duration(n) * time.Minute, nil
	case "hour":
		return time.Duration(n) * time.Hour, nil
	case "day":
		return time.Duration(n) * 24 * time.Hour, nil
	}
	return 0, fmt.Errorf("ScheduleExpression %q: the unit is minutes, hours or days", expression)
}
