package trail

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
)

// exceptions are those that CloudTrail's service model gives to the operations that
// a reconciler calls.
func exceptions() map[string][]string {
	common := []string{"UnsupportedOperation", "OperationNotPermitted"}
	named := []string{"TrailNotFound", "InvalidTrailName", "CloudTrailARNInvalid"}
	written := []string{"Conflict", "Throttling", "InvalidHomeRegion"}
	organization := []string{"NotOrganizationMasterAccount", "NoManagementAccountSLRExists", "InsufficientDependencyServiceAccessPermission"}
	membership := []string{"OrganizationsNotInUse", "OrganizationNotInAllFeaturesMode", "CloudTrailAccessNotEnabled"}
	destinations := []string{"S3BucketDoesNotExist", "InsufficientS3BucketPolicy", "InvalidS3BucketName", "InvalidS3Prefix", "InsufficientSnsTopicPolicy",
		"InvalidSnsTopicName", "CloudTrailInvalidClientTokenId", "InsufficientEncryptionPolicy", "InvalidKmsKeyId", "KmsKeyNotFound", "Kms",
		"InvalidCloudWatchLogsLogGroupArn", "InvalidCloudWatchLogsRoleArn", "CloudWatchLogsDeliveryUnavailable", "InvalidParameter", "InvalidParameterCombination"}
	tagged := slices.Concat(common, []string{"ResourceNotFound", "CloudTrailARNInvalid", "InvalidTrailName", "ResourceTypeNotSupported", "InvalidTagParameter", "Conflict"})
	changed := slices.Concat(common, named, written, organization)
	return map[string][]string{
		"CreateTrail": slices.Concat(common, organization, membership, destinations, []string{"KmsKeyDisabled", "TrailNotProvided",
			"MaximumNumberOfTrailsExceeded", "TrailAlreadyExists", "InvalidTrailName", "TagsLimitExceeded", "InvalidTagParameter", "Conflict", "Throttling"}),
		"UpdateTrail":       slices.Concat(changed, membership, destinations, []string{"KmsKeyDisabled", "TrailNotProvided", "InvalidEventSelectors"}),
		"DeleteTrail":       changed,
		"StartLogging":      changed,
		"StopLogging":       changed,
		"PutEventSelectors": slices.Concat(changed, []string{"InvalidEventSelectors"}),
		"PutInsightSelectors": slices.Concat(common, named, []string{"InvalidHomeRegion", "InvalidInsightSelectors", "InvalidParameter", "InvalidParameterCombination",
			"S3BucketDoesNotExist", "InsufficientS3BucketPolicy", "InsufficientEncryptionPolicy", "Kms", "Throttling", "NotOrganizationMasterAccount", "NoManagementAccountSLRExists"}),
		"PutEventConfiguration": slices.Concat(changed, []string{"InvalidParameter", "InvalidParameterCombination", "InsufficientIAMAccessPermission"}),
		"AddTags":               slices.Concat(tagged, []string{"TagsLimitExceeded"}),
		"RemoveTags":            tagged,
		"GetInsightSelectors":   slices.Concat(common, named, []string{"InsightNotEnabled", "InvalidParameter", "InvalidParameterCombination", "Throttling"}),
		"GetTrailStatus":        slices.Concat(common, named),
		"GetEventConfiguration": slices.Concat(common, named, []string{"InvalidParameter", "InvalidParameterCombination", "NoManagementAccountSLRExists"}),
		"ListTags":              slices.Concat(tagged, []string{"InvalidToken"}),
	}
}

func TestEveryExceptionHasAResponse(t *testing.T) {
	want := map[string]Response{
		"Throttling": TryAgain, "Conflict": TryAgain, "Kms": TryAgain, "CloudWatchLogsDeliveryUnavailable": TryAgain,
		"TrailNotFound": LookAgain, "TrailAlreadyExists": LookAgain, "InvalidHomeRegion": LookAgain, "ResourceNotFound": LookAgain, "InsightNotEnabled": LookAgain,
		"NotOrganizationMasterAccount": LeaveAlone,
	}
	for operation, codes := range exceptions() {
		for _, code := range codes {
			f := &Fault{Operation: operation, Code: code + "Exception", Message: "as CloudTrail says"}
			expected, ok := want[code]
			if !ok {
				expected = TellOperator
			}
			if got := ResponseTo(f); got != expected {
				t.Errorf("%s: we %s, want to %s", f, got, expected)
			}
			if _, known := remedies()[code]; !known {
				t.Errorf("%s of %s is in no table", code, operation)
			}
			if hint := strings.TrimPrefix(f.Error(), operation+": "+f.Code+": as CloudTrail says"); expected == TellOperator && hint == "" {
				t.Errorf("%s: the operator is not told what to do", f)
			}
		}
	}
}

// onlyCall gives a trail that one call of an operation puts right, and the field that
// it puts back.
func onlyCall(operation Operation) (want Desired, o *Observed, field Field) {
	want = complete()
	o = whole(want)
	field = map[Operation]Field{UpdateTrail: S3KeyPrefix, PutEventSelectors: EventSelectors, PutInsightSelectors: InsightSelectors,
		PutEventConfiguration: AggregationConfigurations, AddTags: Tags, StartLogging: IsLogging}[operation]
	switch operation {
	case CreateTrail, DeleteTrail:
		return want, o, Exists
	case RemoveTags:
		want.TagsExact, o.Tags["Surplus"] = true, "x"
		return want, o, Tags
	case StopLogging:
		want.IsLogging = ptr(false)
		return want, o, IsLogging
	default:
		spoil(o, field)
		return want, o, field
	}
}

// TestEveryExceptionOfACallEndsAsItsResponseSays meets each exception of each of the
// ten operations, for ever, in a full round.
func TestEveryExceptionOfACallEndsAsItsResponseSays(t *testing.T) {
	for _, operation := range []Operation{CreateTrail, UpdateTrail, PutEventSelectors, PutInsightSelectors, PutEventConfiguration,
		RemoveTags, AddTags, StartLogging, StopLogging, DeleteTrail} {
		for _, code := range exceptions()[string(operation)] {
			want, o, field := onlyCall(operation)
			b := newBench(o)
			spec, event := Spec{Mode: Repair, Trails: []Desired{want}}, told("StopLogging", mallory, named("audit"))
			switch operation {
			case CreateTrail:
				delete(b.model.trails, o.Name)
			case DeleteTrail:
				spec.Trails, spec.NewTrails = nil, []Rule{{NamePattern: "*", Action: NewTrailDelete}}
				event = told("CreateTrail", mallory, named("audit"))
			}
			fault := &Fault{Operation: string(operation), Code: code + "Exception", Message: "as CloudTrail says"}
			b.model.fault = func(op Operation) (error, bool) {
				if op == operation {
					return fault, false
				}
				return nil, false
			}
			outcomes, err := b.Event(context.Background(), spec, event)
			attempts := map[Response]int{TryAgain: 6 * rounds, LookAgain: rounds, LeaveAlone: 1, TellOperator: 1}[ResponseTo(fault)]
			if calls := b.operations(); len(calls) != attempts {
				t.Errorf("%s %s: %d calls, want %d", operation, code, len(calls), attempts)
			}
			if passing := ResponseTo(fault) == TryAgain || ResponseTo(fault) == LookAgain; passing != (err != nil) {
				t.Errorf("%s %s: Lambda is to try again: %v, want %v", operation, code, err != nil, passing)
			}
			ended, detailType := outcomes[0].Failed, DriftRepairFailed
			if ResponseTo(fault) == LeaveAlone {
				ended, detailType = outcomes[0].Reported, DriftDetected
			}
			if !slices.Equal(fieldsOf(ended), []Field{field}) || len(b.press.notices) != 1 || b.press.notices[0].DetailType != detailType {
				t.Errorf("%s %s: %+v, published %+v", operation, code, outcomes, b.press.notices)
			}
		}
	}
}

func TestTheMissingPermissionIsNamed(t *testing.T) {
	tests := []struct{ message, want string }{
		{"User: arn:aws:sts::1:assumed-role/r/s is not authorized to perform: cloudtrail:StartLogging on resource: arn:aws:cloudtrail:eu-west-1:1:trail/t", "the permission cloudtrail:StartLogging is missing"},
		{"User: x is not authorized to perform: iam:PassRole on resource: y", "the permission iam:PassRole is missing"},
		{"no", "the permission cloudtrail:UpdateTrail is missing"},
	}
	for _, tt := range tests {
		if got := (&Fault{"UpdateTrail", "AccessDeniedException", tt.message}).Error(); !strings.Contains(got, tt.want) {
			t.Errorf("%q does not say %q", got, tt.want)
		}
	}
}

func TestBackoffDoublesUpToItsCapWithJitter(t *testing.T) {
	var slept []time.Duration
	b := Backoff{Attempts: 5, Base: time.Second, Cap: 3 * time.Second, Jitter: func() float64 { return 0.5 },
		Sleep: func(_ context.Context, d time.Duration) error { slept = append(slept, d); return nil }}
	attempts, err := b.try(context.Background(), func() error { return errors.New("reset") })
	want := []time.Duration{500 * time.Millisecond, time.Second, 1500 * time.Millisecond, 1500 * time.Millisecond}
	if attempts != 5 || err == nil || !slices.Equal(slept, want) {
		t.Errorf("%d attempts, %v, slept %v, want %v", attempts, err, slept, want)
	}
}

func TestBackoffEndsWithTheContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	b := Backoff{Jitter: func() float64 { return 1 }, Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() }}
	throttled := &Fault{"StartLogging", "ThrottlingException", "Rate exceeded"}
	attempts, err := b.try(ctx, func() error { cancel(); return throttled })
	if attempts != 1 || !errors.Is(err, throttled) {
		t.Errorf("%d attempts, %v", attempts, err)
	}
}
