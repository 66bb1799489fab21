package selectors

import (
	"fmt"
	"slices"
	"strings"
)

// condition is what a selector asks of one field.
type condition struct {
	field    field
	selects  []operand // one must hold, if there are any
	excludes []operand // none may hold
}

// operand is one operator with one value. Excluding operators are kept as the
// operator that they negate.
type operand struct {
	operator operator
	value    string
}

type operator uint8

const (
	equals operator = iota
	startsWith
	endsWith
)

// holds compares a field's text; an absent field has the empty text, which no
// operand can match, because values have at least one character.
func (o operand) holds(text string) bool {
	switch o.operator {
	case startsWith:
		return strings.HasPrefix(text, o.value)
	case endsWith:
		return strings.HasSuffix(text, o.value)
	default:
		return text == o.value
	}
}

func (o operand) String() string {
	verb := [...]string{"equals", "starts with", "ends with"}[o.operator]
	return fmt.Sprintf("%s %q", verb, o.value)
}

func (c *condition) holds(text string) bool {
	holds := func(o operand) bool { return o.holds(text) }
	return (len(c.selects) == 0 || slices.ContainsFunc(c.selects, holds)) &&
		!slices.ContainsFunc(c.excludes, holds)
}

// add puts the operands of one field selector to those that are there.
func (c *condition) add(f FieldSelector) {
	c.selects = appendOperands(c.selects, equals, f.Equals)
	c.selects = appendOperands(c.selects, startsWith, f.StartsWith)
	c.selects = appendOperands(c.selects, endsWith, f.EndsWith)
	c.excludes = appendOperands(c.excludes, equals, f.NotEquals)
	c.excludes = appendOperands(c.excludes, startsWith, f.NotStartsWith)
	c.excludes = appendOperands(c.excludes, endsWith, f.NotEndsWith)
}

func appendOperands(to []operand, op operator, values []string) []operand {
	for _, v := range values {
		to = append(to, operand{op, v})
	}
	return to
}

// conditions gives one condition for each field of the selector: operators of
// several field selectors on one field count together. Unknown fields, which
// only a Set that is not valid has, are left out.
func conditions(selectors []FieldSelector) []condition {
	var cs []condition
	for _, s := range selectors {
		f, ok := fieldNamed(s.Field)
		if !ok {
			continue
		}
		i := slices.IndexFunc(cs, func(c condition) bool { return c.field == f })
		if i < 0 {
			i = len(cs)
			cs = append(cs, condition{field: f})
		}
		cs[i].add(s)
	}
	return cs
}
