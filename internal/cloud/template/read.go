package template

import (
	"errors"
	"fmt"

	"go.yaml.in/yaml/v3"
)

// document is a template's outline. What is evaluated stays a node, so that
// every error can name its line.
type document struct {
	Parameters map[string]parameter `yaml:"Parameters"`
	Conditions map[string]yaml.Node `yaml:"Conditions"`
	Globals    struct {
		Function yaml.Node `yaml:"Function"`
	} `yaml:"Globals"`
	Resources yaml.Node `yaml:"Resources"`
}

// Read evaluates a SAM template for a place. Every problem found is in the
// error, each with the name of its resource and its line.
func Read(source []byte, place Place) (*Wiring, error) {
	var doc document
	if err := yaml.Unmarshal(source, &doc); err != nil {
		return nil, fmt.Errorf("reading the template: %w", err)
	}
	s, err := newStack(&doc, place)
	if err != nil {
		return nil, fmt.Errorf("reading the template: %w", err)
	}
	var w Wiring
	var problems []error
	for _, r := range s.order {
		if err := s.wire(r, &w); err != nil {
			problems = append(problems, fmt.Errorf("resource %s (%s, line %d): %w", r.id, r.kind, r.line, err))
		}
	}
	if err := errors.Join(problems...); err != nil {
		return nil, fmt.Errorf("reading the template: %w", err)
	}
	return &w, nil
}

// wire adds what one resource connects. A kind that connects nothing, or only
// outside of the functions' flows (alarms, log groups), is passed over.
func (s *stack) wire(r *resource, w *Wiring) error {
	there, err := s.exists(r)
	if err != nil || !there {
		return err
	}
	switch r.kind {
	case "AWS::Serverless::Function":
		return s.wireFunction(r, w)
	case "AWS::Serverless::StateMachine":
		return s.wireMachine(r, w)
	case "AWS::SQS::Queue":
		return s.wireQueue(r, w)
	case "AWS::S3::Bucket":
		return s.wireBucket(r, w)
	case "AWS::S3::BucketPolicy":
		return s.wireBucketPolicy(r, w)
	case "AWS::IAM::Role":
		return s.wireRole(r, w)
	case "AWS::Events::Rule":
		return s.wireRule(r, w)
	case "AWS::Lambda::Function", "AWS::Lambda::EventSourceMapping", "AWS::Scheduler::Schedule":
		return errors.New("is not wired locally: write it as an AWS::Serverless::Function or one of its Events")
	}
	return nil
}
