package flows

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"

	"github.com/trailhand/trailhand/internal/awsio"
	"github.com/trailhand/trailhand/internal/desired"
	"github.com/trailhand/trailhand/pkg/trail"
)

const wanted = `  - TrailName: trailhand
    S3BucketName: trailhand-logs-123456789012-us-east-1
    IsLogging: true
    IsMultiRegionTrail: true
    EnableLogFileValidation: true
    AdvancedEventSelectors:
      - Name: Management events
        FieldSelectors:
          - { Field: eventCategory, Equals: [Management] }
    InsightSelectors:
      - InsightType: ApiCallRateInsight
    TagsMode: exact
    Tags:
      - { Key: Owner, Value: security }
`

// Drift has the reconciler make a trail, undoes it in every way, and holds that
// it is put back each time.
func (a *Account) Drift(ctx context.Context) error {
	if err := a.want(wanted); err != nil {
		return err
	}
	if err := a.Fire("ReconcilerSweep"); err != nil {
		return err
	}
	if err := a.whole(ctx); err != nil {
		return fmt.Errorf("making the trail: %w", err)
	}
	for _, undo := range []func(context.Context, *cloudtrail.Client) error{
		stopLogging, narrowSelectors, oneRegion, noInsights, otherTags, deleteTrail,
	} {
		if err := undo(ctx, cloudtrail.NewFromConfig(a.aws)); err != nil {
			return err
		}
		if err := a.whole(ctx); err != nil {
			return fmt.Errorf("putting the trail back: %w", err)
		}
	}
	return nil
}

// whole waits until nothing happens any more, and compares the trail.
func (a *Account) whole(ctx context.Context) error {
	if err := a.Idle(ctx); err != nil {
		return err
	}
	spec, err := desired.Parse("desired.yaml", []byte("mode: repair\ntrails:\n"+wanted))
	if err != nil {
		return err
	}
	got, err := awsio.NewTrails(a.aws).Observe(ctx, trail.Ref{Region: region, Trail: trailName})
	if err != nil {
		return err
	}
	var errs []error
	for _, d := range trail.Diff(spec.Trails[0], got) {
		errs = append(errs, fmt.Errorf("%s is %v, want %v", d.Field, d.Got, d.Want))
	}
	return errors.Join(errs...)
}

func stopLogging(ctx context.Context, ct *cloudtrail.Client) error {
	_, err := ct.StopLogging(ctx, &cloudtrail.StopLoggingInput{Name: aws.String(trailName)})
	return err
}

func narrowSelectors(ctx context.Context, ct *cloudtrail.Client) error {
	_, err := ct.PutEventSelectors(ctx, &cloudtrail.PutEventSelectorsInput{TrailName: aws.String(trailName), EventSelectors: []types.EventSelector{
		{ReadWriteType: types.ReadWriteTypeReadOnly, IncludeManagementEvents: aws.Bool(true)},
	}})
	return err
}

func oneRegion(ctx context.Context, ct *cloudtrail.Client) error {
	_, err := ct.UpdateTrail(ctx, &cloudtrail.UpdateTrailInput{Name: aws.String(trailName), IsMultiRegionTrail: aws.Bool(false)})
	return err
}

func noInsights(ctx context.Context, ct *cloudtrail.Client) error {
	_, err := ct.PutInsightSelectors(ctx, &cloudtrail.PutInsightSelectorsInput{TrailName: aws.String(trailName), InsightSelectors: []types.InsightSelector{}})
	return err
}

// otherTags takes the wanted tag away and adds one that nobody wants.
func otherTags(ctx context.Context, ct *cloudtrail.Client) error {
	id := aws.String(fmt.Sprintf("arn:aws:cloudtrail:%s:%s:trail/%s", region, accountID, trailName))
	_, err := ct.RemoveTags(ctx, &cloudtrail.RemoveTagsInput{ResourceId: id, TagsList: []types.Tag{{Key: aws.String("Owner")}}})
	if err != nil {
		return err
	}
	_, err = ct.AddTags(ctx, &cloudtrail.AddTagsInput{ResourceId: id, TagsList: []types.Tag{{Key: aws.String("Owner"), Value: aws.String("mallory")}, {Key: aws.String("Left"), Value: aws.String("behind")}}})
	return err
}

func deleteTrail(ctx context.Context, ct *cloudtrail.Client) error {
	_, err := ct.DeleteTrail(ctx, &cloudtrail.DeleteTrailInput{Name: aws.String(trailName)})
	return err
}
