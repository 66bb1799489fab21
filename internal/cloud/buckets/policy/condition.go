package policy

import (
	"cmp"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"
)

// condition is one key under one operator: {"StringEquals": {"aws:SourceArn": [values]}}.
type condition struct {
	operator operator
	key      string // in lower case: condition keys ignore it
	values   []string
}

// operator says how the value of a key is compared.
type operator struct {
	match    func(want, got string) bool
	negated  bool // holds if no value matches, or the key is absent
	ifExists bool // holds if the key is absent
	null     bool // asks whether the key is absent
}

func (c condition) holds(keys map[string]string) bool {
	got, present := keys[c.key]
	if c.operator.null {
		return len(c.values) > 0 && strings.EqualFold(c.values[0], strconv.FormatBool(!present))
	}
	if !present {
		return c.operator.negated || c.operator.ifExists
	}
	for _, want := range c.values {
		if c.operator.match(want, got) {
			return !c.operator.negated
		}
	}
	return c.operator.negated
}

// operatorNamed knows the operators of IAM; ok is false for any other name.
func operatorNamed(name string) (op operator, ok bool) {
	name = strings.TrimPrefix(strings.TrimPrefix(name, "ForAllValues:"), "ForAnyValue:")
	if name == "Null" {
		return operator{null: true}, true
	}
	base, ifExists := strings.CutSuffix(name, "IfExists")
	if positive, negated := negations()[base]; negated {
		op.negated, base = true, positive
	}
	op.match, ok = comparisons()[base]
	op.ifExists = ifExists
	return op, ok
}

func negations() map[string]string {
	return map[string]string{
		"StringNotEquals": "StringEquals", "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase", "StringNotLike": "StringLike",
		"ArnNotEquals": "ArnEquals", "ArnNotLike": "ArnLike", "NumericNotEquals": "NumericEquals", "DateNotEquals": "DateEquals",
		"NotIpAddress": "IpAddress",
	}
}

func comparisons() map[string]func(want, got string) bool {
	return map[string]func(want, got string) bool{
		"StringEquals": equal, "StringEqualsIgnoreCase": strings.EqualFold, "BinaryEquals": equal,
		"StringLike": func(want, got string) bool { return matchWildcards(want, got, equal) },
		"ArnEquals":  matchARN, "ArnLike": matchARN,
		"Bool": strings.EqualFold, "IpAddress": matchAddress,
		"NumericEquals": number(0), "NumericLessThan": number(-1), "NumericLessThanEquals": number(-1, 0),
		"NumericGreaterThan": number(1), "NumericGreaterThanEquals": number(1, 0),
		"DateEquals": date(0), "DateLessThan": date(-1), "DateLessThanEquals": date(-1, 0),
		"DateGreaterThan": date(1), "DateGreaterThanEquals": date(1, 0),
	}
}

// number compares numbers; signs are the outcomes (got against want) that match.
func number(signs ...int) func(want, got string) bool {
	return func(want, got string) bool {
		w, err := strconv.ParseFloat(want, 64)
		if err != nil {
			return false
		}
		g, err := strconv.ParseFloat(got, 64)
		return err == nil && slices.Contains(signs, cmp.Compare(g, w))
	}
}

// date compares times given in RFC 3339 or as seconds since 1970.
func date(signs ...int) func(want, got string) bool {
	return func(want, got string) bool {
		w, ok := parseTime(want)
		if !ok {
			return false
		}
		g, ok := parseTime(got)
		return ok && slices.Contains(signs, g.Compare(w))
	}
}

func parseTime(text string) (time.Time, bool) {
	if seconds, err := strconv.ParseInt(text, 10, 64); err == nil {
		return time.Unix(seconds, 0), true
	}
	t, err := time.Parse(time.RFC3339, text)
	return t, err == nil
}

func matchAddress(want, got string) bool {
	address, err := netip.ParseAddr(got)
	if err != nil {
		return false
	}
	if prefix, err := netip.ParsePrefix(want); err == nil {
		return prefix.Contains(address)
	}
	single, err := netip.ParseAddr(want)
	return err == nil && single == address
}
