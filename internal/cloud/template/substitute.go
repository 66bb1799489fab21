package template

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

// callSub replaces ${Name}, ${Resource.Attribute} and the names of its own map;
// ${!text} stands for ${text}.
func (s *stack) callSub(n *yaml.Node) (*yaml.Node, error) {
	text, own := n, (*yaml.Node)(nil)
	if n.Kind == yaml.SequenceNode && len(n.Content) == 2 {
		text, own = n.Content[0], n.Content[1]
	}
	if text.Kind != yaml.ScalarNode {
		return nil, fmt.Errorf("takes a text, or a text and a map")
	}
	var out strings.Builder
	rest := text.Value
	for {
		before, after, found := strings.Cut(rest, "${")
		out.WriteString(before)
		if !found {
			return scalar(out.String(), n), nil
		}
		name, tail, closed := strings.Cut(after, "}")
		if !closed {
			return nil, fmt.Errorf("%q has no closing brace", "${"+after)
		}
		value, err := s.variable(name, own)
		if err != nil {
			return nil, err
		}
		out.WriteString(value)
		rest = tail
	}
}

func (s *stack) variable(name string, own *yaml.Node) (string, error) {
	if literal, ok := strings.CutPrefix(name, "!"); ok {
		return "${" + literal + "}", nil
	}
	if value := property(own, name); value != nil {
		resolved, err := s.resolve(value)
		if err != nil || resolved == nil {
			return "", err
		}
		return resolved.Value, nil
	}
	if id, attribute, ok := strings.Cut(name, "."); ok {
		return s.attribute(id, attribute)
	}
	return s.ref(name)
}
