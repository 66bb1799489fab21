package insights

import (
	"encoding/json"
	"time"
)

const eventVersion = "1.09" // of Insight events since December 2024

// The types below are CloudTrail's Insight event, in the order in which it writes the fields.
type (
	record struct {
		EventVersion       string        `json:"eventVersion"`
		EventTime          string        `json:"eventTime"`
		AWSRegion          string        `json:"awsRegion"`
		EventID            string        `json:"eventID"`
		EventType          string        `json:"eventType"`
		RecipientAccountID string        `json:"recipientAccountId"`
		SharedEventID      string        `json:"sharedEventID"`
		InsightDetails     recordDetails `json:"insightDetails"`
		EventCategory      string        `json:"eventCategory"`
	}
	recordDetails struct {
		State               Phase         `json:"state"`
		EventSource         string        `json:"eventSource"`
		EventName           string        `json:"eventName"`
		InsightType         InsightType   `json:"insightType"`
		ErrorCode           string        `json:"errorCode,omitempty"`
		SourceEventCategory string        `json:"sourceEventCategory"`
		InsightContext      recordContext `json:"insightContext"`
	}
	recordContext struct {
		Statistics   recordStatistics `json:"statistics"`
		Attributions []Attribution    `json:"attributions"`
	}
	recordStatistics struct {
		Baseline         recordAverage `json:"baseline"`
		Insight          recordAverage `json:"insight"`
		InsightDuration  int           `json:"insightDuration"`
		BaselineDuration int           `json:"baselineDuration"`
	}
	recordAverage struct {
		Average float64 `json:"average"`
	}
)

// Record is CloudTrail's own JSON for an Insight event (eventVersion 1.09), one object.
func (t Transition) Record() []byte {
	st := t.Statistics
	r := record{
		EventVersion: eventVersion, EventTime: t.Time.UTC().Format(time.RFC3339), AWSRegion: t.Region,
		EventID: t.EventID, EventType: "AwsCloudTrailInsight", RecipientAccountID: t.AccountID,
		SharedEventID: t.SharedEventID, EventCategory: "Insight",
		InsightDetails: recordDetails{
			State: t.Phase, EventSource: t.Key.EventSource, EventName: t.Key.EventName,
			InsightType: t.Key.Type, ErrorCode: t.Key.ErrorCode, SourceEventCategory: t.Key.Category,
			InsightContext: recordContext{
				Statistics: recordStatistics{
					Baseline: recordAverage{st.BaselineAverage}, Insight: recordAverage{st.InsightAverage},
					InsightDuration: st.InsightDuration, BaselineDuration: st.BaselineDuration,
				},
				Attributions: t.Attributions,
			},
		},
	}
	b, err := json.Marshal(r)
	if err != nil { // finite numbers and strings always encode
		panic(err)
	}
	return b
}
