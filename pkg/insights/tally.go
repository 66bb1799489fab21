package insights

import (
	"crypto/sha256"
	"time"
)

// Tally is the calls of one API in one minute, as the log reader counts them: the body of the
// NDJSON rates format and of a Batch.
type Tally struct {
	AccountID        string         `json:"accountId"`
	Region           string         `json:"awsRegion"`
	Minute           time.Time      `json:"minute"` // truncated to its minute
	EventSource      string         `json:"eventSource"`
	EventName        string         `json:"eventName"`
	ErrorCode        string         `json:"errorCode,omitempty"` // empty: the calls succeeded
	Category         string         `json:"category"`            // Management (also when empty) or Data
	ReadOnly         bool           `json:"readOnly"`
	Count            int            `json:"count"` // at least 1
	UserIdentityARNs map[string]int `json:"userIdentityArn,omitempty"`
	UserAgents       map[string]int `json:"userAgent,omitempty"`
	// EventIDs are the EventIDHash of the calls, eight bytes each, if copies of an event are to
	// count once; calls without one always count. In JSON they are base64.
	EventIDs []byte `json:"eventIds,omitempty"`
}

// EventIDBytes is the length of an EventIDHash.
const EventIDBytes = 8

// EventIDHash is the first eight bytes of the SHA-256 of an eventID. Of a million calls in one
// minute, two have the same with a probability of 3e-8.
func EventIDHash(eventID []byte) [EventIDBytes]byte {
	sum := sha256.Sum256(eventID)
	return [EventIDBytes]byte(sum[:EventIDBytes])
}

// Batch is the tallies of one part of one log file, applied to a State at most once.
type Batch struct {
	ID        string  `json:"id"` // "bucket/key@version#part"
	AccountID string  `json:"accountId"`
	Region    string  `json:"awsRegion"`
	Tallies   []Tally `json:"tallies"`
}

// InsightType is CloudTrail's insightType.
type InsightType string

// The two insight types of CloudTrail.
const (
	CallRate  InsightType = "ApiCallRateInsight"
	ErrorRate InsightType = "ApiErrorRateInsight"
)

// Event categories that have insights, as CloudTrail writes them.
const (
	Management = "Management"
	Data       = "Data"
)

// Key names one rate within an account and Region. ErrorCode is empty for CallRate.
type Key struct {
	Type        InsightType `json:"insightType"`
	Category    string      `json:"category"`
	EventSource string      `json:"eventSource"`
	EventName   string      `json:"eventName"`
	ErrorCode   string      `json:"errorCode,omitempty"`
}
