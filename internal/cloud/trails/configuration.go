package trails

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"

	"github.com/trailhand/trailhand/internal/cloud/wire"
)

// putEventConfiguration sets by which templates a trail's data events are
// aggregated; an empty list switches aggregation off.
func (ts *Trails) putEventConfiguration(_ context.Context, c wire.Caller, in *cloudtrail.PutEventConfigurationInput) (*cloudtrail.PutEventConfigurationOutput, error) {
	if f := trailOnly(in.TrailName, in.EventDataStore); f != nil {
		return nil, f
	}
	if in.ContextKeySelectors != nil || in.MaxEventSize != "" {
		return nil, fault("InvalidParameterCombination", "ContextKeySelectors and MaxEventSize can be specified for an event data store only.")
	}
	ts.changing.Lock()
	defer ts.changing.Unlock()
	t, err := ts.findAtHome(c, *in.TrailName)
	if err != nil {
		return nil, err
	}
	templates, f := templatesOf(in.AggregationConfigurations)
	if f != nil {
		return nil, f
	}
	t.Aggregation = templates
	ts.replace(t)
	return &cloudtrail.PutEventConfigurationOutput{AggregationConfigurations: shownAggregation(&t), TrailARN: &t.ARN}, nil
}

func (ts *Trails) getEventConfiguration(_ context.Context, c wire.Caller, in *cloudtrail.GetEventConfigurationInput) (*cloudtrail.GetEventConfigurationOutput, error) {
	if f := trailOnly(in.TrailName, in.EventDataStore); f != nil {
		return nil, f
	}
	t, err := ts.find(c, *in.TrailName)
	if err != nil {
		return nil, err
	}
	return &cloudtrail.GetEventConfigurationOutput{AggregationConfigurations: shownAggregation(&t), TrailARN: &t.ARN}, nil
}

func templatesOf(in []types.AggregationConfiguration) ([]string, *wire.Fault) {
	invalid := func(format string, args ...any) ([]string, *wire.Fault) {
		return nil, fault("InvalidParameter", format, args...)
	}
	switch {
	case in == nil:
		return invalid("AggregationConfigurations must be specified for a trail.")
	case len(in) == 0:
		return nil, nil
	case len(in) > 1:
		return invalid("At most one aggregation configuration can be specified.")
	case in[0].EventCategory != types.EventCategoryAggregationData:
		return invalid("Value %s for EventCategory is invalid. Valid values are: Data", in[0].EventCategory)
	case len(in[0].Templates) == 0:
		return invalid("At least one template must be specified.")
	}
	var out []string
	for _, template := range in[0].Templates {
		if !slices.Contains(template.Values(), template) || slices.Contains(out, string(template)) {
			return invalid("Value %s for Templates is invalid. Valid values are: API_ACTIVITY, RESOURCE_ACCESS, USER_ACTIONS, each once", template)
		}
		out = append(out, string(template))
	}
	return out, nil
}

func shownAggregation(t *Trail) []types.AggregationConfiguration {
	if len(t.Aggregation) == 0 {
		return []types.AggregationConfiguration{}
	}
	a := types.AggregationConfiguration{EventCategory: types.EventCategoryAggregationData}
	for _, template := range t.Aggregation {
		a.Templates = append(a.Templates, types.Template(template))
	}
	return []types.AggregationConfiguration{a}
}
