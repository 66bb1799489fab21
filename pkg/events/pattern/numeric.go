package pattern

import (
	"encoding/json"
	"fmt"
)

// numeric is one or two comparisons that must all hold.
type numeric []comparison

type comparison struct {
	operator string
	bound    number
}

// compileNumeric reads ["=", 5], a bound like ["<", 10], or a lower and an
// upper bound like [">=", 0, "<", 100].
func compileNumeric(path string, value any) (matcher, error) {
	list, _ := value.([]any)
	if len(list) != 2 && len(list) != 4 {
		return nil, &InvalidError{path, `numeric takes an operator and a number, or a lower and an upper bound like [">=", 0, "<", 100]`}
	}
	var n numeric
	for i := 0; i < len(list); i += 2 {
		c, err := compileComparison(path, list[i], list[i+1])
		if err != nil {
			return nil, err
		}
		n = append(n, c)
	}
	if len(n) == 2 && (!n[0].lower() || !n[1].upper() || n[0].bound.compare(n[1].bound) >= 0) {
		return nil, &InvalidError{path, "a numeric range is a lower bound, then an upper bound that is greater"}
	}
	return n, nil
}

func compileComparison(path string, operator, bound any) (comparison, error) {
	c := comparison{}
	c.operator, _ = operator.(string)
	switch c.operator {
	case "=", "<", "<=", ">", ">=":
	default:
		return c, &InvalidError{path, fmt.Sprintf("%v is no numeric operator (=, <, <=, >, >=)", operator)}
	}
	literal, ok := bound.(json.Number)
	if !ok {
		return c, &InvalidError{path, fmt.Sprintf("numeric %s takes a number", c.operator)}
	}
	c.bound = numberOf([]byte(literal))
	if outOfRange(c.bound) {
		return c, &InvalidError{path, fmt.Sprintf("%s is not between -5e9 and 5e9", literal)}
	}
	return c, nil
}

// outOfRange says whether EventBridge refuses a number in numeric.
func outOfRange(n number) bool {
	n.negative = false
	return n.compare(numberOf([]byte("5e9"))) > 0
}

func (c comparison) lower() bool { return c.operator[0] == '>' }
func (c comparison) upper() bool { return c.operator[0] == '<' }

func (c comparison) holds(n number) bool {
	order := n.compare(c.bound)
	switch c.operator {
	case "<":
		return order < 0
	case "<=":
		return order <= 0
	case ">":
		return order > 0
	case ">=":
		return order >= 0
	default:
		return order == 0
	}
}

func (n numeric) matches(v scalar) bool {
	if v.kind != isNumber {
		return false
	}
	value := numberOf(v.text)
	for _, c := range n {
		if !c.holds(value) {
			return false
		}
	}
	return true
}
