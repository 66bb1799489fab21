package selectors

import (
	"fmt"
	"strings"
)

// Decision says whether a trail logs an event, and why.
type Decision struct {
	Kept     bool
	Verdicts []Verdict // in the order of the selectors, up to the one that kept the event
}

// Verdict is what one selector says to an event.
type Verdict struct {
	Selector string // which, as in `AdvancedEventSelectors[0] "S3 writes"`
	Kept     bool
	Why      string // the condition that refused the event; empty if kept
}

// String gives the decision in words, on one line.
func (d Decision) String() string {
	if d.Kept {
		return "kept by " + d.Verdicts[len(d.Verdicts)-1].Selector
	}
	if len(d.Verdicts) == 0 {
		return "refused: the selectors take nothing"
	}
	refusals := make([]string, len(d.Verdicts))
	for i, v := range d.Verdicts {
		refusals[i] = v.Selector + ": " + v.Why
	}
	return "refused: " + strings.Join(refusals, "; ")
}

// Explain decides as Match does, and says which selector kept the event or
// which condition of each refused it.
func (m *Matcher) Explain(e *Event) Decision {
	var d Decision
	for i := range m.selectors {
		s := &m.selectors[i]
		kept, refused := s.judge(e)
		v := Verdict{Selector: s.label, Kept: kept}
		if !kept {
			v.Why = refused.String()
		}
		d.Verdicts = append(d.Verdicts, v)
		if d.Kept = kept; kept {
			break
		}
	}
	return d
}

// refusal is the condition that an event did not meet, and what it had there.
type refusal struct {
	condition *condition
	text      string
}

func (r refusal) String() string {
	c := r.condition
	for _, o := range c.excludes {
		if o.holds(r.text) {
			return fmt.Sprintf("%s %q %s, which is excluded", c.field, r.text, o)
		}
	}
	wanted := make([]string, len(c.selects))
	for i, o := range c.selects {
		wanted[i] = o.String()
	}
	have := fmt.Sprintf("%s %q", c.field, r.text)
	if r.text == "" {
		have = fmt.Sprintf("no %s", c.field)
	}
	return fmt.Sprintf("%s, wanted: %s", have, shortList(wanted))
}

// shortList joins alternatives; a selector can have hundreds.
func shortList(alternatives []string) string {
	const most = 5
	if n := len(alternatives); n > most {
		alternatives = append(alternatives[:most:most], fmt.Sprintf("one of %d more", n-most))
	}
	return strings.Join(alternatives, " or ")
}
