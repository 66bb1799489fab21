package trail

import "slices"

// Explanation is what a setting is for, and who asks for it.
type Explanation struct {
	Field   Field
	Purpose string
	// Controls are the controls of the built-in profiles that want it, with their
	// profiles: "CIS AWS Foundations 3.2 (cis-l2)".
	Controls []string
	// Calls are the API calls that can make it drift.
	Calls []Operation
}

// Explain says what a setting is for; false if there is no such setting.
func Explain(f Field) (Explanation, bool) {
	purpose, ok := purposes()[f]
	e := Explanation{Field: f, Purpose: purpose}
	for _, profile := range Profiles() {
		for _, q := range requirements(profile) {
			if q.field == f || q.field == EventSelectors && f == AdvancedEventSelectors {
				e.Controls = append(e.Controls, q.control+" ("+profile+")")
			}
		}
	}
	e.Controls = slices.Compact(e.Controls)
	if slices.Contains(Findings(), f) {
		return e, ok
	}
	for _, o := range []Operation{CreateTrail, DeleteTrail, StopLogging, StartLogging, PutEventSelectors, PutInsightSelectors, PutEventConfiguration, RemoveTags, AddTags, UpdateTrail} {
		if c := (&Cause{EventName: string(o)}); ok && c.canCause(f) {
			e.Calls = append(e.Calls, o)
		}
	}
	return e, ok
}

func purposes() map[Field]string {
	return map[Field]string{
		Exists:                     "The trail itself. A deleted trail ends all of its log files, and its history of Insights.",
		IsLogging:                  "Whether events are delivered. Stopping is the first thing that an intruder does who knows CloudTrail.",
		S3BucketName:               "Where log files go. Another bucket takes them out of sight of everything that reads them.",
		S3KeyPrefix:                "What the keys of log files begin with. Another prefix hides them from readers, and may not be allowed by the bucket's policy.",
		SnsTopicName:               "The topic that is told of each log file. Without it, whatever waits for files waits for ever.",
		KMSKeyID:                   "The key that log files are encrypted with: who may not use the key cannot read them.",
		CloudWatchLogsLogGroupArn:  "The log group that events are sent to as they are delivered, for metric filters and alarms.",
		CloudWatchLogsRoleArn:      "The role that CloudTrail assumes to send events to the log group.",
		IncludeGlobalServiceEvents: "Whether events of IAM, STS, CloudFront and other global services are delivered.",
		IsMultiRegionTrail:         "Whether the trail is in all Regions, those to come included. A trail of one Region is blind in the others.",
		IsOrganizationTrail:        "Whether the trail is for all accounts of the organization, which then cannot change it.",
		EnableLogFileValidation:    "Whether digest files are delivered, by which a changed or deleted log file is found out.",
		EventSelectors:             "Which events are logged, in basic selectors. Narrower selectors leave no trace of what they leave out.",
		AdvancedEventSelectors:     "Which events are logged, in advanced selectors. Narrower selectors leave no trace of what they leave out.",
		InsightSelectors:           "Which rates are watched for anomalies: of calls, and of errors.",
		AggregationConfigurations:  "Which summaries of data events are delivered.",
		Tags:                       "Who owns the trail, and what policies by tag apply to it.",
		LatestDeliveryError:        "Found by a sweep: S3's answer to the last log file, which was not delivered.",
		LatestNotificationError:    "Found by a sweep: SNS's answer to the last notification, which was not sent.",
		LatestDeliveryTime:         "Found by a sweep: a trail that logs has delivered nothing for longer than deliveryOverdue.",
		LogBucketPolicy:            "Found by a sweep: the bucket's policy does not let CloudTrail read its ACL and put log files.",
		LogBucketDataEvents:        "Found by a sweep: the trail logs the writing of its own log files, and each file makes the next.",
	}
}
