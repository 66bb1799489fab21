package template

import (
	"fmt"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// resolve returns a copy of a node in which every intrinsic function is
// replaced by its value. It returns nil for AWS::NoValue.
func (s *stack) resolve(n *yaml.Node) (*yaml.Node, error) {
	if n.Kind == yaml.AliasNode {
		return nil, fmt.Errorf("line %d: CloudFormation does not take YAML aliases", n.Line)
	}
	if name, argument := intrinsic(n); name != "" {
		return s.call(name, argument)
	}
	out := *n
	out.Content = nil
	switch n.Kind {
	case yaml.MappingNode:
		return s.resolveMapping(n, &out)
	case yaml.SequenceNode:
		return s.resolveSequence(n, &out)
	}
	if n.ShortTag() == "!!timestamp" { // CloudFormation knows no dates: Version: 2012-10-17 is a text
		out.Tag = "!!str"
	}
	return &out, nil
}

func (s *stack) resolveMapping(n, out *yaml.Node) (*yaml.Node, error) {
	for key, value := range pairs(n) {
		resolved, err := s.resolve(value)
		if err != nil {
			return nil, err
		}
		if resolved != nil {
			out.Content = append(out.Content, key, resolved)
		}
	}
	return out, nil
}

func (s *stack) resolveSequence(n, out *yaml.Node) (*yaml.Node, error) {
	for _, item := range n.Content {
		resolved, err := s.resolve(item)
		if err != nil {
			return nil, err
		}
		if resolved != nil {
			out.Content = append(out.Content, resolved)
		}
	}
	return out, nil
}

// intrinsic tells an intrinsic function, in its short form (!Sub x) or its long
// one (Fn::Sub: x), from data. The name is without "Fn::".
func intrinsic(n *yaml.Node) (name string, argument *yaml.Node) {
	if short, ok := strings.CutPrefix(n.Tag, "!"); ok && !strings.HasPrefix(short, "!") {
		bare := *n
		bare.Tag = ""
		if bare.Kind == yaml.ScalarNode {
			bare.Tag = "!!str"
		}
		return short, &bare
	}
	if n.Kind != yaml.MappingNode || len(n.Content) != 2 {
		return "", nil
	}
	key := n.Content[0].Value
	if long, ok := strings.CutPrefix(key, "Fn::"); ok {
		return long, n.Content[1]
	}
	if key == "Ref" {
		return key, n.Content[1]
	}
	return "", nil
}

// call evaluates an intrinsic function.
func (s *stack) call(name string, argument *yaml.Node) (*yaml.Node, error) {
	functions := map[string]func(*yaml.Node) (*yaml.Node, error){
		"Ref": s.callRef, "Sub": s.callSub, "GetAtt": s.callGetAtt, "If": s.callIf,
		"Join": s.callJoin, "Select": s.callSelect, "Split": s.callSplit,
	}
	f, ok := functions[name]
	if !ok {
		return nil, fmt.Errorf("line %d: !%s is not known locally", argument.Line, name)
	}
	out, err := f(argument)
	if err != nil {
		return nil, fmt.Errorf("line %d: !%s: %w", argument.Line, name, err)
	}
	return out, nil
}

// scalar makes a node of a value; its type is what the text looks like, as for
// a plain scalar in YAML.
func scalar(value string, at *yaml.Node) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Value: value, Line: at.Line, Column: at.Column}
}

func (s *stack) callRef(n *yaml.Node) (*yaml.Node, error) {
	if n.Value == "AWS::NoValue" {
		return nil, nil
	}
	value, err := s.ref(n.Value)
	return scalar(value, n), err
}

func (s *stack) callGetAtt(n *yaml.Node) (*yaml.Node, error) {
	id, attribute, _ := strings.Cut(n.Value, ".")
	if n.Kind == yaml.SequenceNode && len(n.Content) == 2 {
		id, attribute = n.Content[0].Value, n.Content[1].Value
	}
	value, err := s.attribute(id, attribute)
	return scalar(value, n), err
}

func (s *stack) callIf(n *yaml.Node) (*yaml.Node, error) {
	if len(n.Content) != 3 {
		return nil, fmt.Errorf("takes a condition and two values")
	}
	holds, err := s.condition(n.Content[0].Value, n.Line)
	if err != nil {
		return nil, err
	}
	if holds {
		return s.resolve(n.Content[1])
	}
	return s.resolve(n.Content[2])
}

// list resolves a node that must be a list, and returns its items.
func (s *stack) list(n *yaml.Node) ([]*yaml.Node, error) {
	resolved, err := s.resolve(n)
	if err != nil {
		return nil, err
	}
	if resolved == nil || resolved.Kind != yaml.SequenceNode {
		return nil, fmt.Errorf("line %d: a list is wanted", n.Line)
	}
	return resolved.Content, nil
}

func (s *stack) callJoin(n *yaml.Node) (*yaml.Node, error) {
	if len(n.Content) != 2 {
		return nil, fmt.Errorf("takes a delimiter and a list")
	}
	items, err := s.list(n.Content[1])
	if err != nil {
		return nil, err
	}
	var texts []string
	for _, item := range items {
		texts = append(texts, item.Value)
	}
	return scalar(strings.Join(texts, n.Content[0].Value), n), nil
}

func (s *stack) callSplit(n *yaml.Node) (*yaml.Node, error) {
	if len(n.Content) != 2 {
		return nil, fmt.Errorf("takes a delimiter and a text")
	}
	text, err := s.resolve(n.Content[1])
	if err != nil {
		return nil, err
	}
	if text == nil || text.Kind != yaml.ScalarNode || n.Content[0].Value == "" {
		return nil, fmt.Errorf("takes a delimiter and a text")
	}
	out := &yaml.Node{Kind: yaml.SequenceNode, Line: n.Line, Column: n.Column}
	for part := range strings.SplitSeq(text.Value, n.Content[0].Value) {
		out.Content = append(out.Content, scalar(part, n))
	}
	return out, nil
}

func (s *stack) callSelect(n *yaml.Node) (*yaml.Node, error) {
	if len(n.Content) != 2 {
		return nil, fmt.Errorf("takes an index and a list")
	}
	items, err := s.list(n.Content[1])
	if err != nil {
		return nil, err
	}
	i, err := strconv.Atoi(n.Content[0].Value)
	if err != nil || i < 0 || i >= len(items) {
		return nil, fmt.Errorf("index %q of a list of %d", n.Content[0].Value, len(items))
	}
	return items[i], nil
}
