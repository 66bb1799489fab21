package selectors

// Set is what selects the events of one trail: basic selectors or advanced
// ones, never both. The zero Set is CloudTrail's default: every management
// event, read and write, and nothing else. The shape is that of
// PutEventSelectors and GetEventSelectors.
type Set struct {
	Basic    []Basic    `json:"EventSelectors,omitempty"`
	Advanced []Advanced `json:"AdvancedEventSelectors,omitempty"`
}

// Basic is a basic event selector (the API's EventSelector).
type Basic struct {
	// ReadWriteType is All, ReadOnly or WriteOnly; empty means All.
	ReadWriteType string `json:"ReadWriteType,omitempty"`
	// IncludeManagementEvents is true when nil.
	IncludeManagementEvents *bool          `json:"IncludeManagementEvents,omitempty"`
	DataResources           []DataResource `json:"DataResources,omitempty"`
	// ExcludeManagementEventSources may name kms.amazonaws.com and
	// rdsdata.amazonaws.com.
	ExcludeManagementEventSources []string `json:"ExcludeManagementEventSources,omitempty"`
}

// DataResource names the resources of one type whose data events a basic
// selector takes: ARNs, or for S3 objects the beginnings of ARNs.
type DataResource struct {
	Type   string   `json:"Type"`
	Values []string `json:"Values,omitempty"`
}

// Advanced is an advanced event selector: it takes an event when every field
// selector does.
type Advanced struct {
	Name           string          `json:"Name,omitempty"`
	FieldSelectors []FieldSelector `json:"FieldSelectors"`
}

// FieldSelector is a condition on one field of an event (the API's
// AdvancedFieldSelector).
type FieldSelector struct {
	Field         string   `json:"Field"`
	Equals        []string `json:"Equals,omitempty"`
	StartsWith    []string `json:"StartsWith,omitempty"`
	EndsWith      []string `json:"EndsWith,omitempty"`
	NotEquals     []string `json:"NotEquals,omitempty"`
	NotStartsWith []string `json:"NotStartsWith,omitempty"`
	NotEndsWith   []string `json:"NotEndsWith,omitempty"`
}
