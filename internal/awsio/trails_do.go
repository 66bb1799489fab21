package awsio

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"

	"github.com/trailhand/trailhand/pkg/trail"
)

// Do makes one call in the Region that it names.
func (t *Trails) Do(ctx context.Context, c trail.Call) error {
	err := t.do(ctx, c, in(c.Region))
	if err != nil {
		return fault(string(c.Operation), err)
	}
	return nil
}

func (t *Trails) do(ctx context.Context, c trail.Call, in func(*cloudtrail.Options)) (err error) {
	switch c.Operation {
	case trail.CreateTrail:
		_, err = t.client.CreateTrail(ctx, createInput(c), in)
	case trail.UpdateTrail:
		_, err = t.client.UpdateTrail(ctx, updateInput(c), in)
	case trail.DeleteTrail:
		_, err = t.client.DeleteTrail(ctx, &cloudtrail.DeleteTrailInput{Name: &c.Trail}, in)
	case trail.StartLogging:
		_, err = t.client.StartLogging(ctx, &cloudtrail.StartLoggingInput{Name: &c.Trail}, in)
	case trail.StopLogging:
		_, err = t.client.StopLogging(ctx, &cloudtrail.StopLoggingInput{Name: &c.Trail}, in)
	case trail.AddTags:
		_, err = t.client.AddTags(ctx, &cloudtrail.AddTagsInput{ResourceId: &c.Trail, TagsList: tagsOf(c.Tags)}, in)
	case trail.RemoveTags:
		_, err = t.client.RemoveTags(ctx, &cloudtrail.RemoveTagsInput{ResourceId: &c.Trail, TagsList: tagsOf(c.Tags)}, in)
	default:
		err = t.put(ctx, c, in)
	}
	return err
}

func (t *Trails) put(ctx context.Context, c trail.Call, in func(*cloudtrail.Options)) (err error) {
	switch c.Operation {
	case trail.PutEventSelectors:
		_, err = t.client.PutEventSelectors(ctx, &cloudtrail.PutEventSelectorsInput{
			TrailName: &c.Trail, EventSelectors: basicOf(c.Selectors), AdvancedEventSelectors: advancedOf(c.Selectors)}, in)
	case trail.PutInsightSelectors:
		_, err = t.client.PutInsightSelectors(ctx, &cloudtrail.PutInsightSelectorsInput{
			TrailName: &c.Trail, InsightSelectors: insightsOf(c.Insights)}, in)
	case trail.PutEventConfiguration:
		_, err = t.client.PutEventConfiguration(ctx, &cloudtrail.PutEventConfigurationInput{
			TrailName: &c.Trail, AggregationConfigurations: aggregationsOf(c.Aggregations)}, in)
	default:
		err = fmt.Errorf("no such operation: %q", c.Operation)
	}
	return err
}

func createInput(c trail.Call) *cloudtrail.CreateTrailInput {
	a := c.Attributes
	return &cloudtrail.CreateTrailInput{
		Name: &c.Trail, S3BucketName: a.S3BucketName, S3KeyPrefix: given(a.S3KeyPrefix), SnsTopicName: given(a.SnsTopicName),
		KmsKeyId: given(a.KMSKeyID), CloudWatchLogsLogGroupArn: given(a.CloudWatchLogsLogGroupArn),
		CloudWatchLogsRoleArn: given(a.CloudWatchLogsRoleArn), IncludeGlobalServiceEvents: a.IncludeGlobalServiceEvents,
		IsMultiRegionTrail: a.IsMultiRegionTrail, IsOrganizationTrail: a.IsOrganizationTrail,
		EnableLogFileValidation: a.EnableLogFileValidation, TagsList: tagsOf(c.Tags),
	}
}

// given leaves out what is empty: a new trail has nothing to clear.
func given(s *string) *string {
	if s == nil || *s == "" {
		return nil
	}
	return s
}

func updateInput(c trail.Call) *cloudtrail.UpdateTrailInput {
	a := c.Attributes
	return &cloudtrail.UpdateTrailInput{
		Name: &c.Trail, S3BucketName: a.S3BucketName, S3KeyPrefix: a.S3KeyPrefix, SnsTopicName: a.SnsTopicName,
		KmsKeyId: a.KMSKeyID, CloudWatchLogsLogGroupArn: a.CloudWatchLogsLogGroupArn,
		CloudWatchLogsRoleArn: a.CloudWatchLogsRoleArn, IncludeGlobalServiceEvents: a.IncludeGlobalServiceEvents,
		IsMultiRegionTrail: a.IsMultiRegionTrail, IsOrganizationTrail: a.IsOrganizationTrail,
		EnableLogFileValidation: a.EnableLogFileValidation,
	}
}
