// Package strictyaml reads YAML strictly: an unknown name, a name twice, a value of
// another kind is an error that gives its line. All errors of a file are collected.
package strictyaml

import (
	"fmt"
	"maps"
	"slices"

	"go.yaml.in/yaml/v3"
)

// Error is something wrong in a line of a file.
type Error struct {
	Source string
	Line   int
	Reason string
}

// Error gives file, line and reason.
func (e *Error) Error() string { return fmt.Sprintf("%s:%d: %s", e.Source, e.Line, e.Reason) }

// Root parses a file and gives the value that it holds. The source names it in errors.
func Root(source string, text []byte) (*yaml.Node, error) {
	var document yaml.Node
	if err := yaml.Unmarshal(text, &document); err != nil {
		return nil, fmt.Errorf("%s: %w", source, err)
	}
	if len(document.Content) == 0 {
		return nil, fmt.Errorf("%s: is empty", source)
	}
	return document.Content[0], nil
}

// Reader walks YAML nodes and collects what is wrong with them.
type Reader struct {
	Source string
	Errs   []error // each an *[Error]
	// Hint ends the error about an unknown name; the known ones are sorted.
	Hint func(name string, known []string) string
}

// Wrong notes an error in the line of a node.
func (r *Reader) Wrong(at *yaml.Node, format string, args ...any) {
	r.Errs = append(r.Errs, &Error{r.Source, at.Line, fmt.Sprintf(format, args...)})
}

// Mapping calls take for the value of each name of a mapping, with what is known of
// the name.
func Mapping[P any](r *Reader, n *yaml.Node, known map[string]P, take func(P, *yaml.Node)) {
	if n.Kind != yaml.MappingNode {
		r.Wrong(n, "expected names and values, found %s", Found(n))
		return
	}
	seen := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		property, ok := known[key.Value]
		switch {
		case !ok:
			r.Wrong(key, "unknown name %q%s", key.Value, r.Hint(key.Value, slices.Sorted(maps.Keys(known))))
		case seen[key.Value] > 0:
			r.Wrong(key, "%s is already given in line %d", key.Value, seen[key.Value])
		default:
			take(property, value)
		}
		seen[key.Value] = key.Line
	}
}

// List calls each for the items of a list.
func (r *Reader) List(n *yaml.Node, each func(*yaml.Node)) {
	if n.Kind != yaml.SequenceNode {
		r.Wrong(n, "expected a list, found %s", Found(n))
		return
	}
	for _, item := range n.Content {
		each(item)
	}
}

// Found says in an error what a node is.
func Found(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "names and values"
	case yaml.SequenceNode:
		return "a list"
	}
	if n.ShortTag() == "!!null" {
		return "nothing"
	}
	return fmt.Sprintf("%q", n.Value)
}
