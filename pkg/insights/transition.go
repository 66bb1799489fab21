package insights

import (
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// Phase is CloudTrail's insightDetails.state.
type Phase string

// An insight Starts once and Ends once.
const (
	Start Phase = "Start"
	End   Phase = "End"
)

// Direction tells a rise from a fall.
type Direction string

// Spike is a rate above what was expected, Drop one that fell silent.
const (
	Spike Direction = "spike"
	Drop  Direction = "drop"
)

// Transition is the Start or the End of one insight. Record gives it as CloudTrail writes it.
type Transition struct {
	AccountID     string        `json:"accountId"`
	Region        string        `json:"awsRegion"`
	Key           Key           `json:"key"`
	Phase         Phase         `json:"state"`
	Time          time.Time     `json:"eventTime"` // first unusual minute; at End, Start's time + duration
	EventID       string        `json:"eventId"`
	SharedEventID string        `json:"sharedEventId"`
	Statistics    Statistics    `json:"statistics"`
	Attributions  []Attribution `json:"attributions,omitempty"`
	Reason        Reason        `json:"reason"`
}

// Statistics are calls per minute, and minutes.
type Statistics struct {
	BaselineAverage  float64 `json:"baselineAverage"`
	InsightAverage   float64 `json:"insightAverage"`
	InsightDuration  int     `json:"insightDuration"`
	BaselineDuration int     `json:"baselineDuration"`
}

// Attribution is who made the calls, during the insight and before it: at most five each.
type Attribution struct {
	Attribute string  `json:"attribute"` // userIdentityArn, userAgent, errorCode
	Insight   []Share `json:"insight"`
	Baseline  []Share `json:"baseline"`
}

// Share is one value's calls a minute.
type Share struct {
	Value   string  `json:"value"`
	Average float64 `json:"average"`
}

// Reason is why a transition was decided. It travels beside the record, not inside it.
type Reason struct {
	Direction Direction `json:"direction"`
	Decided   time.Time `json:"decided"`   // the minute whose closing decided it
	Window    int       `json:"window"`    // minutes judged
	Calls     int       `json:"calls"`     // calls in the window
	Expected  float64   `json:"expected"`  // calls expected in it
	Evidence  float64   `json:"evidence"`  // nats
	Threshold float64   `json:"threshold"` // nats that were needed
	Rule      string    `json:"rule"`      // what decided it, in a few words
}

func (k Key) compare(l Key) int {
	return cmp.Or(
		strings.Compare(string(k.Type), string(l.Type)), strings.Compare(k.Category, l.Category),
		strings.Compare(k.EventSource, l.EventSource), strings.Compare(k.EventName, l.EventName),
		strings.Compare(k.ErrorCode, l.ErrorCode))
}

// eventUUID is a UUID (version 8, RFC 9562) of an insight's account, Region, key and first
// minute, so that deciding it again gives it the same name; part tells its events apart.
func eventUUID(t Transition, start int32, part string) string {
	name, err := json.Marshal([]any{t.AccountID, t.Region, t.Key, start, part})
	if err != nil { // strings and numbers always encode
		panic(err)
	}
	h := sha256.Sum256(name)
	h[6], h[8] = h[6]&0x0f|0x80, h[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", h[:4], h[4:6], h[6:8], h[8:10], h[10:16])
}
