package trail

// Attributes are the settings that CreateTrail and UpdateTrail take. In a
// [Desired] trail nil is unmanaged; in a [Call] nil leaves the setting as it is,
// and "" clears it; in an [Observed] trail nil is what CloudTrail leaves out of its
// answer, its default.
type Attributes struct {
	S3BucketName, S3KeyPrefix *string
	// SnsTopicName is a topic's name or ARN.
	SnsTopicName *string
	// KMSKeyID is a key's ID or ARN. CloudTrail answers with the ARN.
	KMSKeyID                                         *string
	CloudWatchLogsLogGroupArn, CloudWatchLogsRoleArn *string
	IncludeGlobalServiceEvents, IsMultiRegionTrail   *bool
	IsOrganizationTrail, EnableLogFileValidation     *bool
}

// Text gives the place of one of [TextFields]; nil for any other field.
func (a *Attributes) Text(f Field) **string {
	switch f {
	case S3BucketName:
		return &a.S3BucketName
	case S3KeyPrefix:
		return &a.S3KeyPrefix
	case SnsTopicName:
		return &a.SnsTopicName
	case KMSKeyID:
		return &a.KMSKeyID
	case CloudWatchLogsLogGroupArn:
		return &a.CloudWatchLogsLogGroupArn
	case CloudWatchLogsRoleArn:
		return &a.CloudWatchLogsRoleArn
	}
	return nil
}

// Flag gives the place of one of [FlagFields]; nil for any other field.
func (a *Attributes) Flag(f Field) **bool {
	switch f {
	case IncludeGlobalServiceEvents:
		return &a.IncludeGlobalServiceEvents
	case IsMultiRegionTrail:
		return &a.IsMultiRegionTrail
	case IsOrganizationTrail:
		return &a.IsOrganizationTrail
	case EnableLogFileValidation:
		return &a.EnableLogFileValidation
	}
	return nil
}

// copyFrom takes one setting from b and tells whether b has it.
func (a *Attributes) copyFrom(b *Attributes, f Field) bool {
	if p := a.Text(f); p != nil {
		*p = *b.Text(f)
		return *p != nil
	}
	p := a.Flag(f)
	*p = *b.Flag(f)
	return *p != nil
}
