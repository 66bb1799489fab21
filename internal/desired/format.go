package desired

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/trailhand/trailhand/pkg/selectors"
	"github.com/trailhand/trailhand/pkg/trail"
)

// Format writes the mode and the trails of a spec as a desired.yaml that Parse reads
// as the same. Names are in a fixed order, so that two files can be compared.
func Format(s trail.Spec) ([]byte, error) {
	file := mapping{}
	if s.Mode != "" {
		file.add("mode", string(s.Mode))
	}
	trails := []any{}
	for _, d := range s.Trails {
		trails = append(trails, formatTrail(d))
	}
	file.add("trails", trails)
	text, err := encode(file.node())
	if err != nil {
		return nil, fmt.Errorf("writing the desired state: %w", err)
	}
	return text, nil
}

// mapping is a YAML mapping that keeps its order.
type mapping struct {
	names  []string
	values []any
}

func (m *mapping) add(name string, value any) {
	m.names, m.values = append(m.names, name), append(m.values, value)
}

// addGiven adds a list that is not empty.
func addGiven[T any](m *mapping, name string, list []T) {
	if len(list) > 0 {
		m.add(name, list)
	}
}

func (m *mapping) node() *yaml.Node {
	n := &yaml.Node{Kind: yaml.MappingNode}
	for i, name := range m.names {
		n.Content = append(n.Content, nodeOf(name), nodeOf(m.values[i]))
	}
	return n
}

func nodeOf(value any) *yaml.Node {
	switch v := value.(type) {
	case *mapping:
		return v.node()
	case []any:
		n := &yaml.Node{Kind: yaml.SequenceNode}
		for _, item := range v {
			n.Content = append(n.Content, nodeOf(item))
		}
		return n
	}
	n := &yaml.Node{}
	_ = n.Encode(value) // texts, flags and lists of texts always encode
	return n
}

func formatTrail(d trail.Desired) *mapping {
	m := &mapping{}
	m.add("TrailName", d.Name)
	if d.HomeRegion != "" {
		m.add("HomeRegion", d.HomeRegion)
	}
	for _, f := range trail.Settings() {
		if value := d.Wants(f); value != nil {
			m.add(string(f), formatSetting(value))
		}
	}
	if d.TagsExact {
		m.add("TagsMode", "exact")
	}
	addGiven(m, "Profiles", d.Profiles)
	if d.Policy.Trail != "" {
		m.add("Mode", string(d.Policy.Trail))
	}
	if len(d.Policy.Fields) > 0 {
		modes := &mapping{}
		for _, f := range slices.Sorted(maps.Keys(d.Policy.Fields)) {
			modes.add(string(f), string(d.Policy.Fields[f]))
		}
		m.add("FieldModes", modes)
	}
	return m
}

// FormatValue writes the value of one setting as it stands in a desired.yaml.
func FormatValue(value any) string {
	text, err := encode(nodeOf(formatSetting(value)))
	if err != nil {
		return fmt.Sprint(value)
	}
	return strings.TrimSuffix(string(text), "\n")
}

func encode(n *yaml.Node) ([]byte, error) {
	var b bytes.Buffer
	e := yaml.NewEncoder(&b)
	e.SetIndent(2)
	err := errors.Join(e.Encode(n), e.Close())
	return b.Bytes(), err
}

func formatSetting(value any) any {
	switch v := value.(type) {
	case selectors.Set:
		return formatSelectors(v)
	case []trail.InsightSelector:
		return each(v, func(m *mapping, s trail.InsightSelector) {
			m.add("InsightType", s.InsightType)
			addGiven(m, "EventCategories", s.EventCategories)
		})
	case []trail.Aggregation:
		return each(v, func(m *mapping, a trail.Aggregation) {
			m.add("EventCategory", a.EventCategory)
			m.add("Templates", a.Templates)
		})
	case map[string]string:
		return each(slices.Sorted(maps.Keys(v)), func(m *mapping, key string) {
			m.add("Key", key)
			m.add("Value", v[key])
		})
	}
	return value
}

func each[T any](list []T, format func(*mapping, T)) []any {
	items := []any{}
	for _, one := range list {
		m := &mapping{}
		format(m, one)
		items = append(items, m)
	}
	return items
}

func formatSelectors(s selectors.Set) []any {
	if len(s.Advanced) > 0 {
		return each(s.Advanced, func(m *mapping, a selectors.Advanced) {
			if a.Name != "" {
				m.add("Name", a.Name)
			}
			m.add("FieldSelectors", each(a.FieldSelectors, formatFieldSelector))
		})
	}
	return each(s.Basic, func(m *mapping, b selectors.Basic) {
		if b.ReadWriteType != "" {
			m.add("ReadWriteType", b.ReadWriteType)
		}
		if b.IncludeManagementEvents != nil {
			m.add("IncludeManagementEvents", *b.IncludeManagementEvents)
		}
		if len(b.DataResources) > 0 {
			m.add("DataResources", each(b.DataResources, func(m *mapping, d selectors.DataResource) {
				m.add("Type", d.Type)
				m.add("Values", d.Values)
			}))
		}
		addGiven(m, "ExcludeManagementEventSources", b.ExcludeManagementEventSources)
	})
}

func formatFieldSelector(m *mapping, f selectors.FieldSelector) {
	m.add("Field", f.Field)
	addGiven(m, "Equals", f.Equals)
	addGiven(m, "StartsWith", f.StartsWith)
	addGiven(m, "EndsWith", f.EndsWith)
	addGiven(m, "NotEquals", f.NotEquals)
	addGiven(m, "NotStartsWith", f.NotStartsWith)
	addGiven(m, "NotEndsWith", f.NotEndsWith)
}
