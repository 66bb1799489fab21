package trail

import "github.com/trailhand/trailhand/pkg/selectors"

// Operation is a mutating operation of the CloudTrail API.
type Operation string

// The operations, in the order in which a plan uses them.
const (
	CreateTrail           Operation = "CreateTrail"
	UpdateTrail           Operation = "UpdateTrail"
	PutEventSelectors     Operation = "PutEventSelectors"
	PutInsightSelectors   Operation = "PutInsightSelectors"
	PutEventConfiguration Operation = "PutEventConfiguration"
	RemoveTags            Operation = "RemoveTags"
	AddTags               Operation = "AddTags"
	StartLogging          Operation = "StartLogging"
	StopLogging           Operation = "StopLogging"
	DeleteTrail           Operation = "DeleteTrail"
)

// Call is one API call.
type Call struct {
	Operation Operation
	// Region is the trail's home Region, where it must be called.
	Region string
	// Trail is the name for CreateTrail, else the ARN, or the name of a trail
	// that the same plan creates.
	Trail string
	// Fields are the drifted settings that the call puts back.
	Fields []Field
	// Attributes are for CreateTrail and UpdateTrail.
	Attributes Attributes
	// Selectors are for PutEventSelectors.
	Selectors selectors.Set
	// Insights are for PutInsightSelectors.
	Insights []InsightSelector
	// Aggregations are for PutEventConfiguration.
	Aggregations []Aggregation
	// Tags are for CreateTrail, AddTags and RemoveTags.
	Tags map[string]string
}

// Plan gives the fewest calls that put the drifted settings back, in the order in
// which they have to be made. Drifts are those of [Diff], or some of them.
func Plan(d Desired, o *Observed, drifts []Drift) []Call { return nil }
