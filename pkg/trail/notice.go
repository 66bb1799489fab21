package trail

import "time"

// Source is the source of the events that the reconciler publishes.
const Source = "trailhand"

// The detail-types of the events that the reconciler publishes.
const (
	DriftDetected     = "Trail Drift Detected"
	DriftRepaired     = "Trail Drift Repaired"
	DriftRepairFailed = "Trail Drift Repair Failed"
)

// Notice is the detail of a published event.
type Notice struct {
	DetailType string  `json:"-"`
	Trail      string  `json:"trail"` // ARN; the name when the trail is gone
	Name       string  `json:"name"`
	Region     string  `json:"region"`
	Fields     []Drift `json:"fields"`
	Cause      *Cause  `json:"cause,omitempty"`
	// Since is when the drift began, if that is known.
	Since *time.Time `json:"since,omitempty"`
	// Time is when it was repaired, found, or the repair failed.
	Time time.Time `json:"time"`
	// LastedSeconds is from Since to Time.
	LastedSeconds *float64 `json:"lastedSeconds,omitempty"`
	Errors        []string `json:"errors,omitempty"`
}

// Cause is the API call that a drift is put down to.
type Cause struct {
	EventID   string    `json:"eventID"`
	EventName string    `json:"eventName"`
	Principal string    `json:"userIdentityArn"`
	SourceIP  string    `json:"sourceIPAddress"`
	UserAgent string    `json:"userAgent,omitempty"`
	Time      time.Time `json:"eventTime"`
	// Role is the ARN of the role whose session the principal is.
	Role string `json:"roleArn,omitempty"`
}
