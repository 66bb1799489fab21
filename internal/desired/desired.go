// Package desired reads desired.yaml, the file that says what trails should be.
//
// Its trails have the property names of CloudFormation's AWS::CloudTrail::Trail, so
// that a trail can be pasted from a template, and a few more: TagsMode, Profiles,
// HomeRegion, Mode and FieldModes. Reading is strict: an unknown name, a name twice, a
// value of another type is an error that gives its line, and all errors of a file
// are reported at once. schema.json is the same as a JSON Schema.
package desired

import (
	_ "embed"
	"errors"
	"fmt"

	"go.yaml.in/yaml/v3"

	"github.com/trailhand/trailhand/pkg/trail"
)

//go:embed schema.json
var schema []byte

// Schema gives the JSON Schema of desired.yaml.
func Schema() []byte { return append([]byte(nil), schema...) }

// Parse reads a desired.yaml. The source names it in errors and in the spec. The
// error joins one *[Error] for each thing that is wrong.
func Parse(source string, data []byte) (trail.Spec, error) {
	var document yaml.Node
	if err := yaml.Unmarshal(data, &document); err != nil {
		return trail.Spec{}, fmt.Errorf("%s: %w", source, err)
	}
	if len(document.Content) == 0 {
		return trail.Spec{}, fmt.Errorf("%s: is empty", source)
	}
	spec := trail.Spec{Source: source}
	r := &reader{source: source}
	r.mapping(document.Content[0], fileProperties(&spec))
	if len(r.errs) == 0 {
		r.check(spec, target(document.Content[0]))
	}
	return spec, errors.Join(r.errs...)
}

// Error is something wrong in a file.
type Error struct {
	Source string
	Line   int // 0 when it is about the whole file
	Reason string
}

// Error gives file, line and reason.
func (e *Error) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("%s: %s", e.Source, e.Reason)
	}
	return fmt.Sprintf("%s:%d: %s", e.Source, e.Line, e.Reason)
}
