package template

import (
	"fmt"

	"go.yaml.in/yaml/v3"
)

// condition evaluates a named condition.
func (s *stack) condition(name string, line int) (bool, error) {
	node, ok := s.conditions[name]
	if !ok {
		return false, fmt.Errorf("line %d: there is no condition %q", line, name)
	}
	leave, err := s.enter("condition "+name, node.Line)
	if err != nil {
		return false, err
	}
	defer leave()
	return s.holds(&node)
}

func (s *stack) holds(n *yaml.Node) (bool, error) {
	name, argument := intrinsic(n)
	if named := property(n, "Condition"); named != nil {
		name, argument = "Condition", named
	}
	switch name {
	case "Condition":
		return s.condition(argument.Value, n.Line)
	case "Equals":
		return s.equal(argument)
	case "Not":
		holds, err := s.count(argument)
		return holds == 0, err
	case "And":
		holds, err := s.count(argument)
		return holds == len(argument.Content), err
	case "Or":
		holds, err := s.count(argument)
		return holds > 0, err
	}
	return false, fmt.Errorf("line %d: a condition is Equals, Not, And, Or or Condition, not %q", n.Line, name)
}

func (s *stack) equal(n *yaml.Node) (bool, error) {
	sides, err := s.list(n)
	if err != nil {
		return false, err
	}
	if len(sides) != 2 {
		return false, fmt.Errorf("line %d: !Equals compares two values", n.Line)
	}
	return sides[0].Value == sides[1].Value, nil
}

// count returns how many of a list of conditions hold.
func (s *stack) count(list *yaml.Node) (int, error) {
	if list.Kind != yaml.SequenceNode || len(list.Content) == 0 {
		return 0, fmt.Errorf("line %d: a list of conditions is wanted", list.Line)
	}
	n := 0
	for _, c := range list.Content {
		holds, err := s.holds(c)
		if err != nil {
			return 0, err
		}
		if holds {
			n++
		}
	}
	return n, nil
}
