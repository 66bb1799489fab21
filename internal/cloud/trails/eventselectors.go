package trails

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"

	"github.com/trailhand/trailhand/internal/cloud/wire"
	"github.com/trailhand/trailhand/pkg/selectors"
)

// putEventSelectors replaces a trail's selectors, of whichever kind they were.
func (ts *Trails) putEventSelectors(_ context.Context, c wire.Caller, in *cloudtrail.PutEventSelectorsInput) (*cloudtrail.PutEventSelectorsOutput, error) {
	ts.changing.Lock()
	defer ts.changing.Unlock()
	t, err := ts.findAtHome(c, value(in.TrailName))
	if err != nil {
		return nil, err
	}
	if len(in.EventSelectors) == 0 && len(in.AdvancedEventSelectors) == 0 {
		return nil, fault("InvalidEventSelectors", "Either EventSelectors or AdvancedEventSelectors must be specified.")
	}
	t, err = t.selects(selectors.Set{Basic: basicOf(in.EventSelectors), Advanced: advancedOf(in.AdvancedEventSelectors)})
	var invalid *selectors.InvalidError
	if errors.As(err, &invalid) {
		return nil, fault("InvalidEventSelectors", "%s", invalid.Message)
	}
	if err != nil {
		return nil, fmt.Errorf("compiling the selectors of %s: %w", t.ARN, err)
	}
	ts.replace(t)
	basic, advanced := shown(t.Selectors)
	return &cloudtrail.PutEventSelectorsOutput{EventSelectors: basic, AdvancedEventSelectors: advanced, TrailARN: &t.ARN}, nil
}

func (ts *Trails) getEventSelectors(_ context.Context, c wire.Caller, in *cloudtrail.GetEventSelectorsInput) (*cloudtrail.GetEventSelectorsOutput, error) {
	t, err := ts.find(c, value(in.TrailName))
	if err != nil {
		return nil, err
	}
	basic, advanced := shown(t.Selectors)
	return &cloudtrail.GetEventSelectorsOutput{EventSelectors: basic, AdvancedEventSelectors: advanced, TrailARN: &t.ARN}, nil
}

// basicOf reads basic selectors and spells their defaults out.
func basicOf(in []types.EventSelector) []selectors.Basic {
	var out []selectors.Basic
	for _, s := range in {
		include := or(s.IncludeManagementEvents, true)
		b := selectors.Basic{
			ReadWriteType:                 string(s.ReadWriteType),
			IncludeManagementEvents:       &include,
			ExcludeManagementEventSources: s.ExcludeManagementEventSources,
		}
		if b.ReadWriteType == "" {
			b.ReadWriteType = string(types.ReadWriteTypeAll)
		}
		for _, r := range s.DataResources {
			b.DataResources = append(b.DataResources, selectors.DataResource{Type: value(r.Type), Values: r.Values})
		}
		out = append(out, b)
	}
	return out
}

func advancedOf(in []types.AdvancedEventSelector) []selectors.Advanced {
	var out []selectors.Advanced
	for _, s := range in {
		a := selectors.Advanced{Name: value(s.Name)}
		for _, f := range s.FieldSelectors {
			a.FieldSelectors = append(a.FieldSelectors, selectors.FieldSelector{
				Field: value(f.Field), Equals: f.Equals, StartsWith: f.StartsWith, EndsWith: f.EndsWith,
				NotEquals: f.NotEquals, NotStartsWith: f.NotStartsWith, NotEndsWith: f.NotEndsWith,
			})
		}
		out = append(out, a)
	}
	return out
}

// shown gives selectors as the API shows them: of one kind, with the defaults
// spelled out, and for a trail that was never given any the default itself.
func shown(s selectors.Set) ([]types.EventSelector, []types.AdvancedEventSelector) {
	if len(s.Advanced) > 0 {
		return nil, shownAdvanced(s.Advanced)
	}
	if len(s.Basic) == 0 {
		s.Basic = basicOf([]types.EventSelector{{}})
	}
	return shownBasic(s.Basic), nil
}

func shownBasic(in []selectors.Basic) []types.EventSelector {
	var out []types.EventSelector
	for _, b := range in {
		s := types.EventSelector{
			ReadWriteType:                 types.ReadWriteType(b.ReadWriteType),
			IncludeManagementEvents:       b.IncludeManagementEvents,
			DataResources:                 []types.DataResource{},
			ExcludeManagementEventSources: append([]string{}, b.ExcludeManagementEventSources...),
		}
		for _, r := range b.DataResources {
			s.DataResources = append(s.DataResources, types.DataResource{Type: &r.Type, Values: append([]string{}, r.Values...)})
		}
		out = append(out, s)
	}
	return out
}

func shownAdvanced(in []selectors.Advanced) []types.AdvancedEventSelector {
	var out []types.AdvancedEventSelector
	for _, a := range in {
		s := types.AdvancedEventSelector{Name: given(a.Name), FieldSelectors: []types.AdvancedFieldSelector{}}
		for _, f := range a.FieldSelectors {
			s.FieldSelectors = append(s.FieldSelectors, types.AdvancedFieldSelector{
				Field: &f.Field, Equals: f.Equals, StartsWith: f.StartsWith, EndsWith: f.EndsWith,
				NotEquals: f.NotEquals, NotStartsWith: f.NotStartsWith, NotEndsWith: f.NotEndsWith,
			})
		}
		out = append(out, s)
	}
	return out
}
