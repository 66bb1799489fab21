package awsio

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"

	"github.com/trailhand/trailhand/pkg/trail"
)

// Observe reads a trail as it is seen in a Region, or in that of the configuration;
// nil when there is none of that
// name. Of several it prefers the one whose home the Region is. The settings of a
// shadow are read no further than DescribeTrails gives them. An aspect that cannot
// be read, because it may not be or CloudTrail does not offer it there, is in Unread.
func (t *Trails) Observe(ctx context.Context, r trail.Ref) (*trail.Observed, error) {
	r.Region = cmp.Or(r.Region, t.client.Options().Region)
	found, err := t.describe(ctx, r)
	if err != nil || found == nil {
		return nil, err
	}
	o := observedOf(*found)
	if o.HomeRegion != r.Region {
		return o, nil
	}
	reading := reading{t.client, in(r.Region), o}
	aspects := []struct {
		fields []trail.Field
		read   func(context.Context) error
	}{
		{[]trail.Field{trail.IsLogging}, reading.status},
		{[]trail.Field{trail.EventSelectors, trail.AdvancedEventSelectors}, reading.selectors},
		{[]trail.Field{trail.InsightSelectors}, reading.insights},
		{[]trail.Field{trail.AggregationConfigurations}, reading.aggregations},
		{[]trail.Field{trail.Tags}, reading.tags},
	}
	for _, a := range aspects {
		err := a.read(ctx)
		if err == nil {
			continue
		}
		if has(err, "TrailNotFoundException", "ResourceNotFoundException") { // deleted in the meantime
			return nil, nil
		}
		for _, f := range a.fields {
			o.Unread[f] = err
		}
	}
	return o, nil
}

// describe lists all trails seen in the Region: by name DescribeTrails finds no
// shadows.
func (t *Trails) describe(ctx context.Context, r trail.Ref) (*types.Trail, error) {
	out, err := t.client.DescribeTrails(ctx, &cloudtrail.DescribeTrailsInput{}, in(r.Region))
	if err != nil {
		return nil, fault("DescribeTrails", err)
	}
	var found *types.Trail
	for i, x := range out.TrailList {
		if aws.ToString(x.Name) != r.Trail && aws.ToString(x.TrailARN) != r.Trail {
			continue
		}
		if found == nil || aws.ToString(x.HomeRegion) == r.Region {
			found = &out.TrailList[i]
		}
	}
	return found, nil
}

// has tells whether an error is an exception of one of the codes.
func has(err error, codes ...string) bool {
	var f *trail.Fault
	if !errors.As(err, &f) {
		return false
	}
	for _, c := range codes {
		if f.Code == c {
			return true
		}
	}
	return false
}

// reading fills in an observed trail, one call at a time.
type reading struct {
	client *cloudtrail.Client
	in     func(*cloudtrail.Options)
	to     *trail.Observed
}

func (r reading) status(ctx context.Context) error {
	out, err := r.client.GetTrailStatus(ctx, &cloudtrail.GetTrailStatusInput{Name: &r.to.ARN}, r.in)
	if err != nil {
		return fault("GetTrailStatus", err)
	}
	r.to.IsLogging = aws.ToBool(out.IsLogging)
	r.to.Status = trail.Status{
		LatestDeliveryError:     aws.ToString(out.LatestDeliveryError),
		LatestNotificationError: aws.ToString(out.LatestNotificationError),
		LatestDeliveryTime:      moment(out.LatestDeliveryTime),
		StartLoggingTime:        moment(out.StartLoggingTime),
		StopLoggingTime:         moment(out.StopLoggingTime),
	}
	return nil
}

func moment(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}

func (r reading) selectors(ctx context.Context) error {
	out, err := r.client.GetEventSelectors(ctx, &cloudtrail.GetEventSelectorsInput{TrailName: &r.to.ARN}, r.in)
	if err != nil {
		return fault("GetEventSelectors", err)
	}
	r.to.Selectors = selectorsOf(out.EventSelectors, out.AdvancedEventSelectors)
	return nil
}

func (r reading) insights(ctx context.Context) error {
	out, err := r.client.GetInsightSelectors(ctx, &cloudtrail.GetInsightSelectorsInput{TrailName: &r.to.ARN}, r.in)
	if err != nil {
		err = fault("GetInsightSelectors", err)
		if has(err, "InsightNotEnabledException") {
			return nil
		}
		return err
	}
	for _, s := range out.InsightSelectors {
		one := trail.InsightSelector{InsightType: string(s.InsightType)}
		for _, c := range s.EventCategories {
			one.EventCategories = append(one.EventCategories, string(c))
		}
		r.to.Insights = append(r.to.Insights, one)
	}
	return nil
}

func (r reading) aggregations(ctx context.Context) error {
	out, err := r.client.GetEventConfiguration(ctx, &cloudtrail.GetEventConfigurationInput{TrailName: &r.to.ARN}, r.in)
	if err != nil {
		return fault("GetEventConfiguration", err)
	}
	for _, a := range out.AggregationConfigurations {
		one := trail.Aggregation{EventCategory: string(a.EventCategory)}
		for _, t := range a.Templates {
			one.Templates = append(one.Templates, string(t))
		}
		r.to.Aggregations = append(r.to.Aggregations, one)
	}
	return nil
}

func (r reading) tags(ctx context.Context) error {
	pages := cloudtrail.NewListTagsPaginator(r.client, &cloudtrail.ListTagsInput{ResourceIdList: []string{r.to.ARN}})
	tags := map[string]string{}
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx, r.in)
		if err != nil {
			return fault("ListTags", err)
		}
		for _, resource := range page.ResourceTagList {
			for _, t := range resource.TagsList {
				tags[aws.ToString(t.Key)] = aws.ToString(t.Value)
			}
		}
	}
	r.to.Tags = tags
	return nil
}
