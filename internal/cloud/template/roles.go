package template

import (
	"fmt"

	"go.yaml.in/yaml/v3"
)

// Grant is one Allow statement of a role's own policies.
type Grant struct {
	Role      string // logical id
	Actions   []string
	Resources []string // patterns of ARNs
}

// texts is one text, or a list of them, as policies write them.
type texts []string

// UnmarshalYAML implements yaml.Unmarshaler.
func (t *texts) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode {
		*t = texts{n.Value}
		return nil
	}
	return n.Decode((*[]string)(t))
}

// wireRole notes what a role may do. Nothing holds it to that here; tests
// compare it with what was done.
func (s *stack) wireRole(r *resource, w *Wiring) error {
	var p struct {
		Policies []struct {
			Document struct {
				Statement []struct {
					Effect   string `yaml:"Effect"`
					Action   texts  `yaml:"Action"`
					Resource texts  `yaml:"Resource"`
				} `yaml:"Statement"`
			} `yaml:"PolicyDocument"`
		} `yaml:"Policies"`
	}
	if err := s.decode(r.properties, &p, "Policies"); err != nil {
		return err
	}
	for _, policy := range p.Policies {
		for _, statement := range policy.Document.Statement {
			if statement.Effect != "Allow" || len(statement.Action) == 0 || len(statement.Resource) == 0 {
				return fmt.Errorf("a statement is not Allow with Action and Resource: %+v", statement)
			}
			w.Grants = append(w.Grants, Grant{Role: r.id, Actions: statement.Action, Resources: statement.Resource})
		}
	}
	return nil
}
