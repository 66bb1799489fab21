package trails

import (
	"slices"

	"github.com/trailhand/trailhand/pkg/selectors"
)

// A Trail is the settings of one trail. Treat its slices as read-only.
type Trail struct {
	ARN        string
	Name       string
	AccountID  string // the owner; of an organization's trail, the management account
	HomeRegion string

	S3BucketName string
	S3KeyPrefix  string // as given; may be empty
	SNSTopicARN  string // empty: no notifications
	LogGroupARN  string // of CloudWatch Logs; empty: not delivered there
	LogRoleARN   string
	KMSKeyID     string // an ARN; empty: not encrypted with a customer's key

	IncludeGlobalServiceEvents bool
	IsMultiRegion              bool
	IsOrganization             bool
	OrganizationID             string // such as o-exampleorgid, of an organization's trail
	LogFileValidation          bool
	RecursiveLogging           bool // false: records of CloudTrail's own deliveries are left out

	Selectors   selectors.Set
	Insights    []Insight // empty: no analysis
	Aggregation []string  // templates by which data events are aggregated
	Tags        []Tag     // in the order in which they were added

	matcher *selectors.Matcher // of Selectors
}

// An Insight is a kind of analysis that a trail has switched on.
type Insight struct {
	Type       string   // ApiCallRateInsight or ApiErrorRateInsight
	Categories []string // Management, Data or both
}

// A Tag is a tag of a trail.
type Tag struct{ Key, Value string }

// Matcher selects the events that the trail logs.
func (t *Trail) Matcher() *selectors.Matcher { return t.matcher }

// Covers reports whether the trail takes events of a Region. Events of global
// services happen in the Region that records them, mostly us-east-1, and only
// trails that include them take them.
func (t *Trail) Covers(region string, global bool) bool {
	if global && !t.IncludeGlobalServiceEvents {
		return false
	}
	return t.visible(region)
}

// visible reports whether the trail is in a Region, at home or as a shadow.
func (t *Trail) visible(region string) bool {
	return t.HomeRegion == region || t.IsMultiRegion && slices.Contains(Regions(), region)
}

// selects gives the trail with other selectors, which must be valid.
func (t Trail) selects(s selectors.Set) (Trail, error) {
	m, err := selectors.Compile(s)
	if err != nil {
		return t, err
	}
	t.Selectors, t.matcher = s, m
	return t, nil
}
