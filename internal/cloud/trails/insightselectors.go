package trails

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"

	"github.com/trailhand/trailhand/internal/cloud/wire"
	"github.com/trailhand/trailhand/pkg/selectors"
)

// putInsightSelectors replaces the analyses of a trail; an empty list switches them off.
func (ts *Trails) putInsightSelectors(_ context.Context, c wire.Caller, in *cloudtrail.PutInsightSelectorsInput) (*cloudtrail.PutInsightSelectorsOutput, error) {
	if f := trailOnly(in.TrailName, in.EventDataStore, in.InsightsDestination); f != nil {
		return nil, f
	}
	ts.changing.Lock()
	defer ts.changing.Unlock()
	t, err := ts.findAtHome(c, *in.TrailName)
	if err != nil {
		return nil, err
	}
	if in.InsightSelectors == nil {
		return nil, fault("InvalidInsightSelectors", "InsightSelectors must be specified.")
	}
	insights, f := insightsOf(in.InsightSelectors, t.Selectors)
	if f != nil {
		return nil, f
	}
	if len(insights) > 0 {
		if f := ts.checkBucket(&t); f != nil {
			return nil, f
		}
	}
	t.Insights = insights
	ts.replace(t)
	return &cloudtrail.PutInsightSelectorsOutput{InsightSelectors: shownInsights(t.Insights), TrailARN: &t.ARN}, nil
}

func (ts *Trails) getInsightSelectors(_ context.Context, c wire.Caller, in *cloudtrail.GetInsightSelectorsInput) (*cloudtrail.GetInsightSelectorsOutput, error) {
	if f := trailOnly(in.TrailName, in.EventDataStore); f != nil {
		return nil, f
	}
	t, err := ts.find(c, *in.TrailName)
	if err != nil {
		return nil, err
	}
	if len(t.Insights) == 0 {
		return nil, fault("InsightNotEnabled", "Trail %s does not have Insights enabled. Edit the trail settings to enable Insights, and then try the operation again.", t.ARN)
	}
	return &cloudtrail.GetInsightSelectorsOutput{InsightSelectors: shownInsights(t.Insights), TrailARN: &t.ARN}, nil
}

// trailOnly holds that a request that could be about a trail or about an event
// data store names a trail and nothing of an event data store.
func trailOnly(trail *string, stores ...*string) *wire.Fault {
	store := slices.ContainsFunc(stores, func(s *string) bool { return s != nil })
	switch {
	case trail != nil && store:
		return fault("InvalidParameterCombination", "A trail and an event data store cannot be specified together.")
	case store:
		return fault("UnsupportedOperation", "Event data stores are not supported.")
	case trail == nil:
		return fault("InvalidParameter", "TrailName must be specified.")
	}
	return nil
}

// insightsOf reads insight selectors; those without categories analyze management events.
func insightsOf(in []types.InsightSelector, s selectors.Set) ([]Insight, *wire.Fault) {
	invalid := func(format string, args ...any) ([]Insight, *wire.Fault) {
		return nil, fault("InvalidInsightSelectors", format, args...)
	}
	var out []Insight
	for _, sel := range in {
		i := Insight{Type: string(sel.InsightType)}
		if !slices.Contains(sel.InsightType.Values(), sel.InsightType) {
			return invalid("Value %s for InsightType is invalid. Valid values are: ApiCallRateInsight, ApiErrorRateInsight", i.Type)
		}
		if slices.ContainsFunc(out, func(o Insight) bool { return o.Type == i.Type }) {
			return invalid("InsightType %s is specified more than once.", i.Type)
		}
		for _, category := range sel.EventCategories {
			if !slices.Contains(category.Values(), category) || slices.Contains(i.Categories, string(category)) {
				return invalid("Value %s for EventCategories is invalid. Valid values are: Management, Data, each once", category)
			}
			i.Categories = append(i.Categories, string(category))
		}
		if len(i.Categories) == 0 {
			i.Categories = []string{string(types.SourceEventCategoryManagement)}
		}
		if missing := i.missing(s); missing != "" {
			return invalid("%s requires that the trail logs %s events.", i.Type, missing)
		}
		out = append(out, i)
	}
	return out, nil
}

// missing names the events that an analysis needs and selectors do not select:
// writes for the call rate, any for the error rate.
func (i Insight) missing(s selectors.Set) string {
	writesOnly := i.Type == string(types.InsightTypeApiCallRateInsight)
	for _, category := range i.Categories {
		switch {
		case category == "Data" && !selectsData(s):
			return "data"
		case category == "Management" && writesOnly && !selectsManagement(s, "false"):
			return "write management"
		case category == "Management" && !selectsManagement(s, "false") && !selectsManagement(s, "true"):
			return "management"
		}
	}
	return ""
}

// selectsManagement reports whether some management events with the given
// value of readOnly are selected.
func selectsManagement(s selectors.Set, readOnly string) bool {
	if len(s.Basic) == 0 && len(s.Advanced) == 0 {
		return true
	}
	other := string(types.ReadWriteTypeReadOnly)
	if readOnly == "true" {
		other = string(types.ReadWriteTypeWriteOnly)
	}
	return slices.ContainsFunc(s.Basic, func(b selectors.Basic) bool {
		return or(b.IncludeManagementEvents, true) && b.ReadWriteType != other
	}) || slices.ContainsFunc(s.Advanced, func(a selectors.Advanced) bool {
		return equals(a, "eventCategory", "Management") && (!has(a, "readOnly") || equals(a, "readOnly", readOnly))
	})
}

// selectsData reports whether some data events are selected.
func selectsData(s selectors.Set) bool {
	return slices.ContainsFunc(s.Basic, func(b selectors.Basic) bool { return len(b.DataResources) > 0 }) ||
		slices.ContainsFunc(s.Advanced, func(a selectors.Advanced) bool { return equals(a, "eventCategory", "Data") })
}

func has(a selectors.Advanced, field string) bool {
	return slices.ContainsFunc(a.FieldSelectors, func(f selectors.FieldSelector) bool { return f.Field == field })
}

func equals(a selectors.Advanced, field, value string) bool {
	return slices.ContainsFunc(a.FieldSelectors, func(f selectors.FieldSelector) bool {
		return f.Field == field && slices.Contains(f.Equals, value)
	})
}

func shownInsights(in []Insight) []types.InsightSelector {
	out := []types.InsightSelector{}
	for _, i := range in {
		s := types.InsightSelector{InsightType: types.InsightType(i.Type)}
		for _, category := range i.Categories {
			s.EventCategories = append(s.EventCategories, types.SourceEventCategory(category))
		}
		out = append(out, s)
	}
	return out
}
