package trail

// Drift is one setting that is not as desired.
type Drift struct {
	Field Field  `json:"field"`
	Want  any    `json:"want"`
	Got   any    `json:"got"`
	Why   string `json:"why,omitempty"`
}

// Diff compares what a trail should be with what it is; o is nil when there is no
// such trail. The comparison is of meaning: the order of selectors and values,
// defaults spelled out or not, a name for an ARN are not drift.
func Diff(d Desired, o *Observed) []Drift { return nil }
