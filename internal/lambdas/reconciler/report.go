package reconciler

import (
	"context"
	"log/slog"
	"time"

	"github.com/trailhand/trailhand/internal/lambdas/emf"
	"github.com/trailhand/trailhand/pkg/trail"
)

// report writes the one line about a trail, which is a metric too.
func report(log *slog.Logger, spec trail.Spec, now func() time.Time) func(trail.Outcome, error) {
	return func(o trail.Outcome, err error) {
		at := now()
		attrs := []slog.Attr{
			slog.String("trail", o.Name), slog.String("region", o.Region), slog.String("desired", spec.Source),
			slog.Any("reported", o.Reported), slog.Any("repaired", o.Repaired), slog.Any("failed", o.Failed),
			emf.Attr(at, "reconciler", emf.Count("DriftDetected", len(o.Reported)), emf.Count("DriftRepaired", len(o.Repaired)),
				emf.Count("DriftRepairFailed", len(o.Failed)), emf.Count("RepairSuspended", oneIf(o.Held != "")), emf.Count("Calls", len(o.Calls))),
		}
		if !o.Since.IsZero() {
			attrs = append(attrs, slog.Float64("lastedSeconds", at.Sub(o.Since).Seconds()))
		}
		if o.Cause != nil {
			attrs = append(attrs, slog.Any("cause", o.Cause))
		}
		if o.Left != "" {
			attrs = append(attrs, slog.String("left", o.Left))
		}
		if err != nil {
			attrs = append(attrs, slog.String("error", err.Error()))
		}
		level, message := judge(o, err)
		log.LogAttrs(context.Background(), level, message, attrs...)
	}
}

func oneIf(b bool) int {
	if b {
		return 1
	}
	return 0
}

func judge(o trail.Outcome, err error) (slog.Level, string) {
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
