// Package selectors decides which events a trail logs, as CloudTrail's basic
// and advanced event selectors do. This is the specification; the sources are
// the CloudTrail API reference (PutEventSelectors, EventSelector,
// AdvancedEventSelector, AdvancedFieldSelector) and the user guide
// (https://docs.aws.amazon.com/awscloudtrail/latest/userguide/filtering-data-events.html).
//
// # Sets
//
// A trail has basic selectors or advanced ones, never both; putting the one
// kind replaces the other. It logs an event if any of its selectors takes it.
// Without selectors it logs all management events, read and write, and nothing
// else. Insight events are the business of insight selectors: no event
// selector takes them.
//
// # Basic selectors
//
// ReadWriteType All, ReadOnly or WriteOnly holds for everything that the
// selector takes. It takes
//
//   - management events, unless IncludeManagementEvents is false, but not those
//     of ExcludeManagementEventSources;
//   - data events with a resource that DataResources names by type and ARN. For
//     S3 objects a value is the beginning of an ARN, for Lambda functions and
//     DynamoDB tables it is the whole ARN. arn:aws:s3, arn:aws:s3:::,
//     arn:aws:lambda and arn:aws:dynamodb (in any partition) mean all of that
//     type. No values mean none.
//
// Network activity events need advanced selectors.
//
// # Advanced selectors
//
// An advanced selector takes an event if the event meets the conditions on
// every field. On one field
//
//   - Equals, StartsWith and EndsWith select: the field must meet one value of
//     one of them, if there are any;
//   - NotEquals, NotStartsWith and NotEndsWith exclude: the field must meet no
//     value of any of them.
//
// It makes no difference whether operators on one field stand in one field
// selector or in several. Values are compared exactly, case included. A field
// that the event does not have meets no selecting operator, and every
// excluding one.
//
// A record may have several resources. One and the same resource must meet the
// conditions on resources.type and resources.ARN; any one will do. So a
// DynamoDB stream's record, which names both, is logged by a selector for
// AWS::DynamoDB::Table too.
//
// A record without readOnly counts as a write.
//
// # Rules
//
// For basic selectors: at most 5; at most 250 data resources in all of them,
// not counting the values that mean all of a type; of the types
// AWS::S3::Object, AWS::Lambda::Function and AWS::DynamoDB::Table only; in
// ARNs of S3 objects a slash after the bucket; no IncludeManagementEvents
// false without DataResources; only kms.amazonaws.com and
// rdsdata.amazonaws.com excluded.
//
// For advanced selectors: at most 500 values in all of them; values of 1 to
// 2048 characters; names of at most 1000; at least one operator for a field,
// and no empty list; and these fields:
//
//	eventCategory    required: Equals one of Management, Data, NetworkActivity
//	Management       readOnly (Equals true or false),
//	                 eventSource (NotEquals kms or rdsdata)
//	Data             resources.type (required, Equals one known type), readOnly,
//	                 eventName, eventSource, eventType, resources.ARN,
//	                 userIdentity.arn, sessionCredentialFromConsole (Equals or
//	                 NotEquals true)
//	NetworkActivity  eventSource (required, Equals), eventName, vpcEndpointId,
//	                 errorCode (Equals VpceAccessDenied)
package selectors
