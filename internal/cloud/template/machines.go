package template

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

// wireMachine notes a state machine. Nothing runs it here; tests do.
func (s *stack) wireMachine(r *resource, w *Wiring) error {
	name, err := s.name(r)
	if err != nil {
		return err
	}
	var p struct {
		Substitutions map[string]string `yaml:"DefinitionSubstitutions"`
		Definition    yaml.Node         `yaml:"Definition"`
	}
	if err := s.decode(r.properties, &p, "DefinitionSubstitutions", "Definition"); err != nil {
		return err
	}
	text, err := asJSON(&p.Definition)
	if err != nil {
		return fmt.Errorf("Definition: %w", err) //nolint:staticcheck // a property's name
	}
	var pairs []string
	for key, value := range p.Substitutions {
		pairs = append(pairs, "${"+key+"}", value)
	}
	w.Machines = append(w.Machines, Machine{
		LogicalID: r.id, Name: name, ARN: s.arn("states", "stateMachine:"+name), Definition: strings.NewReplacer(pairs...).Replace(text),
	})
	return nil
}
