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

	"github.com/trailhand/trailhand/internal/strictyaml"
	"github.com/trailhand/trailhand/pkg/trail"
)

//go:embed schema.json
var schema []byte

// Schema gives the JSON Schema of desired.yaml.
func Schema() []byte { return append([]byte(nil), schema...) }

// Parse reads a desired.yaml. The source names it in errors and in the spec. The
// error joins one *[strictyaml.Error] for each thing that is wrong.
func Parse(source string, data []byte) (trail.Spec, error) {
	root, err := strictyaml.Root(source, data)
	if err != nil {
		return trail.Spec{}, err
	}
	spec := trail.Spec{Source: source}
	r := newReader(source)
	r.mapping(root, fileProperties(&spec))
	if len(r.Errs) == 0 {
		r.check(spec, target(root))
	}
	return spec, errors.Join(r.Errs...)
}
