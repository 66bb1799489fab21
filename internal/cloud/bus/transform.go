package bus

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
)

// payload is what the target gets: its constant Input, the part of the event
// at InputPath, the text of its InputTransformer, or the event.
func (d delivery) payload() ([]byte, error) {
	switch t := d.target; {
	case t.Input != nil:
		return []byte(*t.Input), nil
	case t.InputPath != nil:
		value, err := at(d.event, *t.InputPath)
		if err == nil && value == nil {
			err = fmt.Errorf("InputPath %s is not in the event", *t.InputPath)
		}
		return value, undeliverable(err)
	case t.InputTransformer != nil:
		out, err := d.transform(t.InputTransformer)
		return out, undeliverable(err)
	}
	return d.event, nil
}

func undeliverable(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%w: %w", errUndeliverable, err)
}

// step is one step of a path: a key, or an index where key is empty.
type step struct {
	key   string
	index int
}

// parsePath reads the JSON paths that EventBridge takes: $.detail.a[0].b, or
// $['detail-type'].
func parsePath(path string) ([]step, error) {
	rest, ok := strings.CutPrefix(path, "$")
	var steps []step
	for ok && rest != "" {
		var s step
		s, rest, ok = nextStep(rest)
		steps = append(steps, s)
	}
	if !ok {
		return nil, invalid("Invalid InputPath or JSON path: %s.", path)
	}
	return steps, nil
}

func nextStep(rest string) (s step, after string, ok bool) {
	if name, dotted := strings.CutPrefix(rest, "."); dotted {
		end := strings.IndexAny(name, ".[")
		if end < 0 {
			end = len(name)
		}
		return step{key: name[:end]}, name[end:], end > 0
	}
	inner, after, closed := strings.Cut(rest, "]")
	inner, bracket := strings.CutPrefix(inner, "[")
	if !closed || !bracket || inner == "" {
		return step{}, "", false
	}
	if quote := inner[0]; quote == '\'' || quote == '"' {
		key := strings.Trim(inner, string(quote))
		return step{key: key}, after, key != ""
	}
	n, err := strconv.Atoi(inner)
	return step{index: n}, after, err == nil && n >= 0
}

// at returns the JSON text at a path, nil if there is none.
func at(event []byte, path string) (json.RawMessage, error) {
	steps, err := parsePath(path)
	if err != nil {
		return nil, err
	}
	value := json.RawMessage(event)
	for _, s := range steps {
		var object map[string]json.RawMessage
		var array []json.RawMessage
		switch {
		case s.key != "" && json.Unmarshal(value, &object) == nil:
			value = object[s.key]
		case s.key == "" && json.Unmarshal(value, &array) == nil && s.index < len(array):
			value = array[s.index]
		default:
			value = nil
		}
		if value == nil {
			return nil, nil
		}
	}
	return value, nil
}

func checkTransformer(id string, t *types.InputTransformer) error {
	if deref(t.InputTemplate) == "" {
		return invalid("InputTemplate must be specified for target %s.", id)
	}
	if len(t.InputPathsMap) > 100 {
		return invalid("InputPathsMap of target %s has more than 100 entries.", id)
	}
	for name, path := range t.InputPathsMap {
		if strings.HasPrefix(strings.ToLower(name), "aws") {
			return invalid("InputPathsMap of target %s: %s is a reserved name.", id, name)
		}
		if _, err := parsePath(path); err != nil {
			return err
		}
	}
	return nil
}

// transform fills an input template. A <name> outside of quotes becomes the
// JSON value, one within quotes its text.
func (d delivery) transform(t *types.InputTransformer) ([]byte, error) {
	values, err := d.variables(t.InputPathsMap)
	if err != nil {
		return nil, err
	}
	var out strings.Builder
	rest, quoted := deref(t.InputTemplate), false
	for {
		before, after, found := strings.Cut(rest, "<")
		out.WriteString(before)
		quoted = endsQuoted(quoted, before)
		name, tail, closed := strings.Cut(after, ">")
		value, known := values[name]
		switch {
		case !found:
			return checked(out.String())
		case !closed || !known:
			out.WriteByte('<')
			rest = after
			continue
		case quoted:
			out.WriteString(inQuotes(value))
		case value == nil:
			out.WriteString("null")
		default:
			out.Write(value)
		}
		rest = tail
	}
}

// variables are what a template may name: its paths and EventBridge's own.
func (d delivery) variables(paths map[string]string) (map[string]json.RawMessage, error) {
	values := map[string]json.RawMessage{
		"aws.events.rule-arn":             asJSON(d.arn),
		"aws.events.rule-name":            asJSON(d.rule.Name),
		"aws.events.event.ingestion-time": asJSON(d.at.UTC().Format(time.RFC3339)),
		"aws.events.event":                json.RawMessage(d.event),
		"aws.events.event.json":           json.RawMessage(d.event),
	}
	for name, path := range paths {
		value, err := at(d.event, path)
		if err != nil {
			return nil, err
		}
		values[name] = value
	}
	return values, nil
}

func asJSON(text string) json.RawMessage {
	out, _ := json.Marshal(text) // a string always encodes
	return out
}

// endsQuoted says whether text, begun within quotes or not, ends within quotes.
func endsQuoted(quoted bool, text string) bool {
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			quoted = !quoted
		}
	}
	return quoted
}

// inQuotes is a JSON value as part of a JSON string.
func inQuotes(value json.RawMessage) string {
	var text string
	if json.Unmarshal(value, &text) != nil {
		text = string(value)
	}
	quoted := string(asJSON(text))
	return quoted[1 : len(quoted)-1]
}

func checked(text string) ([]byte, error) {
	if !json.Valid([]byte(text)) {
		return nil, fmt.Errorf("the input template gives %q, which is not JSON", text)
	}
	return []byte(text), nil
}
