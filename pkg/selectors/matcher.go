package selectors

import (
	"fmt"

	"github.com/trailhand/trailhand/pkg/events"
)

// Matcher decides which events a trail logs. It may be used by several
// goroutines at once.
type Matcher struct {
	selectors []selector
	wanted    map[string]fieldSet // by category: the fields its selectors look at
}

// selector is one advanced selector, or a part of a basic one.
type selector struct {
	label    string
	event    []condition // on fields that the event has once
	resource []condition // on one and the same resource
}

// Compile validates a Set and makes it ready to match.
func Compile(s Set) (*Matcher, error) {
	if err := s.Validate(); err != nil {
		return nil, err
	}
	return compile(s), nil
}

func compile(s Set) *Matcher {
	m := &Matcher{wanted: map[string]fieldSet{}}
	if len(s.Basic) == 0 && len(s.Advanced) == 0 {
		m.add("default (no selectors)", managementOnly())
	}
	for i, b := range s.Basic {
		for _, a := range b.asAdvanced() {
			m.add(basicLabel(i, a.Name), a.FieldSelectors)
		}
	}
	for i, a := range s.Advanced {
		m.add(advancedLabel(i, a.Name), a.FieldSelectors)
	}
	return m
}

func basicLabel(i int, part string) string {
	return fmt.Sprintf("EventSelectors[%d] %s", i, part)
}

func advancedLabel(i int, name string) string {
	if name == "" {
		return fmt.Sprintf("AdvancedEventSelectors[%d]", i)
	}
	return fmt.Sprintf("AdvancedEventSelectors[%d] %q", i, name)
}

func (m *Matcher) add(label string, fields []FieldSelector) {
	s := selector{label: label}
	category := Advanced{FieldSelectors: fields}.category()
	for _, c := range conditions(fields) {
		if c.field.ofResource() {
			s.resource = append(s.resource, c)
		} else {
			s.event = append(s.event, c)
		}
		m.wanted[category] = m.wanted[category].with(c.field)
	}
	m.selectors = append(m.selectors, s)
}

// Match says whether any selector takes the event.
func (m *Matcher) Match(e *Event) bool {
	for i := range m.selectors {
		if kept, _ := m.selectors[i].judge(e); kept {
			return true
		}
	}
	return false
}

// MatchRecord is Match for a record. It reads only the fields that the
// selectors for the record's category ask for.
func (m *Matcher) MatchRecord(r *events.Record) bool {
	category := r.Category()
	wanted, ok := m.wanted[category.String()]
	if !ok {
		return false
	}
	e := eventOf(r, category, wanted)
	return m.Match(&e)
}

// judge says whether the selector takes the event, and if not which condition
// refused it.
func (s *selector) judge(e *Event) (bool, refusal) {
	for i := range s.event {
		c := &s.event[i]
		if text := e.text(c.field); !c.holds(text) {
			return false, refusal{c, text}
		}
	}
	if len(s.resource) == 0 {
		return true, refusal{}
	}
	nearest := refusal{condition: &s.resource[0]}
	for _, r := range e.Resources {
		refused := s.judgeResource(r)
		if refused.condition == nil {
			return true, refusal{}
		}
		if nearest.condition.field == resourceType {
			nearest = refused
		}
	}
	return false, nearest
}

// judgeResource gives the first condition that the resource fails.
func (s *selector) judgeResource(r Resource) refusal {
	for i := range s.resource {
		c := &s.resource[i]
		if text := r.text(c.field); !c.holds(text) {
			return refusal{c, text}
		}
	}
	return refusal{}
}
