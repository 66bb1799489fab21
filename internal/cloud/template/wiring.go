package template

import "time"

// Place is where a stack is set up: it stands for what CloudFormation knows
// about an account, and gives the template's parameters their values.
type Place struct {
	AccountID string // 12 digits
	Region    string
	StackName string
	Endpoint  string // of every service, such as http://127.0.0.1:4566
	// Parameters override the defaults of the template's Parameters. A name
	// that the template does not declare is an error.
	Parameters map[string]string
}

// Wiring is what a template connects, every name resolved for one Place.
// The lists are in the template's order; resources that a condition leaves out
// are not in them.
type Wiring struct {
	Functions     []Function
	Rules         []Rule
	Queues        []Queue
	Mappings      []Mapping
	Schedules     []Schedule
	Buckets       []Bucket
	Policies      []BucketPolicy
	Notifications []Notification
	Grants        []Grant
	Machines      []Machine
}

// Machine is an AWS::Serverless::StateMachine.
type Machine struct {
	LogicalID, Name, ARN string
	Definition           string // JSON: https://states-language.net, all names resolved
}

// Function is an AWS::Serverless::Function.
type Function struct {
	LogicalID   string // Reconciler
	Name        string
	ARN         string
	RoleName    string // of the role that SAM makes for it
	Environment map[string]string
	Timeout     time.Duration
	MemoryMB    int
	Concurrency int    // reserved concurrent executions; 0: not limited
	DeadLetter  string // ARN of the queue for asynchronous events that failed; may be empty
	// Retries and MaximumAge are those of asynchronous invocations.
	Retries    int
	MaximumAge time.Duration
}

// Rule is an EventBridge rule on the default bus with its targets.
type Rule struct {
	LogicalID string // ReconcilerTrailChange, as SAM names it
	Name      string
	Pattern   string // JSON
	State     string // ENABLED, DISABLED, ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS
	Targets   []Target
}

// Target is where a rule sends what it matches. At most one of Input and
// InputPath is set.
type Target struct {
	ID, ARN          string
	Input, InputPath string
	MessageGroupID   string // of a FIFO queue
	DeadLetter       string // ARN of a queue; may be empty
}

// Queue is an AWS::SQS::Queue. Attributes has SQS's own names and text
// (VisibilityTimeout "360", FifoQueue "true", RedrivePolicy as JSON), as
// CreateQueue takes them.
type Queue struct {
	LogicalID      string
	Name, ARN, URL string
	Attributes     map[string]string
}

// Mapping is an event source mapping: a queue whose messages invoke a function.
type Mapping struct {
	LogicalID   string
	QueueARN    string
	FunctionARN string
	BatchSize   int
	Window      time.Duration // to gather a batch
	Concurrency int           // maximum concurrent batches; 0: not limited
	// PartialResponses is true for ReportBatchItemFailures.
	PartialResponses bool
}

// Schedule invokes a function at a rate with one constant input.
type Schedule struct {
	LogicalID   string // ReconcilerSweep
	FunctionARN string
	Rate        time.Duration
	Input       string // JSON
	Enabled     bool
}

// Bucket is an AWS::S3::Bucket.
type Bucket struct {
	LogicalID  string
	Name       string
	Versioning bool
}

// BucketPolicy is an AWS::S3::BucketPolicy.
type BucketPolicy struct {
	LogicalID string
	Bucket    string // name
	Document  string // JSON
}

// Notification tells a queue of objects in a bucket.
type Notification struct {
	Bucket         string // name
	QueueARN       string
	Event          string // s3:ObjectCreated:*
	Prefix, Suffix string
}
