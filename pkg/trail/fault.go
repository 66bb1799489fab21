package trail

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// Fault is an exception that CloudTrail answered.
type Fault struct {
	Operation string // StartLogging
	Code      string // ThrottlingException
	Message   string
}

// Error gives operation, code, CloudTrail's message, and what to do about it.
func (f *Fault) Error() string {
	text := fmt.Sprintf("%s: %s: %s", f.Operation, f.Code, f.Message)
	if hint := f.remedy().hint(f); hint != "" {
		text += " (" + hint + ")"
	}
	return text
}

// Response is what a reconciler does about a failed call.
type Response string

// The responses.
const (
	// TryAgain makes the same call again, later each time.
	TryAgain Response = "try again"
	// LookAgain means that the trail is not what it was taken for: observe it
	// once more and plan anew.
	LookAgain Response = "look again"
	// LeaveAlone means that the trail is another account's to change.
	LeaveAlone Response = "leave alone"
	// TellOperator means that nothing but a person can help: a permission, a
	// bucket, a key, a limit, or the desired state itself is wrong.
	TellOperator Response = "tell the operator"
)

// ResponseTo classifies an error of [API]. An error that is no [Fault] did not
// come from CloudTrail (a connection broke, say) and is worth another try.
func ResponseTo(err error) Response {
	var f *Fault
	if !errors.As(err, &f) {
		return TryAgain
	}
	return f.remedy().response
}

type remedy struct {
	response Response
	hint     func(*Fault) string
}

func (f *Fault) remedy() remedy {
	code := strings.TrimSuffix(f.Code, "Exception")
	if r, ok := remedies()[code]; ok {
		return r
	}
	return remedy{TellOperator, says("")}
}

func says(text string) func(*Fault) string { return func(*Fault) string { return text } }

// remedies has every exception of the operations that a reconciler calls,
// without the suffix Exception.
//
// https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_Operations.html
func remedies() map[string]remedy {
	table := map[string]remedy{}
	set := func(response Response, hint func(*Fault) string, codes ...string) {
		for _, c := range codes {
			table[c] = remedy{response, hint}
		}
	}
	set(TryAgain, says(""), "Throttling", "ThrottledException", "TooManyRequests", "RequestLimitExceeded", "Conflict",
		"ConcurrentModification", "InternalFailure", "InternalServerError", "ServiceUnavailable", "RequestTimeout", "Kms",
		"CloudWatchLogsDeliveryUnavailable")
	set(LookAgain, says(""), "TrailNotFound", "TrailAlreadyExists", "InvalidHomeRegion", "InsightNotEnabled", "ResourceNotFound")
	set(LeaveAlone, says("an organization's trail is changed from its management account"),
		"NotOrganizationMasterAccount", "NotOrganizationManagementAccount")
	set(TellOperator, missingPermission, "AccessDenied", "UnauthorizedOperation", "InsufficientIAMAccessPermission",
		"InsufficientDependencyServiceAccessPermission")
	set(TellOperator, says("the credentials are not valid"), "CloudTrailInvalidClientTokenId", "UnrecognizedClient",
		"InvalidClientTokenId", "InvalidSignature", "ExpiredToken")
	organizationRemedies(set)
	dependencyRemedies(set)
	desiredRemedies(set)
	return table
}

type setter func(Response, func(*Fault) string, ...string)

func organizationRemedies(set setter) {
	set(TellOperator, says("the organization needs CloudTrail's service-linked role and trusted access"),
		"NoManagementAccountSLRExists", "CloudTrailAccessNotEnabled")
	set(TellOperator, says("the account is in no organization with all features"),
		"OrganizationsNotInUse", "OrganizationNotInAllFeaturesMode")
}

func dependencyRemedies(set setter) {
	set(TellOperator, says("make the bucket, or change S3BucketName"), "S3BucketDoesNotExist")
	set(TellOperator, says("let cloudtrail.amazonaws.com call s3:GetBucketAcl and s3:PutObject in the bucket's policy"),
		"InsufficientS3BucketPolicy")
	set(TellOperator, says("make the topic, and let cloudtrail.amazonaws.com publish in its policy"), "InsufficientSnsTopicPolicy")
	set(TellOperator, says("let cloudtrail.amazonaws.com use the key in its policy, for the bucket's Region"), "InsufficientEncryptionPolicy")
	set(TellOperator, says("enable the key, or change KMSKeyId"), "KmsKeyDisabled", "KmsKeyNotFound")
	set(TellOperator, says("raise the quota of trails, or delete one"), "MaximumNumberOfTrailsExceeded")
	set(TellOperator, says("a trail has at most 50 tags"), "TagsLimitExceeded")
}

func desiredRemedies(set setter) {
	set(TellOperator, says("the desired state asks for what CloudTrail refuses"),
		"InvalidTrailName", "CloudTrailARNInvalid", "InvalidS3BucketName", "InvalidS3Prefix", "InvalidSnsTopicName", "InvalidKmsKeyId",
		"InvalidCloudWatchLogsLogGroupArn", "InvalidCloudWatchLogsRoleArn", "InvalidParameter", "InvalidParameterCombination",
		"InvalidEventSelectors", "InvalidInsightSelectors", "InvalidTagParameter", "TrailNotProvided", "ResourceTypeNotSupported", "InvalidToken")
	set(TellOperator, says("CloudTrail does not offer this here"), "UnsupportedOperation", "OperationNotPermitted")
}

// missingPermission names the permission, which AWS gives in the message when it
// is not that of the operation itself (iam:PassRole, for one).
func missingPermission(f *Fault) string {
	action := "cloudtrail:" + f.Operation
	named := regexp.MustCompile(`[a-z][a-z0-9-]+:[A-Z][A-Za-z]+\b`).FindString(f.Message)
	if named != "" {
		action = named
	}
	return "the permission " + action + " is missing"
}
