package trails

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"

	"github.com/trailhand/trailhand/pkg/events"
)

// EventOf gives a CloudTrail record as LookupEvents shows it. Its fields are
// the attributes by which LookupEvents finds it.
func EventOf(record []byte) (types.Event, error) {
	r, err := events.Parse(record)
	if err != nil {
		return types.Event{}, err
	}
	at, err := r.Time()
	if err != nil {
		return types.Event{}, err
	}
	at = at.Truncate(time.Second)
	name, source := aboutOf(&r)
	naming := namings(source)
	wanted := []string{"userIdentity"} // the second member of a record
	if len(naming) > 0 {
		wanted = append(wanted, "requestParameters", "responseElements")
	}
	members, err := membersOf(r.Raw(), wanted...)
	if err != nil {
		return types.Event{}, err
	}
	who, err := userOf(&r, members["userIdentity"])
	if err != nil {
		return types.Event{}, err
	}
	whole := string(r.Raw())
	return types.Event{
		AccessKeyId:     given(who.AccessKeyID),
		CloudTrailEvent: &whole,
		EventId:         given(r.String(events.EventID)),
		EventName:       given(name),
		EventSource:     given(source),
		EventTime:       &at,
		ReadOnly:        given(r.String(events.ReadOnly)),
		Resources:       resourcesOf(&r, naming, members),
		Username:        given(who.name()),
	}, nil
}

// aboutOf gives the call that an event tells of. An Insight event has it in
// its details.
func aboutOf(r *events.Record) (name, source string) {
	if r.Category() != events.Insight {
		return r.String(events.EventName), r.String(events.EventSource)
	}
	var details map[string]json.RawMessage
	_ = json.Unmarshal(r.Text(events.InsightDetails), &details) // what is no object says nothing
	return textOf(details["eventName"]), textOf(details["eventSource"])
}

// textOf gives a text; what is no string counts as absent.
func textOf(raw json.RawMessage) (s string) {
	_ = json.Unmarshal(raw, &s)
	return s
}

// user is what LookupEvents needs of a userIdentity.
type user struct {
	Type, UserName, ARN, AccessKeyID, InvokedBy string
}

func userOf(r *events.Record, raw json.RawMessage) (user, error) {
	var identity map[string]json.RawMessage
	if raw != nil && json.Unmarshal(raw, &identity) != nil {
		return user{}, errors.New("reading userIdentity: it is not an object")
	}
	return user{
		Type: r.String(events.UserIdentityType), ARN: r.String(events.UserIdentityARN), InvokedBy: r.String(events.UserIdentityInvokedBy),
		UserName: textOf(identity["userName"]), AccessKeyID: textOf(identity["accessKeyId"]),
	}, nil
}

// membersOf gives those members of a record that are named, and reads no
// further than the last of them.
func membersOf(record []byte, names ...string) (map[string]json.RawMessage, error) {
	found := map[string]json.RawMessage{}
	dec := json.NewDecoder(bytes.NewReader(record))
	_, err := dec.Token()
	for err == nil && dec.More() && len(found) < len(names) {
		var name json.Token
		var value json.RawMessage
		if name, err = dec.Token(); err == nil {
			err = dec.Decode(&value)
		}
		if text, _ := name.(string); slices.Contains(names, text) {
			found[text] = value
		}
	}
	if err != nil {
		return nil, fmt.Errorf("reading a record: %w", err)
	}
	return found, nil
}

// name is who LookupEvents says it was: the user's name, a role's session, or
// the service that acted.
func (u user) name() string {
	switch {
	case u.UserName != "":
		return u.UserName
	case u.Type == "Root":
		return "root"
	case u.ARN != "":
		return u.ARN[strings.LastIndexByte(u.ARN, '/')+1:]
	}
	return u.InvokedBy
}

func eventsOf(records [][]byte) ([]types.Event, error) {
	out := []types.Event{}
	for _, record := range records {
		e, err := EventOf(record)
		if err != nil {
			return nil, fmt.Errorf("reading the event history: %w", err)
		}
		out = append(out, e)
	}
	return out, nil
}
