package trail

import (
	"context"
	"log/slog"
)

// log writes the one line of a run. Through a JSON handler it is also a metric in
// CloudWatch's embedded metric format.
//
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
func (r *run) log(err error) {
	o := &r.out
	at := r.Now()
	attrs := []slog.Attr{
		slog.String("Trail", o.Name), slog.String("region", o.Region), slog.String("desired", r.spec.Source),
		slog.Int("DriftDetected", len(o.Reported)), slog.Int("DriftRepaired", len(o.Repaired)),
		slog.Int("DriftRepairFailed", len(o.Failed)), slog.Int("Calls", len(o.Calls)),
		slog.Any("reported", o.Reported), slog.Any("repaired", o.Repaired), slog.Any("failed", o.Failed),
		slog.Any("_aws", metrics(at.UnixMilli())),
	}
	if !o.Since.IsZero() {
		attrs = append(attrs, slog.Float64("lastedSeconds", at.Sub(o.Since).Seconds()))
	}
	if c := o.Cause; c != nil {
		attrs = append(attrs, slog.Any("cause", c))
	}
	if o.Left != "" {
		attrs = append(attrs, slog.String("left", o.Left))
	}
	if err != nil {
		attrs = append(attrs, slog.String("error", err.Error()))
	}
	level, message := o.summary(err)
	r.Log.LogAttrs(context.Background(), level, message, attrs...)
}

func (o *Outcome) summary(err error) (slog.Level, string) {
	switch {
	case len(o.Failed) > 0 || err != nil:
		return slog.LevelError, "trail could not be put right"
	case len(o.Reported) > 0:
		return slog.LevelWarn, "trail is not as desired"
	case len(o.Repaired) > 0:
		return slog.LevelInfo, "trail was put right"
	case o.Left != "":
		return slog.LevelInfo, "trail was left alone"
	}
	return slog.LevelInfo, "trail is as desired"
}

func metrics(timestamp int64) map[string]any {
	counts := []map[string]string{}
	for _, name := range []string{"DriftDetected", "DriftRepaired", "DriftRepairFailed", "Calls"} {
		counts = append(counts, map[string]string{"Name": name, "Unit": "Count"})
	}
	return map[string]any{
		"Timestamp": timestamp,
		"CloudWatchMetrics": []map[string]any{{
			"Namespace": "Trailhand", "Dimensions": [][]string{{"Trail"}}, "Metrics": counts,
		}},
	}
}
