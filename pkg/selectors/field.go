package selectors

import (
	"iter"
	"slices"
)

// field is a field of an event that an advanced selector may look at.
type field uint8

const (
	eventCategory field = iota
	eventSource
	eventName
	eventType
	errorCode
	readOnly
	vpcEndpointID
	userIdentityARN
	sessionCredentialFromConsole
	resourceType
	resourceARN
	numFields
)

// fieldNames gives the fields' names, in the order of the constants.
func fieldNames() [numFields]string {
	return [numFields]string{
		"eventCategory", "eventSource", "eventName", "eventType", "errorCode", "readOnly",
		"vpcEndpointId", "userIdentity.arn", "sessionCredentialFromConsole", "resources.type", "resources.ARN",
	}
}

func (f field) String() string { return fieldNames()[f] }

func fieldNamed(name string) (field, bool) {
	names := fieldNames()
	i := slices.Index(names[:], name)
	return field(max(i, 0)), i >= 0
}

// ofResource says whether the field belongs to a resource of the event.
func (f field) ofResource() bool { return f == resourceType || f == resourceARN }

// fieldSet is a set of fields, one bit each.
type fieldSet uint16

const everyField fieldSet = 1<<numFields - 1

func (s fieldSet) with(f field) fieldSet { return s | 1<<f }
func (s fieldSet) has(f field) bool      { return s&(1<<f) != 0 }

func (s fieldSet) all() iter.Seq[field] {
	return func(yield func(field) bool) {
		for f := range numFields {
			if s.has(f) && !yield(f) {
				return
			}
		}
	}
}
