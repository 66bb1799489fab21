package trails

import (
	"context"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"

	"github.com/trailhand/trailhand/internal/cloud/wire"
)

const (
	historyDays = 90
	maxEvents   = 50 // of one page
	maxValue    = 2000
)

// A Lookup asks for events of an account's history in one Region, newest first.
type Lookup struct {
	AccountID string
	Region    string
	Insight   bool      // Insight events instead of management events
	Attribute string    // such as EventName; empty: all events
	Value     string    // of the attribute
	From, To  time.Time // both included
	After     string    // where an earlier page ended; empty: the first page
	Limit     int
}

// History keeps management and Insight events. It finds their attributes with
// EventOf.
type History interface {
	// Lookup gives CloudTrail records, and where the page ended; "" if nothing follows.
	Lookup(ctx context.Context, l Lookup) (records [][]byte, next string, err error)
}

func (ts *Trails) lookupEvents(ctx context.Context, c wire.Caller, in *cloudtrail.LookupEventsInput) (*cloudtrail.LookupEventsOutput, error) {
	if ts.cfg.History == nil {
		return nil, fault("UnsupportedOperation", "The event history is not kept.")
	}
	if !ts.spend(c) {
		return nil, &wire.Fault{Code: "ThrottlingException", Message: "Rate exceeded"}
	}
	l, f := ts.lookup(c, in)
	if f != nil {
		return nil, f
	}
	asked := question("LookupEvents", l.AccountID, l.Region, in.EventCategory, l.Attribute, l.Value, in.StartTime, in.EndTime)
	if in.NextToken != nil {
		after, ok := asked.resume(*in.NextToken)
		if !ok {
			return nil, fault("InvalidNextToken", "The NextToken is not valid. It must be used with the parameters that it came from.")
		}
		l.After = after
	}
	records, next, err := ts.cfg.History.Lookup(ctx, l)
	if err != nil {
		return nil, err
	}
	found, err := eventsOf(records)
	if err != nil {
		return nil, err
	}
	return &cloudtrail.LookupEventsOutput{Events: found, NextToken: asked.token(next)}, nil
}

// lookup checks what a request asks for.
func (ts *Trails) lookup(c wire.Caller, in *cloudtrail.LookupEventsInput) (Lookup, *wire.Fault) {
	l := Lookup{AccountID: ts.account(c), Region: c.Region, Limit: int(or(in.MaxResults, maxEvents))}
	l.From, l.To = ts.period(in.StartTime, in.EndTime)
	switch {
	case l.Limit < 1 || l.Limit > maxEvents:
		return l, fault("InvalidMaxResults", "MaxResults must be between 1 and %d.", maxEvents)
	case endsBeforeStart(in.StartTime, in.EndTime):
		return l, fault("InvalidTimeRange", "The end time is before the start time.")
	case in.EventCategory != "" && in.EventCategory != types.EventCategoryInsight:
		return l, fault("InvalidEventCategory", "Value %s for EventCategory is invalid. Valid values are: insight", in.EventCategory)
	case len(in.LookupAttributes) > 1:
		return l, fault("InvalidLookupAttributes", "Only one lookup attribute can be specified.")
	}
	l.Insight = in.EventCategory == types.EventCategoryInsight
	for _, a := range in.LookupAttributes {
		l.Attribute, l.Value = string(a.AttributeKey), value(a.AttributeValue)
		if !slices.Contains(a.AttributeKey.Values(), a.AttributeKey) || l.Value == "" || len(l.Value) > maxValue {
			return l, fault("InvalidLookupAttributes", "The lookup attribute %s with value %q is not valid.", l.Attribute, l.Value)
		}
	}
	return l, nil
}

// period gives the time that a request asks for, within the 90 days that are kept.
func (ts *Trails) period(start, end *time.Time) (from, to time.Time) {
	now := ts.cfg.Now()
	from, to = now.AddDate(0, 0, -historyDays), or(end, now)
	if start != nil && start.After(from) {
		from = *start
	}
	return from, to
}

func endsBeforeStart(start, end *time.Time) bool {
	return start != nil && end != nil && end.Before(*start)
}

// A window counts the lookups of one second.
type window struct {
	second int64
	count  int
}

// spend takes one lookup of an account and Region, if there is one left this second.
func (ts *Trails) spend(c wire.Caller) bool {
	if ts.cfg.LookupsPerSecond == 0 {
		return true
	}
	ts.mu.Lock()
	defer ts.mu.Unlock()
	key := ts.account(c) + " " + c.Region
	w := ts.lookups[key]
	if second := ts.cfg.Now().Unix(); w == nil || w.second != second {
		w = &window{second: second}
		ts.lookups[key] = w
	}
	w.count++
	return w.count <= ts.cfg.LookupsPerSecond
}
