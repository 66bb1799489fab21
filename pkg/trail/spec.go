package trail

import (
	"cmp"
	"slices"
	"time"

	"github.com/trailhand/trailhand/pkg/selectors"
)

// Spec is everything that is desired: the trails, and how to treat what differs.
type Spec struct {
	// Source says where the spec was read and in which version, for the log.
	Source string
	// Mode is the action for fields that nothing nearer decides; empty is Report.
	Mode Action
	// ReportOnly turns every Repair into Report.
	ReportOnly bool
	// Trails are the desired trails.
	Trails []Desired
	// NewTrails are the rules for trails that are not in Trails; the first that
	// matches a trail's name decides.
	NewTrails []Rule
	// BreakGlass names who may change trails unhindered.
	BreakGlass BreakGlass
	// Guard limits repairs against another automation that fights back.
	Guard Guard
	// DeliveryOverdue is how long a logging trail may deliver nothing before a
	// sweep reports it; 0 is two hours.
	DeliveryOverdue time.Duration
	// Regions are the home Regions of the trails that count; empty is all.
	Regions []string
}

// Counts tells whether trails of a home Region count.
func (s Spec) Counts(region string) bool {
	return len(s.Regions) == 0 || slices.Contains(s.Regions, region)
}

// InRegion gives the spec with a home Region for the trails that name none.
func (s Spec) InRegion(region string) Spec {
	s.Trails = slices.Clone(s.Trails)
	for i := range s.Trails {
		s.Trails[i].HomeRegion = cmp.Or(s.Trails[i].HomeRegion, region)
	}
	return s
}

// Desired is what one trail should be. A nil setting is unmanaged.
type Desired struct {
	Name string
	// HomeRegion is where the trail lives and where it is changed.
	HomeRegion string
	Attributes
	IsLogging *bool
	// Selectors are basic or advanced; the zero Set is CloudTrail's default.
	Selectors *selectors.Set
	// Insights: empty is switched off.
	Insights []InsightSelector
	// Aggregations: empty is none.
	Aggregations []Aggregation
	Tags         map[string]string
	// TagsExact wants no other tags than Tags, those of AWS (aws:) aside.
	TagsExact bool
	// Profiles are named sets of minimum requirements (see [Profiles]).
	Profiles []string
	// Policy says what to do about drift of this trail.
	Policy Policy
}

// Wants gives the desired value of a setting; nil when it is unmanaged.
func (d *Desired) Wants(f Field) any {
	if p := d.Text(f); p != nil && *p != nil {
		return **p
	}
	if p := d.Flag(f); p != nil && *p != nil {
		return **p
	}
	switch {
	case f == IsLogging && d.IsLogging != nil:
		return *d.IsLogging
	case d.Selectors != nil && f == d.selectorField():
		return *d.Selectors
	case f == InsightSelectors && d.Insights != nil:
		return d.Insights
	case f == AggregationConfigurations && d.Aggregations != nil:
		return d.Aggregations
	case f == Tags && d.Tags != nil:
		return d.Tags
	}
	return nil
}

// settings are those that are managed, in the order of [Settings].
func (d *Desired) settings() (all []Drift) {
	for _, f := range Settings() {
		if value := d.Wants(f); value != nil {
			all = append(all, Drift{Field: f, Want: value})
		}
	}
	return all
}

// InsightSelector switches one type of Insights on.
type InsightSelector struct {
	InsightType string `json:"InsightType"`
	// EventCategories are Management and Data; none is Management.
	EventCategories []string `json:"EventCategories,omitempty"`
}

// Aggregation is an aggregation configuration of PutEventConfiguration.
type Aggregation struct {
	EventCategory string   `json:"EventCategory"`
	Templates     []string `json:"Templates"`
}

// BreakGlass lets named principals change trails without being undone at once.
type BreakGlass struct {
	// Principals are ARNs of users, roles or role sessions; * stands for any text.
	Principals []string
	// For is how long a change by one of them suspends repair; 0 is an hour.
	For time.Duration
}

// Guard stops repairing a field after Repairs within Window. Zero values are ten
// and an hour.
type Guard struct {
	Repairs int
	Window  time.Duration
}
