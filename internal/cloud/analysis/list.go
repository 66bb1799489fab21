package analysis

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/trailhand/trailhand/internal/cloud/trails"
	"github.com/trailhand/trailhand/pkg/events"
	"github.com/trailhand/trailhand/pkg/insights"
)

// Events implements trails.Insights. A page ends with the number of an event
// among the trail's.
func (a *Analysis) Events(_ context.Context, q trails.InsightsQuery) (records [][]byte, next string, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	t, known := a.trails[q.TrailARN]
	if !known {
		return nil, "", nil
	}
	from := len(t.events)
	if q.After != "" {
		if from, err = strconv.Atoi(q.After); err != nil || from > len(t.events) {
			return nil, "", fmt.Errorf("insights: %q is no place to go on from", q.After)
		}
	}
	last := 0
	for i := from - 1; i >= 0; i-- {
		if !matches(t.events[i], q) {
			continue
		}
		if len(records) == q.Limit {
			return records, strconv.Itoa(last), nil
		}
		records, last = append(records, t.events[i]), i
	}
	return records, "", nil
}

// matches holds an Insight record against a query's time and dimension.
func matches(record []byte, q trails.InsightsQuery) bool {
	r, err := events.Parse(record)
	if err != nil {
		return false
	}
	at, err := r.Time()
	if err != nil || at.Before(q.From) || at.After(q.To) {
		return false
	}
	var details map[string]json.RawMessage
	_ = json.Unmarshal(r.Text(events.InsightDetails), &details) // without details nothing matches
	switch q.Dimension {
	case "":
		return true
	case "EventId":
		return r.String(events.EventID) == q.Value
	case "EventName":
		return string(details["eventName"]) == strconv.Quote(q.Value)
	}
	return string(details["eventSource"]) == strconv.Quote(q.Value)
}

// Metric implements trails.Insights. A point is calls a minute.
func (a *Analysis) Metric(_ context.Context, q trails.MetricQuery) ([]trails.Point, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	k := rateKey{q.AccountID, q.Region, insights.Management, q.EventSource, q.EventName, q.ErrorCode}
	if q.TrailARN != "" {
		k.category = insights.Data
	}
	for _, t := range a.sorted() {
		if points := t.rates.points[k]; points != nil && (q.TrailARN == "" || q.TrailARN == t.TrailARN) {
			return averaged(points, q), nil
		}
	}
	return nil, nil
}

// averaged gives the calls a minute of each period that had some.
func averaged(minutes []minute, q trails.MetricQuery) []trails.Point {
	var points []trails.Point
	for _, m := range minutes {
		at := time.Unix(int64(m.at)*60, 0).UTC().Truncate(q.Period)
		if at.Before(q.From) || !at.Before(q.To) {
			continue
		}
		if last := len(points) - 1; last < 0 || !points[last].Time.Equal(at) {
			points = append(points, trails.Point{Time: at})
		}
		points[len(points)-1].Value += float64(m.calls) / q.Period.Minutes()
	}
	return points
}
