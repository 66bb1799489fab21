package template

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// functionProperties are those of AWS::Serverless::Function that wiring needs.
type functionProperties struct {
	Environment struct {
		Variables map[string]string `yaml:"Variables"`
	} `yaml:"Environment"`
	Timeout         string `yaml:"Timeout"`
	MemorySize      string `yaml:"MemorySize"`
	Concurrency     string `yaml:"ReservedConcurrentExecutions"`
	Role            string `yaml:"Role"`
	DeadLetterQueue struct {
		Type      string `yaml:"Type"`
		TargetARN string `yaml:"TargetArn"`
	} `yaml:"DeadLetterQueue"`
	EventInvokeConfig struct {
		MaximumRetryAttempts     string `yaml:"MaximumRetryAttempts"`
		MaximumEventAgeInSeconds string `yaml:"MaximumEventAgeInSeconds"`
	} `yaml:"EventInvokeConfig"`
}

func (s *stack) wireFunction(r *resource, w *Wiring) error {
	name, err := s.name(r)
	if err != nil {
		return err
	}
	properties := merged(s.globals, r.properties)
	var p functionProperties
	err = s.decode(properties, &p, "Environment", "Timeout", "MemorySize", "ReservedConcurrentExecutions",
		"Role", "DeadLetterQueue", "EventInvokeConfig")
	if err != nil {
		return err
	}
	f := Function{
		LogicalID: r.id, Name: name, ARN: s.functionARN(name),
		Environment: p.Environment.Variables,
		RoleName:    cmp.Or(p.Role[strings.LastIndex(p.Role, "/")+1:], s.place.StackName+"-"+r.id+"Role"),
		DeadLetter:  p.DeadLetterQueue.TargetARN,
	}
	if err := p.numbers(&f); err != nil {
		return err
	}
	w.Functions = append(w.Functions, f)
	return s.wireEvents(f, property(properties, "Events"), w)
}

// numbers reads the numbers of a function; Lambda's defaults stand for what is
// absent.
func (p functionProperties) numbers(f *Function) error {
	timeout, err1 := integer("Timeout", p.Timeout, 3)
	memory, err2 := integer("MemorySize", p.MemorySize, 128)
	concurrency, err3 := integer("ReservedConcurrentExecutions", p.Concurrency, 0)
	retries, err4 := integer("MaximumRetryAttempts", p.EventInvokeConfig.MaximumRetryAttempts, 2)
	age, err5 := integer("MaximumEventAgeInSeconds", p.EventInvokeConfig.MaximumEventAgeInSeconds, 6*60*60)
	f.Timeout, f.MemoryMB, f.Concurrency, f.Retries, f.MaximumAge = seconds(timeout), memory, concurrency, retries, seconds(age)
	return errors.Join(err1, err2, err3, err4, err5)
}

func (s *stack) wireEvents(f Function, events *yaml.Node, w *Wiring) error {
	var problems []error
	for key, node := range pairs(events) {
		if err := s.wireEvent(f, f.LogicalID+key.Value, node, w); err != nil {
			problems = append(problems, fmt.Errorf("event %s (line %d): %w", key.Value, key.Line, err))
		}
	}
	return errors.Join(problems...)
}

func (s *stack) wireEvent(f Function, id string, node *yaml.Node, w *Wiring) error {
	var event struct {
		Type       string    `yaml:"Type"`
		Properties yaml.Node `yaml:"Properties"`
	}
	if err := node.Decode(&event); err != nil {
		return err
	}
	switch event.Type {
	case "EventBridgeRule":
		return s.ruleEvent(id, f, &event.Properties, w)
	case "ScheduleV2":
		return s.scheduleEvent(id, f, &event.Properties, w)
	case "SQS":
		return s.queueEvent(id, f, &event.Properties, w)
	}
	return fmt.Errorf("type %q is not wired locally", event.Type)
}

// queueEvent reads an event of type SQS of a function.
func (s *stack) queueEvent(id string, f Function, properties *yaml.Node, w *Wiring) error {
	var p struct {
		Queue         string   `yaml:"Queue"`
		BatchSize     string   `yaml:"BatchSize"`
		Enabled       string   `yaml:"Enabled"`
		Window        string   `yaml:"MaximumBatchingWindowInSeconds"`
		ResponseTypes []string `yaml:"FunctionResponseTypes"`
		ScalingConfig struct {
			MaximumConcurrency string `yaml:"MaximumConcurrency"`
		} `yaml:"ScalingConfig"`
	}
	if err := s.decode(properties, &p); err != nil {
		return err
	}
	if p.Enabled == "false" {
		return nil
	}
	batch, err1 := integer("BatchSize", p.BatchSize, 10)
	window, err2 := integer("MaximumBatchingWindowInSeconds", p.Window, 0)
	concurrency, err3 := integer("MaximumConcurrency", p.ScalingConfig.MaximumConcurrency, 0)
	w.Mappings = append(w.Mappings, Mapping{
		LogicalID: id, QueueARN: p.Queue, FunctionARN: f.ARN, BatchSize: batch, Window: seconds(window),
		Concurrency: concurrency, PartialResponses: slices.Contains(p.ResponseTypes, "ReportBatchItemFailures"),
	})
	return errors.Join(err1, err2, err3)
}

// merged lays a function's properties over the template's Globals, as SAM does:
// maps are merged, lists appended, anything else replaced.
func merged(global, own *yaml.Node) *yaml.Node {
	switch {
	case global == nil || global.Kind == 0:
		return own
	case own == nil || own.Kind == 0:
		return global
	}
	name1, _ := intrinsic(global)
	name2, _ := intrinsic(own)
	if global.Kind != own.Kind || name1 != "" || name2 != "" {
		return own
	}
	out := *own
	switch own.Kind {
	case yaml.SequenceNode:
		out.Content = slices.Concat(global.Content, own.Content)
	case yaml.MappingNode:
		out.Content = nil
		for key, value := range pairs(global) {
			out.Content = append(out.Content, key, merged(value, property(own, key.Value)))
		}
		for key, value := range pairs(own) {
			if property(global, key.Value) == nil {
				out.Content = append(out.Content, key, value)
			}
		}
	}
	return &out
}
