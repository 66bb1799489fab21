package events

import "encoding/json"

// Anomaly is the insightDetails of an Insight record.
//
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-insights-fields-trails.html
type Anomaly struct {
	State               string          `json:"state"` // Start or End
	EventSource         string          `json:"eventSource"`
	EventName           string          `json:"eventName"`
	InsightType         string          `json:"insightType"` // ApiCallRateInsight or ApiErrorRateInsight
	ErrorCode           string          `json:"errorCode"`   // of an error rate
	InsightContext      *InsightContext `json:"insightContext"`
	SourceEventCategory string          `json:"sourceEventCategory"`
	InsightSource       string          `json:"insightSource"`

	Unknown map[string]json.RawMessage
}

// InsightContext is what an insight rests on.
type InsightContext struct {
	Statistics   *Statistics   `json:"statistics"`
	Attributions []Attribution `json:"attributions"`

	Unknown map[string]json.RawMessage
}

// Statistics compares the usual rate with the unusual one.
type Statistics struct {
	Baseline         *Rate       `json:"baseline"`
	Insight          *Rate       `json:"insight"`
	InsightDuration  json.Number `json:"insightDuration"`  // minutes
	BaselineDuration json.Number `json:"baselineDuration"` // minutes

	Unknown map[string]json.RawMessage
}

// Rate is an average of calls a minute.
type Rate struct {
	Average json.Number `json:"average"`

	Unknown map[string]json.RawMessage
}

// Attribution shares an insight's calls out among the values of an attribute.
type Attribution struct {
	Attribute string  `json:"attribute"` // userIdentityArn, userAgent or errorCode
	Insight   []Share `json:"insight"`
	Baseline  []Share `json:"baseline"`

	Unknown map[string]json.RawMessage
}

// Share is the part of one value.
type Share struct {
	Value   string      `json:"value"`
	Average json.Number `json:"average"` // calls a minute

	Unknown map[string]json.RawMessage
}
