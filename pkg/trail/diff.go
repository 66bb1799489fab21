package trail

import (
	"maps"
	"slices"
	"strings"

	"github.com/trailhand/trailhand/pkg/selectors"
)

// Drift is one setting that is not as desired.
type Drift struct {
	Field Field  `json:"field"`
	Want  any    `json:"want"`
	Got   any    `json:"got"`
	Why   string `json:"why,omitempty"`
}

// Diff compares what a trail should be with what it is; o is nil when there is no
// such trail, which is the one drift [Exists]. The comparison is of meaning: the
// order of selectors and values, defaults spelled out or not, a name for an ARN are
// not drift. Drifts come in the order of [Settings].
func Diff(d Desired, o *Observed) []Drift {
	if o == nil {
		return []Drift{{Field: Exists, Want: true, Got: false}}
	}
	drifts := diffAttributes(d.Attributes, o.Attributes)
	if f := d.selectorField(); d.Selectors != nil && !selectors.Equal(*d.Selectors, o.Selectors) {
		drifts = append(drifts, Drift{Field: f, Want: *d.Selectors, Got: o.Selectors})
	}
	if d.Insights != nil && !sameInsights(d.Insights, o.Insights) {
		drifts = append(drifts, Drift{Field: InsightSelectors, Want: d.Insights, Got: o.Insights})
	}
	if d.Aggregations != nil && !sameAggregations(d.Aggregations, o.Aggregations) {
		drifts = append(drifts, Drift{Field: AggregationConfigurations, Want: d.Aggregations, Got: o.Aggregations})
	}
	if want, got := d.tagDrift(o.Tags); len(want)+len(got) > 0 {
		drifts = append(drifts, Drift{Field: Tags, Want: want, Got: got})
	}
	if d.IsLogging != nil && *d.IsLogging != o.IsLogging {
		drifts = append(drifts, Drift{Field: IsLogging, Want: *d.IsLogging, Got: o.IsLogging})
	}
	return slices.DeleteFunc(drifts, func(x Drift) bool { return o.Unread[x.Field] != nil })
}

func (d *Desired) selectorField() Field {
	if d.Selectors != nil && len(d.Selectors.Advanced) > 0 {
		return AdvancedEventSelectors
	}
	return EventSelectors
}

func diffAttributes(want, got Attributes) []Drift {
	var drifts []Drift
	for _, f := range TextFields() {
		w, g := *want.Text(f), value(*got.Text(f))
		if w != nil && !sameText(f, *w, g) {
			drifts = append(drifts, Drift{Field: f, Want: *w, Got: g})
		}
	}
	for _, f := range FlagFields() {
		w, g := *want.Flag(f), value(*got.Flag(f))
		if w != nil && *w != g {
			drifts = append(drifts, Drift{Field: f, Want: *w, Got: g})
		}
	}
	return drifts
}

func value[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}

// sameText compares a topic or a key by ARN, or by the end of an ARN when one
// side is a bare name or ID.
func sameText(f Field, want, got string) bool {
	if want == got {
		return true
	}
	switch f {
	case SnsTopicName:
		return shortOf(want, got, ":")
	case KMSKeyID:
		return shortOf(want, got, ":key/")
	case CloudWatchLogsLogGroupArn:
		// CloudFormation's GetAtt ends a log group's ARN in ":*", others do not.
		return strings.TrimSuffix(want, ":*") == strings.TrimSuffix(got, ":*")
	}
	return false
}

// shortOf tells whether one of a and b is an ARN and the other its last part.
func shortOf(a, b, separator string) bool {
	long, short := a, b
	if len(long) < len(short) {
		long, short = short, long
	}
	return short != "" && !isARN(short) && isARN(long) && strings.HasSuffix(long, separator+short)
}

func isARN(s string) bool { return strings.HasPrefix(s, "arn:") }

// canonical gives the selectors by type with their categories spelled out.
func canonical(list []InsightSelector) map[string][]string {
	byType := make(map[string][]string, len(list))
	for _, s := range list {
		categories := s.EventCategories
		if len(categories) == 0 {
			categories = []string{"Management"}
		}
		byType[s.InsightType] = sortedSet(append(byType[s.InsightType], categories...))
	}
	return byType
}

func sortedSet(list []string) []string {
	list = slices.Clone(list)
	slices.Sort(list)
	return slices.Compact(list)
}

func sameInsights(a, b []InsightSelector) bool {
	return maps.EqualFunc(canonical(a), canonical(b), slices.Equal[[]string])
}

func sameAggregations(a, b []Aggregation) bool {
	return maps.EqualFunc(templates(a), templates(b), slices.Equal[[]string])
}

// templates gives an aggregation's templates by category.
func templates(list []Aggregation) map[string][]string {
	byCategory := make(map[string][]string, len(list))
	for _, a := range list {
		byCategory[a.EventCategory] = sortedSet(append(byCategory[a.EventCategory], a.Templates...))
	}
	maps.DeleteFunc(byCategory, func(_ string, t []string) bool { return len(t) == 0 })
	return byCategory
}
