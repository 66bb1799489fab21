package trails

import (
	"context"
	"regexp"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"

	"github.com/trailhand/trailhand/internal/cloud/wire"
)

const (
	maxPoints     = 21600
	defaultPeriod = 3600 // seconds
	maxErrorCode  = 128
)

// An InsightsQuery asks for a trail's Insight events, newest first.
type InsightsQuery struct {
	TrailARN  string
	Dimension string    // EventId, EventName or EventSource; empty: all events
	Value     string    // of the dimension
	From, To  time.Time // both included
	After     string    // where an earlier page ended; empty: the first page
	Limit     int
}

// A MetricQuery asks for the rate that an analysis sees.
type MetricQuery struct {
	AccountID   string
	Region      string
	TrailARN    string // of data events; empty: of management events
	EventSource string
	EventName   string
	InsightType string // ApiCallRateInsight or ApiErrorRateInsight
	ErrorCode   string // of an error rate
	From, To    time.Time
	Period      time.Duration // of one point: a minute, five or sixty
}

// A Point is a rate over one period.
type Point struct {
	Time  time.Time // the period's start
	Value float64
}

// Insights keeps what the analyses of trails found and saw.
type Insights interface {
	// Events gives Insight records, and where the page ended; "" if nothing follows.
	Events(ctx context.Context, q InsightsQuery) (records [][]byte, next string, err error)
	// Metric gives the points from q.From, included, to q.To, excluded, in
	// order; without those that are zero.
	Metric(ctx context.Context, q MetricQuery) ([]Point, error)
}

func invalidParameter(format string, args ...any) *wire.Fault {
	return fault("InvalidParameter", format, args...)
}

func (ts *Trails) listInsightsData(ctx context.Context, c wire.Caller, in *cloudtrail.ListInsightsDataInput) (*cloudtrail.ListInsightsDataOutput, error) {
	q, f := ts.insightsQuery(c, in)
	if f != nil {
		return nil, f
	}
	asked := question("ListInsightsData", q.TrailARN, q.Dimension, q.Value, in.StartTime, in.EndTime)
	if in.NextToken != nil {
		after, ok := asked.resume(*in.NextToken)
		if !ok {
			return nil, invalidParameter("The NextToken is not valid.")
		}
		q.After = after
	}
	records, next, err := ts.cfg.Insights.Events(ctx, q)
	if err != nil {
		return nil, err
	}
	found, err := eventsOf(records)
	if err != nil {
		return nil, err
	}
	return &cloudtrail.ListInsightsDataOutput{Events: found, NextToken: asked.token(next)}, nil
}

func (ts *Trails) insightsQuery(c wire.Caller, in *cloudtrail.ListInsightsDataInput) (InsightsQuery, *wire.Fault) {
	q := InsightsQuery{TrailARN: value(in.InsightSource), Limit: int(or(in.MaxResults, maxEvents))}
	q.From, q.To = ts.period(in.StartTime, in.EndTime)
	_, err := ts.find(c, q.TrailARN)
	switch {
	case ts.cfg.Insights == nil:
		return q, fault("UnsupportedOperation", "Insights are not kept.")
	case in.DataType != types.ListInsightsDataTypeInsightsEvents:
		return q, invalidParameter("Value %s for DataType is invalid. Valid values are: InsightsEvents", in.DataType)
	case !isARN(q.TrailARN) || err != nil:
		return q, invalidParameter("InsightSource %s is not the ARN of a trail.", q.TrailARN)
	case q.Limit < 1 || q.Limit > maxEvents:
		return q, invalidParameter("MaxResults must be between 1 and %d.", maxEvents)
	case endsBeforeStart(in.StartTime, in.EndTime):
		return q, invalidParameter("The end time is before the start time.")
	case in.Dimensions != nil && len(in.Dimensions) != 1:
		return q, invalidParameter("One dimension can be specified.")
	}
	for name, v := range in.Dimensions {
		key := types.ListInsightsDataDimensionKey(name)
		if !slices.Contains(key.Values(), key) || v == "" || len(v) > maxValue {
			return q, invalidParameter("The dimension %s with value %q is not valid.", name, v)
		}
		q.Dimension, q.Value = name, v
	}
	return q, nil
}

func (ts *Trails) listInsightsMetricData(ctx context.Context, c wire.Caller, in *cloudtrail.ListInsightsMetricDataInput) (*cloudtrail.ListInsightsMetricDataOutput, error) {
	q, err := ts.metricQuery(c, in)
	if err != nil {
		return nil, err
	}
	asked := question("ListInsightsMetricData", q.AccountID, q.Region, q.TrailARN, q.EventSource, q.EventName, q.InsightType, q.ErrorCode, in.StartTime, in.EndTime, q.Period, in.DataType)
	if in.NextToken != nil {
		after, ok := asked.resume(*in.NextToken)
		ms, err := strconv.ParseInt(after, 10, 64)
		if !ok || err != nil {
			return nil, invalidParameter("The NextToken is not valid.")
		}
		q.From = time.UnixMilli(ms)
	}
	points, err := ts.cfg.Insights.Metric(ctx, q)
	if err != nil {
		return nil, err
	}
	if in.DataType == types.InsightsMetricDataTypeFillWithZeros {
		points = filled(points, q)
	}
	out := &cloudtrail.ListInsightsMetricDataOutput{
		ErrorCode: in.ErrorCode, EventName: in.EventName, EventSource: in.EventSource, InsightType: in.InsightType,
		TrailARN: given(q.TrailARN), Timestamps: []time.Time{}, Values: []float64{},
	}
	limit := int(or(in.MaxResults, maxPoints))
	if len(points) > limit {
		out.NextToken = asked.token(strconv.FormatInt(points[limit].Time.UnixMilli(), 10))
		points = points[:limit]
	}
	for _, p := range points {
		out.Timestamps, out.Values = append(out.Timestamps, p.Time), append(out.Values, p.Value)
	}
	return out, nil
}

func (ts *Trails) metricQuery(c wire.Caller, in *cloudtrail.ListInsightsMetricDataInput) (MetricQuery, error) {
	q := MetricQuery{
		AccountID: ts.account(c), Region: c.Region, EventSource: value(in.EventSource), EventName: value(in.EventName),
		InsightType: string(in.InsightType), ErrorCode: value(in.ErrorCode),
		Period: time.Duration(or(in.Period, defaultPeriod)) * time.Second,
	}
	q.From, q.To = ts.period(in.StartTime, in.EndTime)
	if ts.cfg.Insights == nil {
		return q, fault("UnsupportedOperation", "Insights are not kept.")
	}
	if f := checkMetric(q, in); f != nil {
		return q, f
	}
	if in.TrailName == nil {
		return q, nil
	}
	t, err := ts.find(c, *in.TrailName)
	switch {
	case err != nil && checkReference(*in.TrailName) != nil && !isARN(*in.TrailName):
		return q, err
	case err != nil:
		return q, invalidParameter("Unknown trail: %s for the user: %s", *in.TrailName, q.AccountID)
	}
	q.TrailARN = t.ARN
	return q, nil
}

func checkMetric(q MetricQuery, in *cloudtrail.ListInsightsMetricDataInput) *wire.Fault {
	limit := or(in.MaxResults, maxPoints)
	errorRate := in.InsightType == types.InsightTypeApiErrorRateInsight
	switch {
	case len(q.EventName) > 128 || !regexp.MustCompile(`^[A-Za-z0-9_]+$`).MatchString(q.EventName):
		return invalidParameter("EventName %q is not valid.", q.EventName)
	case len(q.EventSource) > 256 || !regexp.MustCompile(`^[a-z0-9_-]+\.amazonaws\.com$`).MatchString(q.EventSource):
		return invalidParameter("EventSource %q is not valid.", q.EventSource)
	case !slices.Contains(in.InsightType.Values(), in.InsightType):
		return invalidParameter("Value %s for InsightType is invalid. Valid values are: ApiCallRateInsight, ApiErrorRateInsight", in.InsightType)
	case errorRate != (q.ErrorCode != "") || len(q.ErrorCode) > maxErrorCode:
		return invalidParameter("ErrorCode must be specified for ApiErrorRateInsight, and only there.")
	case in.DataType != "" && !slices.Contains(in.DataType.Values(), in.DataType):
		return invalidParameter("Value %s for DataType is invalid. Valid values are: FillWithZeros, NonZeroData", in.DataType)
	case !slices.Contains([]time.Duration{time.Minute, 5 * time.Minute, time.Hour}, q.Period):
		return invalidParameter("Period must be 60, 300 or 3600.")
	case limit < 1 || limit > maxPoints:
		return invalidParameter("MaxResults must be between 1 and %d.", maxPoints)
	case endsBeforeStart(in.StartTime, in.EndTime):
		return invalidParameter("The end time is before the start time.")
	}
	return nil
}

// filled gives the points of every period, zero where nothing happened.
func filled(points []Point, q MetricQuery) []Point {
	from := q.From.Truncate(q.Period)
	if from.Before(q.From) {
		from = from.Add(q.Period)
	}
	var out []Point
	for at := from; at.Before(q.To); at = at.Add(q.Period) {
		p := Point{Time: at}
		if len(points) > 0 && points[0].Time.Equal(at) {
			p, points = points[0], points[1:]
		}
		out = append(out, p)
	}
	return out
}
