// Package policy evaluates resource policies: may this principal do this action to this
// resource?
//
// Not covered: policy variables (${aws:…}; such a text matches only itself), and keys with
// several values, so that ForAllValues and ForAnyValue mean the same.
//
// Source: "Policy evaluation logic" and "IAM JSON policy elements reference" (IAM User Guide).
package policy

import "strings"

// Decision is the outcome of an evaluation.
type Decision uint8

// An explicit Deny wins over any Allow; what no statement speaks of is ImplicitDeny.
const (
	ImplicitDeny Decision = iota
	Allow
	Deny
)

func (d Decision) String() string {
	switch d {
	case Allow:
		return "allow"
	case Deny:
		return "deny"
	}
	return "implicit deny"
}

// Question is one call to be decided.
type Question struct {
	Service  string            // service principal, e.g. cloudtrail.amazonaws.com
	AWS      string            // ARN of an IAM principal, or an account ID; empty for a service
	Action   string            // e.g. s3:PutObject
	Resource string            // ARN
	Context  map[string]string // condition keys, e.g. aws:SourceArn, s3:x-amz-acl
}

// Policy is a parsed resource policy. Parse makes one.
type Policy struct{ statements []statement }

type statement struct {
	deny       bool
	principal  principals
	action     patterns
	resource   patterns
	conditions []condition
}

// patterns is an element such as Action, or its opposite, NotAction.
type patterns struct {
	texts []string
	not   bool
}

// Decide answers a question.
func (p *Policy) Decide(q Question) Decision {
	keys := make(map[string]string, len(q.Context))
	for name, value := range q.Context {
		keys[strings.ToLower(name)] = value
	}
	decision := ImplicitDeny
	for _, s := range p.statements {
		if !s.applies(q, keys) {
			continue
		}
		if s.deny {
			return Deny
		}
		decision = Allow
	}
	return decision
}

func (s statement) applies(q Question, keys map[string]string) bool {
	return s.principal.match(q) && s.action.match(q.Action, strings.EqualFold) && s.resource.match(q.Resource, equal) && s.hold(keys)
}

func (s statement) hold(keys map[string]string) bool {
	for _, c := range s.conditions {
		if !c.holds(keys) {
			return false
		}
	}
	return true
}

func (p patterns) match(text string, same func(a, b string) bool) bool {
	for _, pattern := range p.texts {
		if matchWildcards(pattern, text, same) {
			return !p.not
		}
	}
	return p.not
}

// Public reports whether some statement allows everybody something, unconditionally.
func (p *Policy) Public() bool {
	for _, s := range p.statements {
		if !s.deny && s.principal.everybody() && len(s.conditions) == 0 {
			return true
		}
	}
	return false
}
