package logs

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/trailhand/trailhand/pkg/events"
)

// Path names a value in a record: keys with dots between them, as in
// userIdentity.sessionContext.sessionIssuer.arn. Keys match exactly.
type Path struct {
	name  string
	keys  []string
	field events.Field
	fast  bool // field is what keys name
}

// ParsePaths reads names with commas between them.
func ParsePaths(list string) ([]Path, error) {
	var paths []Path
	for name := range strings.SplitSeq(list, ",") {
		name = strings.TrimSpace(name)
		if slices.Contains(strings.Split(name, "."), "") {
			return nil, fmt.Errorf("%q is no path of a field, such as eventName or userIdentity.arn", name)
		}
		paths = append(paths, newPath(name))
	}
	return paths, nil
}

func newPath(name string) Path {
	field, fast := fieldOf(name)
	return Path{name: name, keys: strings.Split(name, "."), field: field, fast: fast}
}

// fieldOf gives the field that was found when the record was scanned.
func fieldOf(name string) (events.Field, bool) {
	f, known := map[string]events.Field{
		"eventTime": events.EventTime, "eventSource": events.EventSource, "eventName": events.EventName,
		"awsRegion": events.AWSRegion, "errorCode": events.ErrorCode, "eventCategory": events.EventCategory,
		"eventType": events.EventType, "managementEvent": events.ManagementEvent, "readOnly": events.ReadOnly,
		"recipientAccountId": events.RecipientAccountID, "eventID": events.EventID, "sharedEventID": events.SharedEventID,
		"userIdentity.type": events.UserIdentityType, "userIdentity.arn": events.UserIdentityARN,
		"userIdentity.accountId": events.UserIdentityAccountID, "userIdentity.invokedBy": events.UserIdentityInvokedBy,
		"userAgent": events.UserAgent, "sourceIPAddress": events.SourceIPAddress,
		"vpcEndpointId": events.VPCEndpointID,
	}[name]
	return f, known
}

// Text gives the value for people: the text of a string, other values as they
// are written, nothing for what is absent or null.
func (p Path) Text(r *events.Record) string {
	if p.fast {
		if text := r.Text(p.field); text != nil {
			return string(text)
		}
	}
	raw := p.JSON(r)
	var text string
	if len(raw) == 0 || string(raw) == "null" {
		return ""
	}
	if raw[0] == '"' && json.Unmarshal(raw, &text) == nil {
		return text
	}
	return string(raw)
}

// JSON gives the value as it is written; nil if it is absent.
func (p Path) JSON(r *events.Record) json.RawMessage {
	value := json.RawMessage(r.Raw())
	for _, key := range p.keys {
		var members map[string]json.RawMessage // not a struct: its names would match in any case
		if json.Unmarshal(value, &members) != nil {
			return nil
		}
		value = members[key]
	}
	return value
}
