package desired

import (
	"errors"
	"strconv"

	"go.yaml.in/yaml/v3"

	"github.com/trailhand/trailhand/internal/strictyaml"
	"github.com/trailhand/trailhand/pkg/trail"
)

func (r *reader) count(n *yaml.Node) int {
	number, err := strconv.Atoi(r.string(n))
	if err != nil || number <= 0 {
		r.Wrong(n, "expected a number above 0, found %s", strictyaml.Found(n))
	}
	return number
}

// check reports what CloudTrail would refuse, at the line where the trail begins or
// where the setting is.
func (r *reader) check(s trail.Spec, file *yaml.Node) {
	seen := map[string]bool{}
	for i := range s.Trails {
		d, at := &s.Trails[i], item(file, "trails", i)
		if key := d.HomeRegion + "/" + d.Name; seen[key] {
			r.Wrong(at, "trail %q is desired twice", d.Name)
		} else {
			seen[key] = true
		}
		r.report(at, d.Name, d.Validate())
	}
	for i, rule := range s.NewTrails {
		at := item(file, "newTrails", i)
		if rule.NamePattern == "" || rule.Action == "" {
			r.Wrong(at, "a rule needs namePattern and action")
		}
		if rule.Action == trail.NewTrailConform {
			model := rule.Conform.AsModel()
			r.report(at, "conform", model.Validate())
		}
	}
}

// item is the node of one element of a list in the file.
func item(file *yaml.Node, list string, i int) *yaml.Node {
	return target(child(file, list).Content[i])
}

func child(n *yaml.Node, name string) *yaml.Node {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == name {
			return target(n.Content[i+1])
		}
	}
	return nil
}

// target follows an alias.
func target(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

func (r *reader) report(at *yaml.Node, name string, err error) {
	if err == nil {
		return
	}
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		r.Wrong(at, "trail %s: %v", name, err)
		return
	}
	for _, e := range joined.Unwrap() {
		where := at
		var invalid *trail.Invalid
		if errors.As(e, &invalid) {
			if setting := child(at, invalid.Field); setting != nil {
				where = setting
			}
		}
		r.Wrong(where, "trail %s: %v", name, e)
	}
}
