package template

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"go.yaml.in/yaml/v3"
)

// decode evaluates the named properties of a mapping, or all of them if none
// is named, into a struct.
func (s *stack) decode(properties *yaml.Node, into any, names ...string) error {
	if properties == nil || properties.Kind == 0 {
		return nil
	}
	wanted := *properties
	if len(names) > 0 {
		wanted.Content = nil
		for key, value := range pairs(properties) {
			if slices.Contains(names, key.Value) {
				wanted.Content = append(wanted.Content, key, value)
			}
		}
	}
	resolved, err := s.resolve(&wanted)
	if err != nil || resolved == nil {
		return err
	}
	return resolved.Decode(into)
}

// asJSON turns a resolved node into JSON; a text is taken for JSON already.
func asJSON(n *yaml.Node) (string, error) {
	if n.Kind == yaml.ScalarNode {
		if !json.Valid([]byte(n.Value)) {
			return "", fmt.Errorf("line %d: %q is not JSON", n.Line, n.Value)
		}
		return n.Value, nil
	}
	var value any
	if err := n.Decode(&value); err != nil {
		return "", err
	}
	text, err := json.Marshal(value)
	return string(text), err
}

// integer reads a property that may be written as a number or as a text.
func integer(property, text string, otherwise int) (int, error) {
	if text == "" {
		return otherwise, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0, fmt.Errorf("%s: %q is not a whole number", property, text)
	}
	return n, nil
}

func seconds(n int) time.Duration { return time.Duration(n) * time.Second }

func queueAttributeNames() []string {
	return []string{
		"DelaySeconds", "MaximumMessageSize", "MessageRetentionPeriod", "ReceiveMessageWaitTimeSeconds",
		"VisibilityTimeout", "FifoQueue", "ContentBasedDeduplication", "DeduplicationScope",
		"FifoThroughputLimit", "RedrivePolicy",
	}
}

func (s *stack) wireQueue(r *resource, w *Wiring) error {
	name, err := s.name(r)
	if err != nil {
		return err
	}
	var properties map[string]yaml.Node
	if err := s.decode(r.properties, &properties, queueAttributeNames()...); err != nil {
		return err
	}
	q := Queue{LogicalID: r.id, Name: name, ARN: s.arn("sqs", name), URL: s.queueURL(name), Attributes: map[string]string{}}
	for key, value := range properties {
		if q.Attributes[key] = value.Value; value.Kind == yaml.ScalarNode {
			continue
		}
		if q.Attributes[key], err = asJSON(&value); err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
	}
	w.Queues = append(w.Queues, q)
	return nil
}

func (s *stack) wireBucket(r *resource, w *Wiring) error {
	name, err := s.name(r)
	if err != nil {
		return err
	}
	var p struct {
		Versioning    map[string]string               `yaml:"VersioningConfiguration"`
		Notifications map[string][]queueConfiguration `yaml:"NotificationConfiguration"`
	}
	if err := s.decode(r.properties, &p, "VersioningConfiguration", "NotificationConfiguration"); err != nil {
		return err
	}
	w.Buckets = append(w.Buckets, Bucket{LogicalID: r.id, Name: name, Versioning: p.Versioning["Status"] == "Enabled"})
	for kind, configurations := range p.Notifications {
		if kind != "QueueConfigurations" {
			return fmt.Errorf("NotificationConfiguration: %s is not wired locally", kind)
		}
		for _, c := range configurations {
			n, err := c.notification(name)
			if err != nil {
				return err
			}
			w.Notifications = append(w.Notifications, n)
		}
	}
	return nil
}

type queueConfiguration struct {
	Event  string `yaml:"Event"`
	Queue  string `yaml:"Queue"`
	Filter struct {
		S3Key struct {
			Rules []struct {
				Name  string `yaml:"Name"`
				Value string `yaml:"Value"`
			} `yaml:"Rules"`
		} `yaml:"S3Key"`
	} `yaml:"Filter"`
}

func (c queueConfiguration) notification(bucket string) (Notification, error) {
	n := Notification{Bucket: bucket, QueueARN: c.Queue, Event: c.Event}
	for _, rule := range c.Filter.S3Key.Rules {
		switch rule.Name {
		case "prefix":
			n.Prefix = rule.Value
		case "suffix":
			n.Suffix = rule.Value
		default:
			return n, fmt.Errorf("NotificationConfiguration: a filter is a prefix or a suffix, not %q", rule.Name)
		}
	}
	return n, nil
}
