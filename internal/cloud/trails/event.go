package trails

import (
	"encoding/json"
	"fmt"
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
	who, err := userOf(record)
	if err != nil {
		return types.Event{}, err
	}
	whole := string(r.Raw())
	e := types.Event{
		AccessKeyId:     given(who.AccessKeyID),
		CloudTrailEvent: &whole,
		EventId:         given(r.String(events.EventID)),
		EventName:       given(r.String(events.EventName)),
		EventSource:     given(r.String(events.EventSource)),
		EventTime:       &at,
		ReadOnly:        given(r.String(events.ReadOnly)),
		Resources:       []types.Resource{},
		Username:        given(who.name()),
	}
	r.EachResource(func(typ, arn []byte) bool {
		e.Resources = append(e.Resources, types.Resource{ResourceType: given(string(typ)), ResourceName: given(string(arn))})
		return true
	})
	return e, nil
}

// user is what LookupEvents needs of a userIdentity.
type user struct {
	Type, UserName, ARN, AccessKeyID, InvokedBy string
}

func userOf(record []byte) (user, error) {
	var top, identity map[string]json.RawMessage
	if err := json.Unmarshal(record, &top); err != nil {
		return user{}, fmt.Errorf("reading userIdentity: %w", err)
	}
	if raw, ok := top["userIdentity"]; ok {
		if err := json.Unmarshal(raw, &identity); err != nil {
			return user{}, fmt.Errorf("reading userIdentity: %w", err)
		}
	}
	field := func(name string) (s string) {
		_ = json.Unmarshal(identity[name], &s) // what is no string counts as absent
		return s
	}
	return user{field("type"), field("userName"), field("arn"), field("accessKeyId"), field("invokedBy")}, nil
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
