package policy

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// MalformedError says what is wrong with a policy, in the words of S3's MalformedPolicy.
type MalformedError struct{ Message string }

func (e *MalformedError) Error() string { return e.Message }

func malformed(format string, args ...any) error {
	return &MalformedError{Message: fmt.Sprintf(format, args...)}
}

// Parse reads a resource policy. Its errors are of type *MalformedError.
func Parse(document []byte) (*Policy, error) { return parse(document, true) }

// ParseTrust reads the trust policy of a role, which names no resource: it is
// about the role. Its errors are of type *MalformedError.
func ParseTrust(document []byte) (*Policy, error) { return parse(document, false) }

func parse(document []byte, resources bool) (*Policy, error) {
	document = bytes.TrimSpace(document)
	if !bytes.HasPrefix(document, []byte("{")) || !json.Valid(document) {
		return nil, malformed("Policies must be valid JSON and the first byte must be '{'")
	}
	top, err := fields(document, "Version", "Id", "Statement")
	if err != nil {
		return nil, err
	}
	if err := checkVersion(top["Version"]); err != nil {
		return nil, err
	}
	list, err := oneOrMany[json.RawMessage](top["Statement"])
	if err != nil || len(list) == 0 {
		return nil, malformed("Missing required field Statement")
	}
	p := &Policy{}
	for _, raw := range list {
		s, err := parseStatement(raw, resources)
		if err != nil {
			return nil, err
		}
		p.statements = append(p.statements, s)
	}
	return p, nil
}

func checkVersion(raw json.RawMessage) error {
	if raw == nil || string(raw) == `"2012-10-17"` || string(raw) == `"2008-10-17"` {
		return nil
	}
	return malformed("The policy must contain a valid version string")
}

// fields decodes an object whose names must be among the known ones, exactly.
func fields(raw json.RawMessage, known ...string) (map[string]json.RawMessage, error) {
	var m map[string]json.RawMessage
	if err := json.Unmarshal(raw, &m); err != nil || m == nil {
		return nil, malformed("Policies must be valid JSON and the first byte must be '{'")
	}
	for name := range m {
		if !slices.Contains(known, name) {
			return nil, malformed("Unknown field %s", name)
		}
	}
	return m, nil
}

// oneOrMany decodes a value or a list of values; nil if absent.
func oneOrMany[T any](raw json.RawMessage) ([]T, error) {
	if raw == nil {
		return nil, nil
	}
	if bytes.HasPrefix(bytes.TrimSpace(raw), []byte("[")) {
		var many []T
		err := json.Unmarshal(raw, &many)
		return many, err
	}
	var one T
	err := json.Unmarshal(raw, &one)
	return []T{one}, err
}

func parseStatement(raw json.RawMessage, resources bool) (s statement, err error) {
	f, err := fields(raw, "Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition")
	if err != nil {
		return s, err
	}
	switch string(f["Effect"]) {
	case `"Allow"`:
	case `"Deny"`:
		s.deny = true
	case "":
		return s, malformed("Missing required field Effect")
	default:
		return s, malformed("Invalid effect: %s", f["Effect"])
	}
	if s.principal, err = parsePrincipals(f); err != nil {
		return s, err
	}
	if s.action, err = parsePatterns(f, "Action"); err != nil {
		return s, err
	}
	if !resources {
		s.resource = patterns{texts: []string{"*"}}
	} else if s.resource, err = parsePatterns(f, "Resource"); err != nil {
		return s, err
	}
	s.conditions, err = parseConditions(f["Condition"])
	return s, err
}

// parsePatterns reads Action or NotAction, Resource or NotResource: one of the two.
func parsePatterns(f map[string]json.RawMessage, name string) (patterns, error) {
	raw, opposite := f[name], f["Not"+name]
	if (raw == nil) == (opposite == nil) {
		return patterns{}, malformed("Missing required field %s", name)
	}
	p := patterns{not: raw == nil}
	if p.not {
		raw = opposite
	}
	var err error
	if p.texts, err = oneOrMany[string](raw); err != nil || len(p.texts) == 0 || slices.Contains(p.texts, "") {
		return patterns{}, malformed("Policy has invalid %s", strings.ToLower(name))
	}
	return p, nil
}

func parsePrincipals(f map[string]json.RawMessage) (principals, error) {
	raw, opposite := f["Principal"], f["NotPrincipal"]
	if (raw == nil) == (opposite == nil) {
		return principals{}, malformed("Missing required field Principal")
	}
	p := principals{not: raw == nil}
	if p.not {
		raw = opposite
	}
	if string(raw) == `"*"` {
		p.all = true
		return p, nil
	}
	invalid := malformed("Invalid principal in policy")
	kinds, err := fields(raw, "AWS", "Service", "Federated", "CanonicalUser")
	if err != nil || len(kinds) == 0 {
		return principals{}, invalid
	}
	if p.aws, err = oneOrMany[string](kinds["AWS"]); err != nil {
		return principals{}, invalid
	}
	if p.services, err = oneOrMany[string](kinds["Service"]); err != nil {
		return principals{}, invalid
	}
	return p, nil
}

func parseConditions(raw json.RawMessage) ([]condition, error) {
	if raw == nil {
		return nil, nil
	}
	var operators map[string]map[string]json.RawMessage
	if err := json.Unmarshal(raw, &operators); err != nil {
		return nil, malformed("Policy has an invalid condition")
	}
	var all []condition
	for name, keys := range operators {
		op, ok := operatorNamed(name)
		if !ok {
			return nil, malformed("Invalid Condition type : %s", name)
		}
		for key, raw := range keys {
			values, err := conditionValues(raw)
			if err != nil {
				return nil, malformed("Policy has an invalid value for condition key %s", key)
			}
			all = append(all, condition{operator: op, key: strings.ToLower(key), values: values})
		}
	}
	return all, nil
}

// conditionValues reads texts, numbers and booleans alike as texts.
func conditionValues(raw json.RawMessage) ([]string, error) {
	list, err := oneOrMany[json.RawMessage](raw)
	if err != nil {
		return nil, err
	}
	var texts []string
	for _, v := range list {
		var text string
		if json.Unmarshal(v, &text) != nil {
			text = string(v)
		}
		if strings.ContainsAny(text, "{}[]") && !strings.HasPrefix(string(v), `"`) || string(v) == "null" {
			return nil, errors.New("a condition's value must be a text, a number or a boolean")
		}
		texts = append(texts, text)
	}
	return texts, nil
}

// CheckResources holds that every Resource is the bucket with the given ARN or in it.
func (p *Policy) CheckResources(bucketARN string) error {
	_, name, _ := strings.Cut(bucketARN, ":::")
	for _, s := range p.statements {
		for _, resource := range s.resource.texts {
			parts := strings.SplitN(resource, ":", 6)
			if len(parts) != 6 || parts[0] != "arn" || parts[2] != "s3" || parts[5] != name && !strings.HasPrefix(parts[5], name+"/") {
				return malformed("Policy has invalid resource")
			}
		}
	}
	return nil
}
