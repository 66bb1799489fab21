package template

import (
	"errors"
	"fmt"

	"go.yaml.in/yaml/v3"
)

// resource is one entry of Resources, its properties not yet evaluated.
type resource struct {
	id         string
	line       int
	kind       string
	condition  string
	properties *yaml.Node
}

// stack is a template at a place.
type stack struct {
	place      Place
	values     map[string]string // of parameters
	conditions map[string]yaml.Node
	resources  map[string]*resource
	order      []*resource
	globals    *yaml.Node
	open       map[string]bool // conditions and resources under evaluation
}

func newStack(doc *document, place Place) (*stack, error) {
	values, err := parameterValues(doc.Parameters, place.Parameters)
	if err != nil {
		return nil, err
	}
	s := &stack{
		place:      place,
		values:     values,
		conditions: doc.Conditions,
		resources:  map[string]*resource{},
		globals:    &doc.Globals.Function,
		open:       map[string]bool{},
	}
	return s, s.readResources(&doc.Resources)
}

func (s *stack) readResources(all *yaml.Node) error {
	if all.Kind != yaml.MappingNode {
		return errors.New("it has no Resources")
	}
	for key, node := range pairs(all) {
		var outline struct {
			Type       string    `yaml:"Type"`
			Condition  string    `yaml:"Condition"`
			Properties yaml.Node `yaml:"Properties"`
		}
		if err := node.Decode(&outline); err != nil {
			return fmt.Errorf("resource %s: %w", key.Value, err)
		}
		if outline.Type == "" {
			return fmt.Errorf("resource %s (line %d): it has no Type", key.Value, key.Line)
		}
		r := &resource{id: key.Value, line: key.Line, kind: outline.Type, condition: outline.Condition, properties: &outline.Properties}
		s.resources[r.id] = r
		s.order = append(s.order, r)
	}
	return nil
}

func (s *stack) exists(r *resource) (bool, error) {
	if r.condition == "" {
		return true, nil
	}
	return s.condition(r.condition, r.line)
}

// enter marks a condition or resource as being evaluated, and says so if it
// already is: the template is circular there.
func (s *stack) enter(what string, line int) (leave func(), err error) {
	if s.open[what] {
		return nil, fmt.Errorf("line %d: %s depends on itself", line, what)
	}
	s.open[what] = true
	return func() { delete(s.open, what) }, nil
}

// pairs yields the keys and values of a mapping node.
func pairs(n *yaml.Node) func(yield func(key, value *yaml.Node) bool) {
	return func(yield func(key, value *yaml.Node) bool) {
		for i := 0; n != nil && n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
			if !yield(n.Content[i], n.Content[i+1]) {
				return
			}
		}
	}
}

// property returns the value of a key of a mapping node, or nil.
func property(n *yaml.Node, name string) *yaml.Node {
	for key, value := range pairs(n) {
		if key.Value == name {
			return value
		}
	}
	return nil
}
