package desired

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/trailhand/trailhand/internal/strictyaml"
)

// reader reads YAML strictly, and knows CloudFormation's tags.
type reader struct{ strictyaml.Reader }

func newReader(source string) *reader {
	return &reader{strictyaml.Reader{Source: source, Hint: suggestion}}
}

// property takes the value of one name of a mapping.
type property func(*reader, *yaml.Node)

// properties are the names that a mapping may have.
type properties map[string]property

// resolve follows an alias, and refuses the tags that only CloudFormation knows.
func (r *reader) resolve(n *yaml.Node) *yaml.Node {
	n = target(n)
	if strings.HasPrefix(n.Tag, "!") && !strings.HasPrefix(n.Tag, "!!") {
		r.Wrong(n, "%s is for CloudFormation to resolve: write the value", n.Tag)
	}
	return n
}

func (r *reader) mapping(n *yaml.Node, known properties) {
	strictyaml.Mapping(&r.Reader, r.resolve(n), known, func(take property, value *yaml.Node) { take(r, value) })
}

func suggestion(name string, known []string) string {
	for _, k := range known {
		if strings.EqualFold(k, name) {
			return fmt.Sprintf(", did you mean %s?", k)
		}
	}
	return ""
}

func (r *reader) list(n *yaml.Node, each func(*yaml.Node)) { r.List(r.resolve(n), each) }

// string takes text; numbers and times without quotes are text too, as an account
// number in a tag is.
func (r *reader) string(n *yaml.Node) string {
	n = r.resolve(n)
	if n.Kind != yaml.ScalarNode || n.ShortTag() == "!!null" {
		r.Wrong(n, "expected text, found %s", strictyaml.Found(n))
		return ""
	}
	return n.Value
}

// bool takes what YAML calls true or false, and the quoted words, which
// CloudFormation takes too.
func (r *reader) bool(n *yaml.Node) bool {
	n = r.resolve(n)
	if n.Kind == yaml.ScalarNode {
		switch strings.ToLower(n.Value) {
		case "true":
			return true
		case "false":
			return false
		}
	}
	r.Wrong(n, "expected true or false, found %s", strictyaml.Found(n))
	return false
}

func (r *reader) strings(n *yaml.Node) []string {
	texts := []string{}
	r.list(n, func(item *yaml.Node) { texts = append(texts, r.string(item)) })
	return texts
}

func (r *reader) duration(n *yaml.Node) time.Duration {
	text := r.string(n)
	d, err := time.ParseDuration(text)
	if err != nil || d <= 0 {
		r.Wrong(n, "expected a duration such as 90m or 2h, found %q", text)
	}
	return d
}

func oneOf[T ~string](r *reader, n *yaml.Node, allowed ...T) T {
	text := T(r.string(n))
	if !slices.Contains(allowed, text) {
		r.Wrong(n, "%q is none of %s", text, join(allowed))
	}
	return text
}

func join[T ~string](words []T) string {
	var b strings.Builder
	for i, w := range words {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(string(w))
	}
	return b.String()
}

// text, flag, texts and word are the properties that just hold a value.

func text(to **string) property {
	return func(r *reader, n *yaml.Node) { s := r.string(n); *to = &s }
}

func flag(to **bool) property {
	return func(r *reader, n *yaml.Node) { b := r.bool(n); *to = &b }
}

func texts(to *[]string) property {
	return func(r *reader, n *yaml.Node) { *to = r.strings(n) }
}

func word(to *string) property {
	return func(r *reader, n *yaml.Node) { *to = r.string(n) }
}

// items reads a list of mappings.
func items[T any](to *[]T, known func(*T) properties) property {
	return func(r *reader, n *yaml.Node) {
		*to = []T{}
		r.list(n, func(item *yaml.Node) {
			var one T
			r.mapping(item, known(&one))
			*to = append(*to, one)
		})
	}
}
