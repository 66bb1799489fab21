package trail

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/trailhand/trailhand/pkg/events"
)

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
	// hold is the value that the call gave to HoldTag.
	hold string
	// account is that of the trail that the call named.
	account string
}

// Concern tells which trail an EventBridge event may have changed, and by what
// call. It is false for calls that failed, calls that change no trail, other
// services, and other kinds of events. The error is for an event that cannot be
// read.
//
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
func Concern(e events.Envelope) (Ref, Cause, bool, error) {
	if e.Source != "aws.cloudtrail" || e.DetailType != "AWS API Call via CloudTrail" {
		return Ref{}, Cause{}, false, nil
	}
	call, err := readObject(e.Detail)
	if err != nil {
		return Ref{}, Cause{}, false, fmt.Errorf("event %s: detail: %w", e.ID, err)
	}
	name := call.text("eventName")
	parameter := trailParameter(name)
	if parameter == "" || call.text("eventSource") != "cloudtrail.amazonaws.com" || call.text("errorCode") != "" {
		return Ref{}, Cause{}, false, nil
	}
	request := call.object("requestParameters")
	ref := Ref{Region: call.text("awsRegion"), Trail: request.text(parameter)}
	cause := causeOf(call, request)
	cause.account = cmp.Or(call.text("recipientAccountId"), e.Account)
	if ref.Trail == "" {
		return Ref{}, Cause{}, false, fmt.Errorf("event %s: %s without requestParameters.%s", e.ID, name, parameter)
	}
	if arn, ok := parseARN(ref.Trail); ok {
		if arn.resource == "" { // an event data store or a channel, which has tags too
			return Ref{}, Cause{}, false, nil
		}
		ref.Region, cause.account = arn.region, arn.account
	}
	return ref, cause, true, nil
}

// trailParameter names the request parameter that holds the trail's name or ARN;
// "" for calls that change no trail.
func trailParameter(eventName string) string {
	switch Operation(eventName) {
	case CreateTrail, UpdateTrail, DeleteTrail, StartLogging, StopLogging:
		return "name"
	case PutEventSelectors, PutInsightSelectors, PutEventConfiguration:
		return "trailName"
	case AddTags, RemoveTags:
		return "resourceId"
	}
	return ""
}

func causeOf(call, request object) Cause {
	identity := call.object("userIdentity")
	at, _ := time.Parse(time.RFC3339, call.text("eventTime"))
	return Cause{
		EventID:   call.text("eventID"),
		EventName: call.text("eventName"),
		Principal: identity.text("arn"),
		Role:      identity.object("sessionContext").object("sessionIssuer").text("arn"),
		SourceIP:  call.text("sourceIPAddress"),
		UserAgent: call.text("userAgent"),
		Time:      at,
		hold:      holdIn(request),
	}
}

// holdIn gives the value that a call's tagsList gives to HoldTag.
func holdIn(request object) string {
	var tags []object
	_ = json.Unmarshal(request["tagsList"], &tags) // unreadable tags hold nothing
	for _, t := range tags {
		if t.text("key") == HoldTag {
			return t.text("value")
		}
	}
	return ""
}

// canCause tells whether a call can have made a field drift, so that nobody is
// blamed for what another did in the same moment.
func (c *Cause) canCause(f Field) bool {
	switch f {
	case Exists:
		return c.EventName == string(DeleteTrail)
	case IsLogging:
		return c.is(StopLogging, StartLogging, CreateTrail)
	case EventSelectors, AdvancedEventSelectors:
		return c.is(PutEventSelectors, CreateTrail)
	case InsightSelectors:
		return c.is(PutInsightSelectors, CreateTrail)
	case AggregationConfigurations:
		return c.is(PutEventConfiguration, CreateTrail)
	case Tags:
		return c.is(AddTags, RemoveTags, CreateTrail)
	}
	return c.is(UpdateTrail, CreateTrail)
}

// elsewhere tells whether the call was about a trail of another account than home:
// a member of an organization may have one of the same name.
func (c *Cause) elsewhere(home string) bool {
	return home != "" && c.account != "" && c.account != home
}

func (c *Cause) is(operations ...Operation) bool {
	for _, o := range operations {
		if c.EventName == string(o) {
			return true
		}
	}
	return false
}

// object is a JSON object whose names match exactly; encoding/json would take
// "EVENTNAME" for a field eventName, which an attacker could use.
type object map[string]json.RawMessage

func readObject(raw json.RawMessage) (object, error) {
	var o object
	err := json.Unmarshal(raw, &o)
	return o, err
}

func (o object) text(name string) string {
	var s string
	_ = json.Unmarshal(o[name], &s) // a value of another type is no text
	return s
}

func (o object) object(name string) object {
	inner, _ := readObject(o[name]) // nor an object
	return inner
}

// arn is what a reconciler needs of a trail's ARN.
type arn struct {
	region, account string
	resource        string // the trail's name; empty for anything but a trail
}

func parseARN(s string) (arn, bool) {
	parts := strings.SplitN(s, ":", 6)
	if len(parts) != 6 || parts[0] != "arn" {
		return arn{}, false
	}
	a := arn{region: parts[3], account: parts[4]}
	if name, ok := strings.CutPrefix(parts[5], "trail/"); ok && parts[2] == "cloudtrail" {
		a.resource = name
	}
	return a, true
}

// AccountOf gives the account in an ARN; "" if there is none.
func AccountOf(s string) string {
	a, _ := parseARN(s)
	return a.account
}
