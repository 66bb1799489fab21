package pattern

import (
	"fmt"
	"net/netip"
)

// compileExpression reads a match expression other than exists.
func compileExpression(path, name string, value any) (matcher, error) {
	switch name {
	case "prefix", "suffix":
		return compileAffix(path, name, value)
	case "equals-ignore-case":
		s, ok := value.(string)
		if !ok {
			return nil, &InvalidError{path, name + " takes a string"}
		}
		return foldedString(fold(s)), nil
	case "wildcard":
		s, ok := value.(string)
		if !ok {
			return nil, &InvalidError{path, name + " takes a string"}
		}
		return compileWildcard(path, s)
	case "numeric":
		return compileNumeric(path, value)
	case "cidr":
		return compileCIDR(path, value)
	case "anything-but":
		return compileAnythingBut(path, value)
	}
	return nil, &InvalidError{path, fmt.Sprintf("unknown match type %q", name)}
}

// compileAffix reads prefix and suffix: a string, or a string whose letters
// may be of either case.
func compileAffix(path, name string, value any) (matcher, error) {
	switch v := value.(type) {
	case string:
		return affix(name, v), nil
	case map[string]any:
		s, ok := v["equals-ignore-case"].(string)
		if !ok || len(v) != 1 {
			return nil, &InvalidError{path, name + ` takes a string or {"equals-ignore-case": string}`}
		}
		if name == "prefix" {
			return foldedPrefix(fold(s)), nil
		}
		return foldedSuffix(fold(s)), nil
	}
	return nil, &InvalidError{path, name + ` takes a string or {"equals-ignore-case": string}`}
}

func affix(name, s string) matcher {
	if name == "prefix" {
		return prefix(s)
	}
	return suffix(s)
}

func compileCIDR(path string, value any) (matcher, error) {
	s, ok := value.(string)
	if !ok {
		return nil, &InvalidError{path, "cidr takes a string"}
	}
	p, err := netip.ParsePrefix(s)
	if err != nil {
		return nil, &InvalidError{path, fmt.Sprintf("%q is no CIDR block", s)}
	}
	return cidr{p.Masked()}, nil
}

type (
	anyValue     struct{}
	exactLiteral string
	exactNumber  struct{ number }
	prefix       string
	suffix       string
	cidr         struct{ netip.Prefix }
)

func (anyValue) matches(scalar) bool { return true }

func (l exactLiteral) matches(v scalar) bool {
	return v.kind == isLiteral && string(v.text) == string(l)
}

func (n exactNumber) matches(v scalar) bool {
	return v.kind == isNumber && numberOf(v.text).compare(n.number) == 0
}

func (p prefix) matches(v scalar) bool {
	return v.kind == isString && len(v.text) >= len(p) && string(v.text[:len(p)]) == string(p)
}

func (s suffix) matches(v scalar) bool {
	return v.kind == isString && len(v.text) >= len(s) && string(v.text[len(v.text)-len(s):]) == string(s)
}

func (c cidr) matches(v scalar) bool {
	if v.kind != isString {
		return false
	}
	a, err := netip.ParseAddr(string(v.text))
	return err == nil && c.Contains(a)
}
