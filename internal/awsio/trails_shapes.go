package awsio

import (
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"

	"github.com/trailhand/trailhand/pkg/selectors"
	"github.com/trailhand/trailhand/pkg/trail"
)

func observedOf(t types.Trail) *trail.Observed {
	return &trail.Observed{
		Name: aws.ToString(t.Name), ARN: aws.ToString(t.TrailARN), HomeRegion: aws.ToString(t.HomeRegion),
		Attributes: trail.Attributes{
			S3BucketName: t.S3BucketName, S3KeyPrefix: t.S3KeyPrefix, SnsTopicName: t.SnsTopicARN, KMSKeyID: t.KmsKeyId,
			CloudWatchLogsLogGroupArn: t.CloudWatchLogsLogGroupArn, CloudWatchLogsRoleArn: t.CloudWatchLogsRoleArn,
			IncludeGlobalServiceEvents: t.IncludeGlobalServiceEvents, IsMultiRegionTrail: t.IsMultiRegionTrail,
			IsOrganizationTrail: t.IsOrganizationTrail, EnableLogFileValidation: t.LogFileValidationEnabled,
		},
		Unread: map[trail.Field]error{},
	}
}

func selectorsOf(basic []types.EventSelector, advanced []types.AdvancedEventSelector) selectors.Set {
	var s selectors.Set
	for _, b := range basic {
		one := selectors.Basic{
			ReadWriteType: string(b.ReadWriteType), IncludeManagementEvents: b.IncludeManagementEvents,
			ExcludeManagementEventSources: b.ExcludeManagementEventSources,
		}
		for _, d := range b.DataResources {
			one.DataResources = append(one.DataResources, selectors.DataResource{Type: aws.ToString(d.Type), Values: d.Values})
		}
		s.Basic = append(s.Basic, one)
	}
	for _, a := range advanced {
		one := selectors.Advanced{Name: aws.ToString(a.Name)}
		for _, f := range a.FieldSelectors {
			one.FieldSelectors = append(one.FieldSelectors, selectors.FieldSelector{
				Field: aws.ToString(f.Field), Equals: f.Equals, StartsWith: f.StartsWith, EndsWith: f.EndsWith,
				NotEquals: f.NotEquals, NotStartsWith: f.NotStartsWith, NotEndsWith: f.NotEndsWith,
			})
		}
		s.Advanced = append(s.Advanced, one)
	}
	return s
}

func basicOf(s selectors.Set) []types.EventSelector {
	var list []types.EventSelector
	for _, b := range s.Basic {
		one := types.EventSelector{
			ReadWriteType: types.ReadWriteType(b.ReadWriteType), IncludeManagementEvents: b.IncludeManagementEvents,
			ExcludeManagementEventSources: b.ExcludeManagementEventSources,
		}
		for _, d := range b.DataResources {
			one.DataResources = append(one.DataResources, types.DataResource{Type: aws.String(d.Type), Values: d.Values})
		}
		list = append(list, one)
	}
	return list
}

func advancedOf(s selectors.Set) []types.AdvancedEventSelector {
	var list []types.AdvancedEventSelector
	for _, a := range s.Advanced {
		one := types.AdvancedEventSelector{}
		if a.Name != "" {
			one.Name = aws.String(a.Name)
		}
		for _, f := range a.FieldSelectors {
			one.FieldSelectors = append(one.FieldSelectors, types.AdvancedFieldSelector{
				Field: aws.String(f.Field), Equals: f.Equals, StartsWith: f.StartsWith, EndsWith: f.EndsWith,
				NotEquals: f.NotEquals, NotStartsWith: f.NotStartsWith, NotEndsWith: f.NotEndsWith,
			})
		}
		list = append(list, one)
	}
	return list
}

// insightsOf gives an empty list, not none, for nothing: it switches Insights off.
func insightsOf(list []trail.InsightSelector) []types.InsightSelector {
	out := []types.InsightSelector{}
	for _, s := range list {
		one := types.InsightSelector{InsightType: types.InsightType(s.InsightType)}
		for _, c := range s.EventCategories {
			one.EventCategories = append(one.EventCategories, types.SourceEventCategory(c))
		}
		out = append(out, one)
	}
	return out
}

func aggregationsOf(list []trail.Aggregation) []types.AggregationConfiguration {
	out := []types.AggregationConfiguration{}
	for _, a := range list {
		one := types.AggregationConfiguration{EventCategory: types.EventCategoryAggregation(a.EventCategory)}
		for _, t := range a.Templates {
			one.Templates = append(one.Templates, types.Template(t))
		}
		out = append(out, one)
	}
	return out
}

func tagsOf(tags map[string]string) []types.Tag {
	var list []types.Tag
	for _, k := range slices.Sorted(maps.Keys(tags)) {
		list = append(list, types.Tag{Key: aws.String(k), Value: aws.String(tags[k])})
	}
	return list
}
