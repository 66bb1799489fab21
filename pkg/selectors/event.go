package selectors

import "github.com/trailhand/trailhand/pkg/events"

// Event is what selectors look at in one record.
type Event struct {
	Category                     events.Category
	EventSource                  string
	EventName                    string
	EventType                    string
	ErrorCode                    string
	VPCEndpointID                string
	UserIdentityARN              string
	SessionCredentialFromConsole string // "true", or empty
	ReadOnly                     bool
	Resources                    []Resource
}

// Resource is one element of a record's resources.
type Resource struct{ Type, ARN string }

// EventOf gives what selectors look at in a record. The strings are copies. A
// record without readOnly counts as a write.
func EventOf(r *events.Record) Event { return eventOf(r, r.Category(), everyField) }

// eventOf copies only the wanted fields out of the record.
func eventOf(r *events.Record, category events.Category, wanted fieldSet) Event {
	e := Event{Category: category}
	for f := range wanted.all() {
		switch f {
		case readOnly:
			e.ReadOnly = string(r.Text(events.ReadOnly)) == "true"
		case resourceType, resourceARN:
			if e.Resources == nil {
				e.Resources = resourcesOf(r)
			}
		default:
			if from, to := e.textField(f); to != nil {
				*to = r.String(from)
			}
		}
	}
	return e
}

func resourcesOf(r *events.Record) []Resource {
	resources := make([]Resource, 0, 2)
	r.EachResource(func(typ, arn []byte) bool {
		resources = append(resources, Resource{Type: string(typ), ARN: string(arn)})
		return true
	})
	return resources
}

// textField pairs a field that is a text with its place in the record and in
// the Event; nil for the other fields.
func (e *Event) textField(f field) (events.Field, *string) {
	switch f {
	case eventSource:
		return events.EventSource, &e.EventSource
	case eventName:
		return events.EventName, &e.EventName
	case eventType:
		return events.EventType, &e.EventType
	case errorCode:
		return events.ErrorCode, &e.ErrorCode
	case vpcEndpointID:
		return events.VPCEndpointID, &e.VPCEndpointID
	case userIdentityARN:
		return events.UserIdentityARN, &e.UserIdentityARN
	case sessionCredentialFromConsole:
		return events.SessionCredentialFromConsole, &e.SessionCredentialFromConsole
	}
	return 0, nil
}

// text gives the value of a field that an event has once, as selectors spell
// it; empty if the event does not have it.
func (e *Event) text(f field) string {
	switch f {
	case eventCategory:
		return e.Category.String()
	case readOnly:
		if e.ReadOnly {
			return "true"
		}
		return "false"
	}
	if _, at := e.textField(f); at != nil {
		return *at
	}
	return ""
}

func (r Resource) text(f field) string {
	if f == resourceType {
		return r.Type
	}
	return r.ARN
}
