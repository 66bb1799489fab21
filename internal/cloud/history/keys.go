package history

import (
	"errors"
	"hash/fnv"
	"io"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"

	"github.com/trailhand/trailhand/internal/cloud/trails"
	"github.com/trailhand/trailhand/pkg/events"
)

// key stands for an attribute's value among the events of one account, Region
// and kind. 64 bits tell a million events apart.
type key uint64

// scope is what a lookup never looks beyond.
type scope struct {
	account, region string
	insight         bool
}

// key gives the key of an attribute's value; "" is all events of the scope.
func (s scope) key(attribute, value string) key {
	kind := "management"
	if s.insight {
		kind = "insight"
	}
	sum := fnv.New64a()
	for _, part := range []string{s.account, s.region, kind, attribute, value} {
		_, _ = io.WriteString(sum, part) // a hash takes everything
		_, _ = sum.Write([]byte{0})
	}
	return key(sum.Sum64())
}

func keyOf(l trails.Lookup) key {
	return scope{l.AccountID, l.Region, l.Insight}.key(l.Attribute, l.Value)
}

func scopeOf(r *events.Record) scope {
	return scope{r.String(events.RecipientAccountID), r.String(events.AWSRegion), r.Category() == events.Insight}
}

// idOf gives the key of a record's eventID.
func idOf(r *events.Record) key { return scopeOf(r).key("EventId", r.String(events.EventID)) }

var errNoID = errors.New("a record without an eventID")

// keysOf gives a record's time in Unix seconds, and the keys by which it is
// found. The first is that of its eventID.
func keysOf(r *events.Record) (at int64, keys []key, err error) {
	e, err := trails.EventOf(r.Raw())
	if err != nil {
		return 0, nil, err
	}
	if value(e.EventId) == "" {
		return 0, nil, errNoID
	}
	s := scopeOf(r)
	keys = []key{idOf(r), s.key("", "")}
	add := func(attribute types.LookupAttributeKey, v *string) {
		if k := s.key(string(attribute), value(v)); value(v) != "" && !slices.Contains(keys, k) {
			keys = append(keys, k)
		}
	}
	add(types.LookupAttributeKeyEventName, e.EventName)
	add(types.LookupAttributeKeyEventSource, e.EventSource)
	add(types.LookupAttributeKeyReadOnly, e.ReadOnly)
	add(types.LookupAttributeKeyUsername, e.Username)
	add(types.LookupAttributeKeyAccessKeyId, e.AccessKeyId)
	for _, res := range e.Resources {
		add(types.LookupAttributeKeyResourceName, res.ResourceName)
		add(types.LookupAttributeKeyResourceType, res.ResourceType)
	}
	return e.EventTime.Unix(), keys, nil
}

func value(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
