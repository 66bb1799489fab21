package trail

import (
	"maps"

	"github.com/trailhand/trailhand/pkg/selectors"
)

// AsDesired gives the desired trail that wants a trail as it is, every setting
// managed but those that could not be read. Defaults that CloudTrail leaves out are
// spelled out; AWS's own tags and the hold are not desired.
func (o *Observed) AsDesired() Desired {
	d := Desired{Name: o.Name, HomeRegion: o.HomeRegion}
	for _, f := range TextFields() {
		text := value(*o.Text(f))
		*d.Text(f) = &text
	}
	for _, f := range FlagFields() {
		flag := value(*o.Flag(f))
		*d.Flag(f) = &flag
	}
	if o.Unread[IsLogging] == nil {
		logging := o.IsLogging
		d.IsLogging = &logging
	}
	if o.Unread[EventSelectors] == nil {
		set := selectors.Normalize(o.Selectors)
		d.Selectors = &set
	}
	if o.Unread[InsightSelectors] == nil {
		d.Insights = append([]InsightSelector{}, o.Insights...)
	}
	if o.Unread[AggregationConfigurations] == nil {
		d.Aggregations = append([]Aggregation{}, o.Aggregations...)
	}
	if o.Unread[Tags] == nil {
		d.Tags = map[string]string{}
		maps.Copy(d.Tags, o.Tags)
		maps.DeleteFunc(d.Tags, func(k, _ string) bool { return untouchable(k) })
	}
	return d
}
