package trails

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"

	"github.com/trailhand/trailhand/internal/cloud/wire"
	"github.com/trailhand/trailhand/pkg/selectors"
)

// maxTrails is the number of trails in a Region, shadows included.
const maxTrails = 5

// createInput and createOutput add what the service has and the SDK has not yet.
type createInput struct {
	cloudtrail.CreateTrailInput
	RecursiveLogging *bool
}

type createOutput struct {
	cloudtrail.CreateTrailOutput
	SnsTopicName     *string // deprecated in the SDK, and answered all the same
	RecursiveLogging *bool
}

func (ts *Trails) createTrail(ctx context.Context, c wire.Caller, in *createInput) (*createOutput, error) {
	if f := checkName(value(in.Name)); f != nil {
		return nil, f
	}
	ts.changing.Lock()
	defer ts.changing.Unlock()
	t, err := ts.draft(c, in)
	if err != nil {
		return nil, err
	}
	if err := ts.admit(&t); err != nil {
		return nil, err
	}
	if err := ts.checkDestinations(ctx, &t); err != nil {
		return nil, err
	}
	ts.mu.Lock()
	ts.trails[t.ARN] = &entry{trail: t}
	ts.mu.Unlock()
	return created(&t), nil
}

// draft makes the trail that a request asks for, with the defaults of the API.
func (ts *Trails) draft(c wire.Caller, in *createInput) (Trail, error) {
	owner := ts.account(c)
	t := Trail{
		Name: *in.Name, HomeRegion: c.Region,
		IncludeGlobalServiceEvents: or(in.IncludeGlobalServiceEvents, true),
		IsMultiRegion:              or(in.IsMultiRegionTrail, false),
		IsOrganization:             or(in.IsOrganizationTrail, false),
		LogFileValidation:          or(in.EnableLogFileValidation, false),
		RecursiveLogging:           or(in.RecursiveLogging, true),
	}
	if t.IsOrganization {
		if f := ts.cfg.Organization.admit(owner); f != nil {
			return t, f
		}
		owner, t.OrganizationID = ts.cfg.Organization.ManagementAccount, ts.cfg.Organization.ID
	}
	t.AccountID, t.ARN = owner, trailARN(c.Region, owner, t.Name)
	if t.IsMultiRegion && !t.IncludeGlobalServiceEvents {
		return t, withoutGlobalEvents()
	}
	if f := checkTags(in.TagsList); f != nil {
		return t, f
	}
	t.Tags = tagged(nil, in.TagsList)
	if len(t.Tags) > maxTags {
		return t, tooManyTags(t.ARN)
	}
	err := t.setDestinations(destinations{
		bucket: in.S3BucketName, prefix: in.S3KeyPrefix, topic: in.SnsTopicName,
		key: in.KmsKeyId, logGroup: in.CloudWatchLogsLogGroupArn, logRole: in.CloudWatchLogsRoleArn,
	})
	if err != nil {
		return t, err
	}
	return t.selects(selectors.Set{})
}

// admit holds that there is room for a new trail under its name.
func (ts *Trails) admit(t *Trail) error {
	same := ts.all(func(e *entry) bool {
		return e.trail.Name == t.Name && e.trail.AccountID == t.AccountID && e.trail.visible(t.HomeRegion)
	})
	if len(same) > 0 {
		return fault("TrailAlreadyExists", "Trail %s already exists for customer: %s", t.Name, t.AccountID)
	}
	if full := ts.full(t); full != "" {
		return fault("MaximumNumberOfTrailsExceeded", "User: %s already has %d trails in %s.", t.AccountID, maxTrails, full)
	}
	return nil
}

// full names a Region in which there is no room for a trail, itself not counted.
func (ts *Trails) full(t *Trail) string {
	others := ts.all(func(e *entry) bool { return e.trail.ARN != t.ARN && ts.has(t.AccountID, &e.trail) })
	regions := []string{t.HomeRegion}
	if t.IsMultiRegion {
		regions = append(regions, Regions()...)
	}
	for _, region := range regions {
		n := 0
		for i := range others {
			if others[i].visible(region) {
				n++
			}
		}
		if n >= maxTrails {
			return region
		}
	}
	return ""
}

func withoutGlobalEvents() *wire.Fault {
	return fault("InvalidParameterCombination", "Multi-Region trail must include global service events.")
}

func created(t *Trail) *createOutput {
	d := described(t)
	return &createOutput{
		CreateTrailOutput: cloudtrail.CreateTrailOutput{
			CloudWatchLogsLogGroupArn: d.CloudWatchLogsLogGroupArn, CloudWatchLogsRoleArn: d.CloudWatchLogsRoleArn,
			IncludeGlobalServiceEvents: d.IncludeGlobalServiceEvents, IsMultiRegionTrail: d.IsMultiRegionTrail,
			IsOrganizationTrail: d.IsOrganizationTrail, KmsKeyId: d.KmsKeyId,
			LogFileValidationEnabled: d.LogFileValidationEnabled, Name: d.Name,
			S3BucketName: d.S3BucketName, S3KeyPrefix: d.S3KeyPrefix,
			SnsTopicARN: d.SnsTopicARN, TrailARN: d.TrailARN,
		},
		SnsTopicName:     t.topicName(),
		RecursiveLogging: &t.RecursiveLogging,
	}
}

// value gives what p points to, or the zero value.
func value[T any](p *T) T {
	var zero T
	return or(p, zero)
}

// or gives what p points to, or the default.
func or[T any](p *T, preset T) T {
	if p == nil {
		return preset
	}
	return *p
}
