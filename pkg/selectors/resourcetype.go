package selectors

import "strings"

// knownType says whether CloudTrail has data events for resources of this
// type.
func knownType(typ string) bool {
	service, name, ok := strings.Cut(strings.TrimPrefix(typ, "AWS::"), "::")
	if !ok || !strings.HasPrefix(typ, "AWS::") {
		return typ == "AWS::QApps:QApp" // as the user guide long had it
	}
	for line := range strings.Lines(resourceTypes) {
		names, ok := strings.CutPrefix(line, service+" ")
		if !ok {
			continue
		}
		for known := range strings.FieldsSeq(names) {
			if known == name {
				return true
			}
		}
	}
	return false
}

// resourceTypes is the data events table of the CloudTrail user guide: a line
// for each service with its types, "S3 Object" for AWS::S3::Object.
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-data-events-with-cloudtrail.html
const resourceTypes = `AIDevOps AgentSpace Association OperatorAppTeam PipelineMetadata Service
AIOps InvestigationGroup
AgentAccessMCP Tools
AppConfig Configuration
AppSync GraphQLApi
B2BI Transformer
Backup SearchJob
Bedrock AdvancedOptimizePromptJob AgentAlias AsyncInvoke AutomatedReasoningPolicy AutomatedReasoningPolicyVersion Blueprint DataAutomationInvocation DataAutomationProfile DataAutomationProject FlowAlias FlowExecution Guardrail InlineAgent KnowledgeBase Model PromptVersion Session Tool
BedrockAgentCore APIKeyCredentialProvider Browser BrowserCustom CodeInterpreter CodeInterpreterCustom Evaluator Gateway Memory OAuth2CredentialProvider Runtime RuntimeEndpoint TokenVault WorkloadIdentity WorkloadIdentityDirectory
Cassandra Stream Table
CloudFront KeyValueStore
CloudOptimization Profile Recommendation
CloudTrail Channel
CloudWatch Metric
CodeGuruProfiler ProfilingGroup
CodeWhisperer Customization Profile
Cognito IdentityPool
DSQL Cluster
DataExchange Asset
Deadline Fleet Job Queue Worker
DynamoDB Stream Table
EC2 InstanceConnectEndpoint Snapshot
ECS ContainerInstance
EKS Dashboard
EMRWAL Workspace
FSx Volume
FinSpace Environment
GameLiftStreams Application StreamGroup
GeoMaps Provider
GeoPlaces Provider
GeoRoutes Provider
Glue Table
GreengrassV2 ComponentVersion Deployment
GuardDuty Detector MalwareScan
IoT Certificate Thing
IoTSiteWise Asset TimeSeries
IoTTwinMaker Entity Workspace
KendraRanking ExecutionPlan
Kinesis Stream StreamConsumer
KinesisFirehose DeliveryStream
KinesisVideo SignalingChannel Stream
Lambda Function
MWAA Environment
MachineLearning MlModel
ManagedBlockchain Network Node
ManagedBlockchainQuery QueryAPI
MedicalImaging Datastore Imageset
NeptuneGraph Graph
NetworkFlowMonitor Monitor Scope
NovaAct WorkflowDefinition WorkflowRun
One UKey User
PCAConnectorAD Connector
PCAConnectorSCEP Connector
PaymentCryptography Alias Key
Pinpoint App
QApps QApp QAppSession
QBusiness Application DataSource Index Integration WebExperience
QDeveloper Integration
QuickSight Flow FlowSession
Quicksight ActionConnector
RDS DBCluster
RUM AppMonitor
Redshift Cluster
S3 AccessPoint Object
S3Express Object
S3ObjectLambda AccessPoint
S3Outposts Object
S3Tables Table TableBucket
S3Vectors Index VectorBucket
SCN Instance
SDB Domain
SES ConfigurationSet EmailIdentity Template
SMSVoice Message OriginationIdentity
SNS PlatformEndpoint Topic
SQS Queue
SSM ExecutionPreview ManagedNode
SSMMessages ControlChannel
SWF Domain
SageMaker Endpoint ExperimentTrialComponent FeatureGroup MlflowTrackingServer
ServiceDiscovery Namespace Service
Signer SigningJob SigningProfile
SitewiseAssistant Conversation
SocialMessaging PhoneNumberId WabaId
StepFunctions Activity StateMachine
SupportAccess Tenant TrustingAccount TrustingRole
ThinClient Device Environment
Timestream Database RegionalEndpoint Table
Transform AgentInstance
TransformCustom Campaign Conversation KnowledgeItem Package
VerifiedPermissions PolicyStore
XRay Trace
`
