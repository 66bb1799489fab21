package selectors

// Set is what selects the events of one trail: basic selectors or advanced
// ones, never both. The zero Set is CloudTrail's default: every management
// event, read and write, and nothing else. The shape is that of
// PutEventSelectors and GetEventSelectors.
type Set struct {
	Basic    []Basic    `json:"EventSelectors,omitempty" yaml:"EventSelectors,omitempty"`
	Advanced []Advanced `json:"AdvancedEventSelectors,omitempty" yaml:"AdvancedEventSelectors,omitempty"`
}

// Basic is a basic event selector (the API's EventSelector).
type Basic struct {
	// ReadWriteType is All, ReadOnly or WriteOnly; empty means All.
	ReadWriteType string `json:"ReadWriteType,omitempty" yaml:"ReadWriteType,omitempty"`
	// IncludeManagementEvents is true when nil.
	IncludeManagementEvents *bool          `json:"IncludeManagementEvents,omitempty" yaml:"IncludeManagementEvents,omitempty"`
	DataResources           []DataResource `json:"DataResources,omitempty" yaml:"DataResources,omitempty"`
	// ExcludeManagementEventSources may name kms.amazonaws.com and
	// rdsdata.amazonaws.com.
	ExcludeManagementEventSources []string `json:"ExcludeManagementEventSources,omitempty" yaml:"ExcludeManagementEventSources,omitempty"`
}

// DataResource names the resources of one type whose data events a basic
// selector takes: ARNs, or for S3 objects the beginnings of ARNs.
type DataResource struct {
	Type   string   `json:"Type" yaml:"Type"`
	Values []string `json:"Values,omitempty" yaml:"Values,omitempty"`
}

// Advanced is an advanced event selector: it takes an event when every field
// selector does.
type Advanced struct {
	Name           string          `json:"Name,omitempty" yaml:"Name,omitempty"`
	FieldSelectors []FieldSelector `json:"FieldSelectors" yaml:"FieldSelectors"`
}

// FieldSelector is a condition on one field of an event (the API's
// AdvancedFieldSelector).
type FieldSelector struct {
	Field         string   `json:"Field" yaml:"Field"`
	Equals        []string `json:"Equals,omitempty" yaml:"Equals,omitempty"`
	StartsWith    []string `json:"StartsWith,omitempty" yaml:"StartsWith,omitempty"`
	EndsWith      []string `json:"EndsWith,omitempty" yaml:"EndsWith,omitempty"`
	NotEquals     []string `json:"NotEquals,omitempty" yaml:"NotEquals,omitempty"`
	NotStartsWith []string `json:"NotStartsWith,omitempty" yaml:"NotStartsWith,omitempty"`
	NotEndsWith   []string `json:"NotEndsWith,omitempty" yaml:"NotEndsWith,omitempty"`
}
