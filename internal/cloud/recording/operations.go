package recording

import (
	"errors"
	"fmt"
	"strings"

	"github.com/trailhand/trailhand/pkg/events"
)

// ErrUnknownOperation says that an operation is not in the table.
var ErrUnknownOperation = errors.New("unknown operation")

// An Operation is what is known of the events of one operation.
type Operation struct {
	ReadOnly bool
	Category events.Category // Management or Data

	answers      bool   // the record keeps what was answered
	unknown      bool   // whether it reads is not known
	resourceType string // of the resources of data events
}

// Lookup gives what is known of an operation, or an error that wraps ErrUnknownOperation.
func Lookup(eventSource, eventName string) (Operation, error) {
	for _, g := range table() {
		if g.source == eventSource && containsWord(g.names, eventName) {
			return g.is, nil
		}
	}
	return Operation{}, fmt.Errorf("%w: %s of %q", ErrUnknownOperation, eventName, eventSource)
}

// containsWord reports whether word is one of the words of text.
func containsWord(text, word string) bool {
	for w := range strings.FieldsSeq(text) {
		if w == word {
			return true
		}
	}
	return false
}

// A group is operations of one service of which the same is known.
type group struct {
	source, names string
	is            Operation
}

func table() []group {
	return []group{
		{"cloudtrail.amazonaws.com", cloudtrailReads, read()},
		{"cloudtrail.amazonaws.com", cloudtrailWrites, write()},
		{"events.amazonaws.com", eventsReads, read()},
		{"events.amazonaws.com", eventsWrites, write()},
		{"events.amazonaws.com", eventsData, dataWrite("AWS::Events::EventBus")},
		{"kms.amazonaws.com", kmsReads, read()},
		{"kms.amazonaws.com", kmsWrites, write()},
		{"s3.amazonaws.com", s3BucketReads, read()},
		{"s3.amazonaws.com", s3BucketWrites, write()},
		{"s3.amazonaws.com", s3ObjectReads, dataRead(objectType)},
		{"s3.amazonaws.com", s3ObjectWrites, dataWrite(objectType)},
		{"sqs.amazonaws.com", sqsReads, read()},
		{"sqs.amazonaws.com", sqsWrites, write()},
		{"sqs.amazonaws.com", sqsDataReads, dataRead(queueType)},
		{"sqs.amazonaws.com", sqsDataWrites, dataWrite(queueType)},
		{"dynamodb.amazonaws.com", dynamodbReads, dataRead("AWS::DynamoDB::Table")},
		{"dynamodb.amazonaws.com", dynamodbWrites, dataWrite("AWS::DynamoDB::Table")},
		{"dynamodb.amazonaws.com", dynamodbStreams, dataRead("AWS::DynamoDB::Stream")},
		{"ebs.amazonaws.com", ebsReads, dataRead("AWS::EC2::Snapshot")},
		{"ebs.amazonaws.com", ebsWrites, dataWrite("AWS::EC2::Snapshot")},
		{"kinesis.amazonaws.com", kinesisReads, dataRead("AWS::Kinesis::Stream")},
		{"kinesis.amazonaws.com", kinesisWrites, dataWrite("AWS::Kinesis::Stream")},
		{"lambda.amazonaws.com", lambdaWrites, dataWrite("AWS::Lambda::Function")},
		{"sns.amazonaws.com", snsWrites, dataWrite("AWS::SNS::Topic")},
		{"sts.amazonaws.com", stsReads, read()},
		{"sts.amazonaws.com", stsSessions, Operation{ReadOnly: true, Category: events.Management, answers: true}},
	}
}

func read() Operation  { return Operation{ReadOnly: true, Category: events.Management} }
func write() Operation { return Operation{Category: events.Management, answers: true} }

func dataRead(resourceType string) Operation {
	return Operation{ReadOnly: true, Category: events.Data, resourceType: resourceType}
}

func dataWrite(resourceType string) Operation {
	return Operation{Category: events.Data, resourceType: resourceType, answers: true}
}

// The operations of each service. Sources: the services' API references and
// their pages "Logging … API calls using AWS CloudTrail"; for S3 "Amazon S3
// CloudTrail events" (S3 User Guide).
const (
	cloudtrailReads = `
		DescribeQuery DescribeTrails GenerateQuery GetChannel GetDashboard GetEventConfiguration GetEventDataStore
		GetEventSelectors GetImport GetInsightSelectors GetQueryResults GetResourcePolicy GetTrail GetTrailStatus
		ListChannels ListDashboards ListEventDataStores ListImportFailures ListImports ListInsightsData
		ListInsightsMetricData ListPublicKeys ListQueries ListTags ListTrails LookupEvents SearchSampleQueries`
	cloudtrailWrites = `
		AddTags CancelQuery CreateChannel CreateDashboard CreateEventDataStore CreateTrail DeleteChannel
		DeleteDashboard DeleteEventDataStore DeleteResourcePolicy DeleteTrail DeregisterOrganizationDelegatedAdmin
		DisableFederation EnableFederation PutEventConfiguration PutEventSelectors PutInsightSelectors
		PutResourcePolicy RegisterOrganizationDelegatedAdmin RemoveTags RestoreEventDataStore StartDashboardRefresh
		StartEventDataStoreIngestion StartImport StartLogging StartQuery StopEventDataStoreIngestion StopImport
		StopLogging UpdateChannel UpdateDashboard UpdateEventDataStore UpdateTrail`

	eventsReads = `
		DescribeApiDestination DescribeArchive DescribeConnection DescribeEndpoint DescribeEventBus
		DescribeEventSource DescribePartnerEventSource DescribeReplay DescribeRule ListApiDestinations ListArchives
		ListConnections ListEndpoints ListEventBuses ListEventSources ListPartnerEventSourceAccounts
		ListPartnerEventSources ListReplays ListRuleNamesByTarget ListRules ListTagsForResource ListTargetsByRule
		TestEventPattern`
	eventsWrites = `
		ActivateEventSource CancelReplay CreateApiDestination CreateArchive CreateConnection CreateEndpoint
		CreateEventBus CreatePartnerEventSource DeactivateEventSource DeauthorizeConnection DeleteApiDestination
		DeleteArchive DeleteConnection DeleteEndpoint DeleteEventBus DeletePartnerEventSource DeleteRule DisableRule
		EnableRule PutPermission PutRule PutTargets RemovePermission RemoveTargets StartReplay TagResource
		UntagResource UpdateApiDestination UpdateArchive UpdateConnection UpdateEndpoint UpdateEventBus`
	eventsData = `PutEvents PutPartnerEvents`

	kmsReads = `
		Decrypt DescribeCustomKeyStores DescribeKey Encrypt GenerateDataKey GenerateDataKeyPair
		GenerateDataKeyPairWithoutPlaintext GenerateDataKeyWithoutPlaintext GenerateMac GenerateRandom GetKeyPolicy
		GetKeyRotationStatus GetParametersForImport GetPublicKey ListAliases ListGrants ListKeyPolicies
		ListKeyRotations ListKeys ListResourceTags ListRetirableGrants ReEncrypt Sign Verify VerifyMac`
	kmsWrites = `
		CancelKeyDeletion ConnectCustomKeyStore CreateAlias CreateCustomKeyStore CreateGrant CreateKey DeleteAlias
		DeleteCustomKeyStore DeleteImportedKeyMaterial DisableKey DisableKeyRotation DisconnectCustomKeyStore
		EnableKey EnableKeyRotation ImportKeyMaterial PutKeyPolicy ReplicateKey RetireGrant RevokeGrant
		RotateKeyOnDemand ScheduleKeyDeletion TagResource UntagResource UpdateAlias UpdateCustomKeyStore
		UpdateKeyDescription UpdatePrimaryRegion`

	s3BucketReads = `
		GetAccelerateConfiguration GetAccountPublicAccessBlock GetAnalyticsConfiguration GetBucketAcl
		GetBucketAnalyticsConfiguration GetBucketCors GetBucketEncryption GetBucketIntelligentTieringConfiguration
		GetBucketInventoryConfiguration GetBucketLifecycle GetBucketLocation GetBucketLogging
		GetBucketMetricsConfiguration GetBucketNotification GetBucketObjectLockConfiguration
		GetBucketOwnershipControls GetBucketPolicy GetBucketPolicyStatus GetBucketPublicAccessBlock
		GetBucketReplication GetBucketRequestPayment GetBucketTagging GetBucketVersioning GetBucketWebsite
		GetInventoryConfiguration GetMetricsConfiguration ListAccessPoints ListBuckets`
	s3BucketWrites = `
		CreateBucket DeleteBucket DeleteBucketAnalyticsConfiguration DeleteBucketCors DeleteBucketEncryption
		DeleteBucketIntelligentTieringConfiguration DeleteBucketInventoryConfiguration DeleteBucketLifecycle
		DeleteBucketMetricsConfiguration DeleteBucketOwnershipControls DeleteBucketPolicy
		DeleteBucketPublicAccessBlock DeleteBucketReplication DeleteBucketTagging DeleteBucketWebsite
		PutAccelerateConfiguration PutBucketAcl PutBucketAnalyticsConfiguration PutBucketCors PutBucketEncryption
		PutBucketIntelligentTieringConfiguration PutBucketInventoryConfiguration PutBucketLifecycle PutBucketLogging
		PutBucketMetricsConfiguration PutBucketNotification PutBucketObjectLockConfiguration
		PutBucketOwnershipControls PutBucketPolicy PutBucketPublicAccessBlock PutBucketReplication
		PutBucketRequestPayment PutBucketTagging PutBucketVersioning PutBucketWebsite`
	s3ObjectReads = `
		GetObject GetObjectAcl GetObjectAttributes GetObjectLegalHold GetObjectLockLegalHold GetObjectLockRetention
		GetObjectRetention GetObjectTagging GetObjectTorrent HeadBucket HeadObject ListMultipartUploads
		ListObjectVersions ListObjects ListParts SelectObjectContent`
	s3ObjectWrites = `
		AbortMultipartUpload CompleteMultipartUpload CopyObject CreateMultipartUpload DeleteObject
		DeleteObjectTagging DeleteObjects PutObject PutObjectAcl PutObjectLegalHold PutObjectLockLegalHold
		PutObjectLockRetention PutObjectRetention PutObjectTagging RestoreObject UploadPart UploadPartCopy`

	// Of these reads no page was found that says whether CloudTrail has them as
	// management events, as data events, or not at all: management is unconfirmed.
	// The writes, and what is done to messages, are as in the SQS Developer Guide,
	// "Logging Amazon Simple Queue Service API calls using AWS CloudTrail".
	sqsReads = `
		GetQueueAttributes GetQueueUrl ListDeadLetterSourceQueues ListMessageMoveTasks ListQueueTags ListQueues`
	sqsWrites = `
		AddPermission CancelMessageMoveTask CreateQueue DeleteQueue PurgeQueue RemovePermission SetQueueAttributes
		StartMessageMoveTask TagQueue UntagQueue`
	sqsDataReads  = `ReceiveMessage`
	sqsDataWrites = `
		ChangeMessageVisibility ChangeMessageVisibilityBatch DeleteMessage DeleteMessageBatch SendMessage
		SendMessageBatch`

	// The data events of services that other endpoints serve. Source: CloudTrail
	// User Guide, "Logging data events". PartiQL might modify.
	dynamodbReads  = `BatchGetItem GetItem Query Scan TransactGetItems`
	dynamodbWrites = `
		BatchExecuteStatement BatchWriteItem DeleteItem ExecuteStatement ExecuteTransaction PutItem
		TransactWriteItems UpdateItem`
	dynamodbStreams = `GetRecords GetShardIterator`
	ebsReads        = `GetSnapshotBlock ListChangedBlocks ListSnapshotBlocks`
	ebsWrites       = `PutSnapshotBlock`
	kinesisReads    = `GetRecords GetShardIterator SubscribeToShard`
	kinesisWrites   = `PutRecord PutRecords`
	lambdaWrites    = `Invoke InvokeWithResponseStream`
	snsWrites       = `Publish PublishBatch`

	stsReads = `DecodeAuthorizationMessage GetAccessKeyInfo GetCallerIdentity`
	// stsSessions hand out credentials. They are reads, and yet their records
	// keep what was answered.
	stsSessions = `
		AssumeRole AssumeRoleWithSAML AssumeRoleWithWebIdentity AssumeRoot GetFederationToken GetSessionToken`
)
