// Package emf puts metrics into a log line, in CloudWatch's embedded metric
// format: CloudWatch reads them out of the line, and no call is made.
//
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
package emf

import (
	"log/slog"
	"time"
)

// Namespace is that of all metrics of Trailhand. Their one dimension is Function.
const Namespace = "Trailhand"

// Metric is one value. Unit is CloudWatch's: Count, Bytes, Milliseconds.
type Metric struct {
	Name  string
	Unit  string
	Value float64
}

// Count is a Metric in Count.
func Count(name string, n int) Metric { return Metric{Name: name, Unit: "Count", Value: float64(n)} }

// Attr gives metrics of a function as attributes of a log line.
func Attr(at time.Time, function string, metrics ...Metric) slog.Attr {
	type definition struct{ Name, Unit string }
	type directive struct {
		Namespace  string
		Dimensions [][]string
		Metrics    []definition
	}
	type metadata struct {
		Timestamp         int64
		CloudWatchMetrics []directive
	}
	d := directive{Namespace: Namespace, Dimensions: [][]string{{"Function"}}}
	attrs := []any{slog.String("Function", function)}
	for _, m := range metrics {
		d.Metrics = append(d.Metrics, definition{m.Name, m.Unit})
		attrs = append(attrs, slog.Float64(m.Name, m.Value))
	}
	attrs = append(attrs, slog.Any("_aws", metadata{at.UnixMilli(), []directive{d}}))
	return slog.Group("", attrs...)
}
