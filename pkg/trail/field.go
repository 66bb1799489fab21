package trail

// Field names one setting of a trail, by its property name in CloudFormation's
// AWS::CloudTrail::Trail.
//
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudtrail-trail.html
type Field string

// The settings that can drift and be put back.
const (
	// Exists stands for the whole trail: repairing it means creating the trail
	// with everything that is desired of it.
	Exists                     Field = "Exists"
	IsLogging                  Field = "IsLogging"
	S3BucketName               Field = "S3BucketName"
	S3KeyPrefix                Field = "S3KeyPrefix"
	SnsTopicName               Field = "SnsTopicName"
	KMSKeyID                   Field = "KMSKeyId"
	CloudWatchLogsLogGroupArn  Field = "CloudWatchLogsLogGroupArn"
	CloudWatchLogsRoleArn      Field = "CloudWatchLogsRoleArn"
	IncludeGlobalServiceEvents Field = "IncludeGlobalServiceEvents"
	IsMultiRegionTrail         Field = "IsMultiRegionTrail"
	IsOrganizationTrail        Field = "IsOrganizationTrail"
	EnableLogFileValidation    Field = "EnableLogFileValidation"
	EventSelectors             Field = "EventSelectors"
	AdvancedEventSelectors     Field = "AdvancedEventSelectors"
	InsightSelectors           Field = "InsightSelectors"
	AggregationConfigurations  Field = "AggregationConfigurations"
	Tags                       Field = "Tags"
)

// What a sweep reports besides; no call on the trail can put these right.
const (
	LatestDeliveryError     Field = "LatestDeliveryError"
	LatestNotificationError Field = "LatestNotificationError"
	LatestDeliveryTime      Field = "LatestDeliveryTime"
	LogBucketPolicy         Field = "LogBucketPolicy"
	LogBucketDataEvents     Field = "LogBucketDataEvents"
)

// TextFields are the settings of [Attributes] that hold text.
func TextFields() []Field {
	return []Field{S3BucketName, S3KeyPrefix, SnsTopicName, KMSKeyID, CloudWatchLogsLogGroupArn, CloudWatchLogsRoleArn}
}

// FlagFields are the settings of [Attributes] that are on or off.
func FlagFields() []Field {
	return []Field{IncludeGlobalServiceEvents, IsMultiRegionTrail, IsOrganizationTrail, EnableLogFileValidation}
}

// Settings are all fields that a desired trail can manage.
func Settings() []Field {
	all := append(TextFields(), FlagFields()...)
	return append(all, EventSelectors, AdvancedEventSelectors, InsightSelectors, AggregationConfigurations, Tags, IsLogging)
}

// Findings are the fields of what a sweep reports besides.
func Findings() []Field {
	return []Field{LatestDeliveryError, LatestNotificationError, LatestDeliveryTime, LogBucketPolicy, LogBucketDataEvents}
}
