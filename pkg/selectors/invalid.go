package selectors

// InvalidError is a rule of CloudTrail that a Set breaks.
type InvalidError struct {
	Where   string // as in "EventSelectors[1].DataResources[0].Values[2]"; empty for the whole Set
	Message string // for InvalidEventSelectorsException, in CloudTrail's own words where they are known
}

func (e *InvalidError) Error() string {
	if e.Where == "" {
		return e.Message
	}
	return e.Where + ": " + e.Message
}
