package flows

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/trailhand/trailhand/internal/cloud/template"
)

// maxData is the most bytes that a state may take or give.
//
// https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
const maxData = 256 << 10

// machine runs a state machine as far as BackfillStateMachine needs it: one
// state after another, nothing side by side, nothing tried again.
//
// https://states-language.net and
// https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html
type machine struct {
	template.Machine
	invoke  func(ctx context.Context, functionARN string, payload []byte) ([]byte, error)
	list    func(ctx context.Context, bucket, prefix string) ([]any, error)
	need    func(action, resource string) // told what the machine's role must be allowed
	context map[string]any                // what paths with $$ see
}

// program is a state machine, or what a Map does with each item.
type program struct {
	ProcessorConfig struct{ Mode, ExecutionType string }
	StartAt         string
	States          map[string]*state
}

// state has the fields of every type.
type state struct {
	Type, Next, Default, Resource string
	End                           bool
	OutputPath, ResultPath        string
	Result                        any
	Parameters, ItemSelector      map[string]any
	Choices                       []choice
	ItemReader, ResultWriter      *struct {
		Resource   string
		Parameters map[string]any
	}
	ItemBatcher *struct {
		MaxItemsPerBatch int
		BatchInput       map[string]any
	}
	ItemProcessor  *program
	MaxConcurrency int
	Retry          []struct {
		ErrorEquals                               []string
		IntervalSeconds, MaxAttempts, BackoffRate int
		JitterStrategy                            string
	}
}

type choice struct {
	Variable                 string
	IsPresent, BooleanEquals *bool
	Next                     string
}

// execute runs the machine. Fields that it does not know are errors: they would
// be ones that Step Functions does not know either, or that this lacks.
func (m *machine) execute(ctx context.Context, input any) (any, error) {
	var p program
	d := json.NewDecoder(strings.NewReader(m.Definition))
	d.DisallowUnknownFields()
	if err := d.Decode(&p); err != nil {
		return nil, fmt.Errorf("definition of %s: %w", m.LogicalID, err)
	}
	return m.run(ctx, &p, input)
}

func (m *machine) run(ctx context.Context, p *program, data any) (any, error) {
	for name := p.StartAt; ; {
		s := p.States[name]
		if s == nil {
			return nil, fmt.Errorf("there is no state %q", name)
		}
		next, out, err := m.step(ctx, s, data)
		if err == nil {
			err = small(out)
		}
		if err != nil {
			return nil, fmt.Errorf("state %s: %w", name, err)
		}
		if data = out; s.End || s.Type == "Succeed" {
			return data, nil
		}
		name = next
	}
}

func small(data any) error {
	text, err := json.Marshal(data)
	if err == nil && len(text) > maxData {
		err = fmt.Errorf("States.DataLimitExceeded: %d bytes", len(text))
	}
	return err
}

// step runs one state.
func (m *machine) step(ctx context.Context, s *state, input any) (next string, output any, err error) {
	var result any
	switch s.Type {
	case "Choice":
		next, err := m.choose(s, input)
		return next, input, err
	case "Succeed":
		return "", input, nil
	case "Pass":
		if result = s.Result; s.Parameters != nil {
			result, err = m.fill(s.Parameters, input)
		} else if result == nil {
			result = input
		}
	case "Task":
		result, err = m.task(ctx, s, input)
	case "Map":
		result, err = m.each(ctx, s, input)
	default:
		err = fmt.Errorf("type %q is not run here", s.Type)
	}
	if err != nil {
		return "", nil, err
	}
	output, err = combined(input, result, s.ResultPath)
	if err == nil && s.OutputPath != "" {
		output, err = m.at(s.OutputPath, output)
	}
	return s.Next, output, err
}

// combined puts a result where ResultPath says: a field of the input.
func combined(input, result any, path string) (any, error) {
	if path == "" {
		return result, nil
	}
	object, ok := input.(map[string]any)
	name, _ := strings.CutPrefix(path, "$.")
	if !ok || strings.Contains(name, ".") {
		return nil, fmt.Errorf("ResultPath %q of %T", path, input)
	}
	out := map[string]any{name: result}
	for key, value := range object {
		if key != name {
			out[key] = value
		}
	}
	return out, nil
}

func (m *machine) choose(s *state, input any) (string, error) {
	for _, c := range s.Choices {
		value, err := m.at(c.Variable, input)
		switch {
		case c.IsPresent != nil && *c.IsPresent == (err == nil):
			return c.Next, nil
		case c.BooleanEquals != nil && err != nil:
			return "", err
		case c.BooleanEquals != nil && value == *c.BooleanEquals:
			return c.Next, nil
		}
	}
	return s.Default, nil
}

// task invokes a function.
func (m *machine) task(ctx context.Context, s *state, input any) (any, error) {
	in, err := m.fill(s.Parameters, input)
	if err != nil {
		return nil, err
	}
	call, _ := in.(map[string]any)
	function, named := call["FunctionName"].(string)
	if s.Resource != "arn:aws:states:::lambda:invoke" || !named {
		return nil, fmt.Errorf("resource %q with %v is not run here", s.Resource, in)
	}
	payload, err := json.Marshal(call["Payload"])
	if err != nil {
		return nil, err
	}
	m.need("lambda:InvokeFunction", function)
	answer, err := m.invoke(ctx, function, payload)
	if err != nil {
		return nil, err
	}
	out, err := value(answer)
	return map[string]any{"ExecutedVersion": "$LATEST", "StatusCode": 200, "Payload": out}, err
}

// fill evaluates a template: the value of a key that ends in .$ is a path.
func (m *machine) fill(form any, input any) (any, error) {
	object, isObject := form.(map[string]any)
	if !isObject {
		return form, nil
	}
	out := map[string]any{}
	var errs []error
	for key, value := range object {
		name, isPath := strings.CutSuffix(key, ".$")
		var err error
		if path, isText := value.(string); isPath && isText {
			out[name], err = m.at(path, input)
		} else {
			out[name], err = m.fill(value, input)
		}
		errs = append(errs, err)
	}
	return out, errors.Join(errs...)
}

// at evaluates $.a.b, $$.a.b, or States.Format('…{}…', path).
func (m *machine) at(path string, input any) (any, error) {
	if args, ok := strings.CutPrefix(path, "States.Format('"); ok {
		format, arg, _ := strings.Cut(strings.TrimSuffix(args, ")"), "', ")
		value, err := m.at(arg, input)
		return strings.Replace(format, "{}", fmt.Sprint(value), 1), err
	}
	from, names := input, strings.Split(path, ".")
	switch names[0] {
	case "$$":
		from = m.context
	case "$":
	default:
		return nil, fmt.Errorf("path %q is not read here", path)
	}
	for _, name := range names[1:] {
		object, _ := from.(map[string]any)
		value, there := object[name]
		if !there {
			return nil, fmt.Errorf("path %q: there is no %q", path, name)
		}
		from = value
	}
	return from, nil
}

// value reads JSON as it is: numbers keep their digits.
func value(text []byte) (v any, err error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	err = d.Decode(&v)
	return v, err
}
