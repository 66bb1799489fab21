package desired

import (
	"go.yaml.in/yaml/v3"

	"github.com/trailhand/trailhand/pkg/selectors"
	"github.com/trailhand/trailhand/pkg/trail"
)

func fileProperties(s *trail.Spec) properties {
	return properties{
		"mode":            func(r *reader, n *yaml.Node) { s.Mode = oneOf(r, n, trail.Repair, trail.Report) },
		"trails":          items(&s.Trails, trailProperties),
		"newTrails":       items(&s.NewTrails, ruleProperties),
		"deliveryOverdue": func(r *reader, n *yaml.Node) { s.DeliveryOverdue = r.duration(n) },
		"breakGlass": func(r *reader, n *yaml.Node) {
			r.mapping(n, properties{
				"principals": texts(&s.BreakGlass.Principals),
				"for":        func(r *reader, n *yaml.Node) { s.BreakGlass.For = r.duration(n) },
			})
		},
		"guard": func(r *reader, n *yaml.Node) {
			r.mapping(n, properties{
				"repairs": func(r *reader, n *yaml.Node) { s.Guard.Repairs = r.count(n) },
				"window":  func(r *reader, n *yaml.Node) { s.Guard.Window = r.duration(n) },
			})
		},
	}
}

func ruleProperties(rule *trail.Rule) properties {
	return properties{
		"namePattern": word(&rule.NamePattern),
		"action": func(r *reader, n *yaml.Node) {
			rule.Action = oneOf(r, n, trail.NewTrailIgnore, trail.NewTrailReport, trail.NewTrailConform, trail.NewTrailDelete)
		},
		"conform": func(r *reader, n *yaml.Node) { r.mapping(n, settings(&rule.Conform)) },
	}
}

func trailProperties(d *trail.Desired) properties {
	p := settings(d)
	p["TrailName"] = word(&d.Name)
	p["HomeRegion"] = word(&d.HomeRegion)
	return p
}

// settings are the names that a trail has in CloudFormation, and our additions.
func settings(d *trail.Desired) properties {
	p := properties{
		string(trail.IsLogging):                 flag(&d.IsLogging),
		string(trail.InsightSelectors):          items(&d.Insights, insightProperties),
		string(trail.AggregationConfigurations): items(&d.Aggregations, aggregationProperties),
		string(trail.EventSelectors):            basicSelectors(d),
		string(trail.AdvancedEventSelectors):    advancedSelectors(d),
		string(trail.Tags):                      func(r *reader, n *yaml.Node) { d.Tags = r.tags(n) },
		"TagsMode": func(r *reader, n *yaml.Node) {
			d.TagsExact = oneOf(r, n, "at-least", "exact") == "exact"
		},
		"Profiles": texts(&d.Profiles),
		"Mode":     func(r *reader, n *yaml.Node) { d.Policy.Trail = action(r, n) },
		"FieldModes": func(r *reader, n *yaml.Node) {
			d.Policy.Fields = map[trail.Field]trail.Action{}
			r.mapping(n, fieldModes(d.Policy.Fields))
		},
	}
	for _, f := range trail.TextFields() {
		p[string(f)] = text(d.Text(f))
	}
	for _, f := range trail.FlagFields() {
		p[string(f)] = flag(d.Flag(f))
	}
	return p
}

func action(r *reader, n *yaml.Node) trail.Action {
	return oneOf(r, n, trail.Repair, trail.Report, trail.Ignore)
}

func fieldModes(to map[trail.Field]trail.Action) properties {
	p := properties{}
	for _, f := range append(trail.Settings(), trail.Exists) {
		p[string(f)] = func(r *reader, n *yaml.Node) { to[f] = action(r, n) }
	}
	for _, f := range trail.Findings() {
		p[string(f)] = func(r *reader, n *yaml.Node) { to[f] = oneOf(r, n, trail.Report, trail.Ignore) }
	}
	return p
}

func insightProperties(s *trail.InsightSelector) properties {
	return properties{"InsightType": word(&s.InsightType), "EventCategories": texts(&s.EventCategories)}
}

func aggregationProperties(a *trail.Aggregation) properties {
	return properties{"EventCategory": word(&a.EventCategory), "Templates": texts(&a.Templates)}
}

func basicSelectors(d *trail.Desired) property {
	return func(r *reader, n *yaml.Node) {
		if d.Selectors == nil {
			d.Selectors = &selectors.Set{}
		}
		items(&d.Selectors.Basic, basicProperties)(r, n)
		r.oneKind(d, n)
	}
}

func advancedSelectors(d *trail.Desired) property {
	return func(r *reader, n *yaml.Node) {
		if d.Selectors == nil {
			d.Selectors = &selectors.Set{}
		}
		items(&d.Selectors.Advanced, advancedProperties)(r, n)
		r.oneKind(d, n)
	}
}

func (r *reader) oneKind(d *trail.Desired, n *yaml.Node) {
	if len(d.Selectors.Basic) > 0 && len(d.Selectors.Advanced) > 0 {
		r.Wrong(n, "a trail has EventSelectors or AdvancedEventSelectors, not both")
	}
}

func basicProperties(b *selectors.Basic) properties {
	return properties{
		"ReadWriteType":                 word(&b.ReadWriteType),
		"IncludeManagementEvents":       flag(&b.IncludeManagementEvents),
		"DataResources":                 items(&b.DataResources, dataResourceProperties),
		"ExcludeManagementEventSources": texts(&b.ExcludeManagementEventSources),
	}
}

func dataResourceProperties(d *selectors.DataResource) properties {
	return properties{"Type": word(&d.Type), "Values": texts(&d.Values)}
}

func advancedProperties(a *selectors.Advanced) properties {
	return properties{"Name": word(&a.Name), "FieldSelectors": items(&a.FieldSelectors, fieldSelectorProperties)}
}

func fieldSelectorProperties(f *selectors.FieldSelector) properties {
	return properties{
		"Field": word(&f.Field), "Equals": texts(&f.Equals), "StartsWith": texts(&f.StartsWith), "EndsWith": texts(&f.EndsWith),
		"NotEquals": texts(&f.NotEquals), "NotStartsWith": texts(&f.NotStartsWith), "NotEndsWith": texts(&f.NotEndsWith),
	}
}

// tags takes CloudFormation's list of Key and Value, or names and values.
func (r *reader) tags(n *yaml.Node) map[string]string {
	tags := map[string]string{}
	n = r.resolve(n)
	if n.Kind == yaml.MappingNode {
		for i := 0; i+1 < len(n.Content); i += 2 {
			r.tag(tags, n.Content[i], n.Content[i].Value, r.string(n.Content[i+1]))
		}
		return tags
	}
	r.list(n, func(item *yaml.Node) {
		var key, value string
		r.mapping(item, properties{"Key": word(&key), "Value": word(&value)})
		r.tag(tags, item, key, value)
	})
	return tags
}

func (r *reader) tag(tags map[string]string, at *yaml.Node, key, value string) {
	if _, twice := tags[key]; twice {
		r.Wrong(at, "the tag %q is given twice", key)
	}
	tags[key] = value
}
