package trails

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"

	"github.com/trailhand/trailhand/internal/cloud/wire"
	"github.com/trailhand/trailhand/pkg/selectors"
)

// describeTrails gives the trails of the caller's Region. Names that no trail
// has are no error.
func (ts *Trails) describeTrails(_ context.Context, c wire.Caller, in *cloudtrail.DescribeTrailsInput) (*cloudtrail.DescribeTrailsOutput, error) {
	for _, reference := range in.TrailNameList {
		if f := checkReference(reference); f != nil {
			return nil, f
		}
	}
	account := ts.account(c)
	shadows := or(in.IncludeShadowTrails, true)
	found := ts.all(func(e *entry) bool {
		t := &e.trail
		own := t.AccountID == account && t.HomeRegion == c.Region
		switch {
		case !ts.has(account, t) || !t.visible(c.Region) || !own && !shadows:
			return false
		case len(in.TrailNameList) == 0:
			return true
		}
		return slices.Contains(in.TrailNameList, t.ARN) || own && slices.Contains(in.TrailNameList, t.Name)
	})
	out := &cloudtrail.DescribeTrailsOutput{TrailList: []types.Trail{}}
	for i := range found {
		out.TrailList = append(out.TrailList, described(&found[i]))
	}
	return out, nil
}

func (ts *Trails) getTrail(_ context.Context, c wire.Caller, in *cloudtrail.GetTrailInput) (*cloudtrail.GetTrailOutput, error) {
	t, err := ts.find(c, value(in.Name))
	if err != nil {
		return nil, err
	}
	d := described(&t)
	return &cloudtrail.GetTrailOutput{Trail: &d}, nil
}

// listTrails gives the trails of the caller's account in all Regions, on one page.
func (ts *Trails) listTrails(_ context.Context, c wire.Caller, _ *cloudtrail.ListTrailsInput) (*cloudtrail.ListTrailsOutput, error) {
	account := ts.account(c)
	found := ts.all(func(e *entry) bool { return ts.has(account, &e.trail) })
	out := &cloudtrail.ListTrailsOutput{Trails: []types.TrailInfo{}}
	for i := range found {
		t := &found[i]
		out.Trails = append(out.Trails, types.TrailInfo{HomeRegion: &t.HomeRegion, Name: &t.Name, TrailARN: &t.ARN})
	}
	return out, nil
}

func (ts *Trails) deleteTrail(_ context.Context, c wire.Caller, in *cloudtrail.DeleteTrailInput) (*cloudtrail.DeleteTrailOutput, error) {
	ts.changing.Lock()
	defer ts.changing.Unlock()
	t, err := ts.findAtHome(c, value(in.Name))
	if err != nil {
		return nil, err
	}
	ts.mu.Lock()
	defer ts.mu.Unlock()
	delete(ts.trails, t.ARN)
	return nil, nil
}

// described gives a trail's settings as the API shows them.
func described(t *Trail) types.Trail {
	custom := !selectors.Equal(t.Selectors, selectors.Set{})
	insights := len(t.Insights) > 0
	return types.Trail{
		CloudWatchLogsLogGroupArn:  given(t.LogGroupARN),
		CloudWatchLogsRoleArn:      given(t.LogRoleARN),
		HasCustomEventSelectors:    &custom,
		HasInsightSelectors:        &insights,
		HomeRegion:                 &t.HomeRegion,
		IncludeGlobalServiceEvents: &t.IncludeGlobalServiceEvents,
		IsMultiRegionTrail:         &t.IsMultiRegion,
		IsOrganizationTrail:        &t.IsOrganization,
		KmsKeyId:                   given(t.KMSKeyID),
		LogFileValidationEnabled:   &t.LogFileValidation,
		Name:                       &t.Name,
		S3BucketName:               &t.S3BucketName,
		S3KeyPrefix:                given(t.S3KeyPrefix),
		SnsTopicARN:                given(t.SNSTopicARN),
		//lint:ignore SA1019 the service answers it all the same
		SnsTopicName: t.topicName(), //nolint:staticcheck // likewise
		TrailARN:     &t.ARN,
	}
}

// topicName gives the name of the trail's topic, or nil if it has none.
func (t *Trail) topicName() *string {
	return given(t.SNSTopicARN[strings.LastIndexByte(t.SNSTopicARN, ':')+1:])
}

// given gives a pointer to s, or nil if there is nothing in it.
func given(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
