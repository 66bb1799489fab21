package sim

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// LineError is something wrong in a line of a scenario.
type LineError struct {
	Source string
	Line   int
	Reason string
}

// Error gives file, line and reason.
func (e *LineError) Error() string { return fmt.Sprintf("%s:%d: %s", e.Source, e.Line, e.Reason) }

// reader walks YAML nodes and collects what is wrong with them.
type reader struct {
	source string
	errs   []error
}

// properties are the names that a mapping may have, and what takes their values.
type properties map[string]func(*yaml.Node)

func (r *reader) wrong(at *yaml.Node, format string, args ...any) {
	r.errs = append(r.errs, &LineError{r.source, at.Line, fmt.Sprintf(format, args...)})
}

func (r *reader) mapping(n *yaml.Node, known properties) {
	if n.Kind != yaml.MappingNode {
		r.wrong(n, "expected names and values")
		return
	}
	seen := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		take, ok := known[key.Value]
		switch {
		case !ok:
			r.wrong(key, "unknown name %q; known are %s", key.Value, strings.Join(slices.Sorted(maps.Keys(known)), ", "))
		case seen[key.Value] > 0:
			r.wrong(key, "%s is already given in line %d", key.Value, seen[key.Value])
		default:
			take(value)
		}
		seen[key.Value] = key.Line
	}
}

func (r *reader) list(n *yaml.Node, each func(*yaml.Node)) {
	if n.Kind != yaml.SequenceNode {
		r.wrong(n, "expected a list")
		return
	}
	for _, item := range n.Content {
		each(item)
	}
}

// text takes a scalar as it is written.
func (r *reader) text(n *yaml.Node) string {
	if n.Kind != yaml.ScalarNode || n.Value == "" {
		r.wrong(n, "expected text")
		return ""
	}
	return n.Value
}

func (r *reader) bool(n *yaml.Node) bool {
	var b bool
	if n.ShortTag() != "!!bool" || n.Decode(&b) != nil {
		r.wrong(n, "expected true or false, found %q", n.Value)
	}
	return b
}

func (r *reader) whole(n *yaml.Node, low, high int) int {
	i, err := strconv.Atoi(n.Value)
	if n.Kind != yaml.ScalarNode || err != nil || i < low || i > high {
		r.wrong(n, "expected a whole number within %d and %d, found %q", low, high, n.Value)
		return low
	}
	return i
}

func (r *reader) number(n *yaml.Node, low, high float64) float64 {
	f, err := strconv.ParseFloat(n.Value, 64)
	if n.Kind != yaml.ScalarNode || err != nil || !(f >= low && f <= high) {
		r.wrong(n, "expected a number within %g and %g, found %q", low, high, n.Value)
		return low
	}
	return f
}

func (r *reader) day(n *yaml.Node) time.Time {
	t, err := time.Parse(time.DateOnly, n.Value)
	if err != nil {
		r.wrong(n, "expected a day like 2026-03-02, found %q", n.Value)
	}
	return t
}

// duration takes 8d10h30m: whole minutes, least or more.
func (r *reader) duration(n *yaml.Node, least time.Duration) time.Duration {
	d, err := parseDuration(n.Value)
	if n.Kind != yaml.ScalarNode || err != nil || d < least || d%time.Minute != 0 || d > maxDays*24*time.Hour {
		r.wrong(n, "expected a time in whole minutes like 8d10h30m, found %q", n.Value)
		return least
	}
	return d
}

// parseDuration is time.ParseDuration with days before.
func parseDuration(text string) (time.Duration, error) {
	days, rest, found := strings.Cut(text, "d")
	if !found {
		return time.ParseDuration(text)
	}
	n, err := strconv.Atoi(days)
	if err != nil || n < 0 || n > maxDays {
		return 0, fmt.Errorf("%q is no number of days", days)
	}
	d := time.Duration(n) * 24 * time.Hour
	if rest == "" {
		return d, nil
	}
	more, err := time.ParseDuration(rest)
	return d + more, err
}
