package sim

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/trailhand/trailhand/internal/strictyaml"
)

// reader reads YAML strictly.
type reader struct{ strictyaml.Reader }

func newReader(source string) *reader {
	return &reader{strictyaml.Reader{Source: source, Hint: listKnown}}
}

func listKnown(_ string, known []string) string { return "; known are " + strings.Join(known, ", ") }

// properties are the names that a mapping may have, and what takes their values.
type properties map[string]func(*yaml.Node)

func (r *reader) mapping(n *yaml.Node, known properties) {
	strictyaml.Mapping(&r.Reader, n, known, func(take func(*yaml.Node), value *yaml.Node) { take(value) })
}

// text takes a scalar as it is written.
func (r *reader) text(n *yaml.Node) string {
	if n.Kind != yaml.ScalarNode || n.Value == "" {
		r.Wrong(n, "expected text")
		return ""
	}
	return n.Value
}

func (r *reader) bool(n *yaml.Node) bool {
	var b bool
	if n.ShortTag() != "!!bool" || n.Decode(&b) != nil {
		r.Wrong(n, "expected true or false, found %q", n.Value)
	}
	return b
}

func (r *reader) whole(n *yaml.Node, low, high int) int {
	i, err := strconv.Atoi(n.Value)
	if n.Kind != yaml.ScalarNode || err != nil || i < low || i > high {
		r.Wrong(n, "expected a whole number within %d and %d, found %q", low, high, n.Value)
		return low
	}
	return i
}

func (r *reader) number(n *yaml.Node, low, high float64) float64 {
	f, err := strconv.ParseFloat(n.Value, 64)
	if n.Kind != yaml.ScalarNode || err != nil || !(f >= low && f <= high) {
		r.Wrong(n, "expected a number within %g and %g, found %q", low, high, n.Value)
		return low
	}
	return f
}

func (r *reader) day(n *yaml.Node) time.Time {
	t, err := time.Parse(time.DateOnly, n.Value)
	if err != nil {
		r.Wrong(n, "expected a day like 2026-03-02, found %q", n.Value)
	}
	return t
}

// duration takes 8d10h30m: whole minutes, least or more.
func (r *reader) duration(n *yaml.Node, least time.Duration) time.Duration {
	d, err := parseDuration(n.Value)
	if n.Kind != yaml.ScalarNode || err != nil || d < least || d%time.Minute != 0 || d > maxDays*24*time.Hour {
		r.Wrong(n, "expected a time in whole minutes like 8d10h30m, found %q", n.Value)
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
