package template

import (
	"fmt"

	"go.yaml.in/yaml/v3"
)

func (s *stack) wireBucketPolicy(r *resource, w *Wiring) error {
	var p struct {
		Bucket   string    `yaml:"Bucket"`
		Document yaml.Node `yaml:"PolicyDocument"`
	}
	if err := s.decode(r.properties, &p); err != nil {
		return err
	}
	document, err := asJSON(&p.Document)
	if err != nil {
		return fmt.Errorf("PolicyDocument: %w", err)
	}
	w.Policies = append(w.Policies, BucketPolicy{LogicalID: r.id, Bucket: p.Bucket, Document: document})
	return nil
}
