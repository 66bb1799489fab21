package analysis

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
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

const (
	keptMinutes = 90 * 24 * 60
	maxMinutes  = 2_000_000 // of all rates of a trail; 16 MB
)

// rates are the calls of each minute that had some, for 90 days; the oldest go
// earlier when there are too many.
type rates struct {
	now    func() time.Time
	points map[rateKey][]minute // in order
	count  int
}

type rateKey struct{ account, region, category, source, name, errorCode string }

type minute struct {
	at    int32 // since the Unix epoch
	calls uint32
}

func newRates(now func() time.Time) rates { return rates{now: now, points: map[rateKey][]minute{}} }

// rateLine is a line of the file of rates.
type rateLine struct {
	Account   string `json:"a"`
	Region    string `json:"r"`
	Category  string `json:"c"`
	Source    string `json:"s"`
	Name      string `json:"n"`
	ErrorCode string `json:"e,omitempty"` // empty: all calls
	Minute    int32  `json:"m"`
	Calls     uint32 `json:"k"`
}

// linesOf gives the rates that a tally is part of: those that are analyzed.
func linesOf(t *insights.Tally) []rateLine {
	line := rateLine{t.AccountID, t.Region, t.Category, t.EventSource, t.EventName, "", int32(t.Minute.Unix() / 60), uint32(t.Count)}
	var lines []rateLine
	if !t.ReadOnly || t.Category == insights.Data {
		lines = append(lines, line)
	}
	if t.ErrorCode != "" {
		line.ErrorCode = t.ErrorCode
		lines = append(lines, line)
	}
	return lines
}

func (r *rates) add(l rateLine) {
	oldest := int32(r.now().Unix()/60) - keptMinutes
	if l.Minute < oldest {
		return
	}
	k := rateKey{l.Account, l.Region, l.Category, l.Source, l.Name, l.ErrorCode}
	points := r.points[k]
	i, there := slices.BinarySearchFunc(points, l.Minute, func(m minute, at int32) int { return int(m.at) - int(at) })
	if there {
		points[i].calls += l.Calls
		return
	}
	r.points[k] = slices.Insert(points, i, minute{l.Minute, l.Calls})
	if r.count++; r.count > maxMinutes {
		r.shrink(oldest)
	}
}

// shrink drops what is too old, and then of each rate the older half.
func (r *rates) shrink(oldest int32) {
	r.count = 0
	for k, points := range r.points {
		points = slices.DeleteFunc(points, func(m minute) bool { return m.at < oldest })
		r.points[k] = slices.Clone(points[len(points)/2:])
		r.count += len(r.points[k])
	}
}
