package trails

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"

	"github.com/trailhand/trailhand/internal/cloud/wire"
)

type updateInput struct {
	cloudtrail.UpdateTrailInput
	RecursiveLogging *bool
}

type updateOutput struct {
	cloudtrail.UpdateTrailOutput
	SnsTopicName     *string // deprecated in the SDK, and answered all the same
	RecursiveLogging *bool
}

func (ts *Trails) updateTrail(ctx context.Context, c wire.Caller, in *updateInput) (*updateOutput, error) {
	ts.changing.Lock()
	defer ts.changing.Unlock()
	t, err := ts.findAtHome(c, value(in.Name))
	if err != nil {
		return nil, err
	}
	if err := ts.setFlags(&t, ts.account(c), in); err != nil {
		return nil, err
	}
	err = t.setDestinations(destinations{
		bucket: in.S3BucketName, prefix: in.S3KeyPrefix, topic: in.SnsTopicName,
		key: in.KmsKeyId, logGroup: in.CloudWatchLogsLogGroupArn, logRole: in.CloudWatchLogsRoleArn,
	})
	if err != nil {
		return nil, err
	}
	if err := ts.checkDestinations(ctx, &t); err != nil {
		return nil, err
	}
	ts.replace(t)
	return updated(&t), nil
}

// setFlags sets what a trail covers. Turning a trail from one Region to all
// switches the events of global services on, and back switches them off,
// unless the same request says otherwise.
func (ts *Trails) setFlags(t *Trail, account string, in *updateInput) error {
	if multi := or(in.IsMultiRegionTrail, t.IsMultiRegion); multi != t.IsMultiRegion {
		t.IsMultiRegion, t.IncludeGlobalServiceEvents = multi, multi
	}
	t.IncludeGlobalServiceEvents = or(in.IncludeGlobalServiceEvents, t.IncludeGlobalServiceEvents)
	t.LogFileValidation = or(in.EnableLogFileValidation, t.LogFileValidation)
	t.RecursiveLogging = or(in.RecursiveLogging, t.RecursiveLogging)
	if t.IsMultiRegion && !t.IncludeGlobalServiceEvents {
		return withoutGlobalEvents()
	}
	if full := ts.full(t); full != "" {
		return fault("OperationNotPermitted", "User: %s already has %d trails in %s.", t.AccountID, maxTrails, full)
	}
	return ts.setOrganization(t, account, or(in.IsOrganizationTrail, t.IsOrganization))
}

// setOrganization turns a trail into one of the organization or back, which
// the management account alone may do.
func (ts *Trails) setOrganization(t *Trail, account string, want bool) error {
	org := ts.cfg.Organization
	switch f := org.admit(account); {
	case want == t.IsOrganization:
		return nil
	case f != nil && (want || !org.includes(account)):
		return f
	case org.ManagementAccount != account:
		return notOrganizationMaster()
	}
	t.IsOrganization, t.OrganizationID = want, ""
	if want {
		t.OrganizationID = org.ID
	}
	return nil
}

// updated answers what CreateTrail answers: the SDK's two structs are alike.
func updated(t *Trail) *updateOutput {
	c := created(t)
	return &updateOutput{UpdateTrailOutput: cloudtrail.UpdateTrailOutput(c.CreateTrailOutput), SnsTopicName: c.SnsTopicName, RecursiveLogging: c.RecursiveLogging}
}
