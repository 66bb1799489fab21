package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/trailhand/trailhand/internal/replay"
	pages "github.com/trailhand/trailhand/internal/report"
	"github.com/trailhand/trailhand/pkg/insights"
)

const (
	maxCharts  = 40
	maxLevels  = 240 // over the whole time of a chart
	closeUp    = 30 * time.Minute
	maxRecords = 20 // printed under a chart
)

// drawInsights writes the report: a chart for each rate that has an insight.
func drawInsights(ctx context.Context, path string, log *replay.Log, run replay.Run, told []insights.Transition) error {
	page := pages.Page{Title: "Unusual call rates", Made: time.Now()}
	var keys []chartKey
	starts := 0
	for _, t := range told {
		if t.Phase == insights.Start {
			starts++
		}
		if k := (chartKey{replay.Place{AccountID: t.AccountID, Region: t.Region}, t.Key}); !slices.Contains(keys, k) {
			keys = append(keys, k)
		}
	}
	page.Lead = fmt.Sprintf("%d insights of %d rates in %d accounts and Regions, up to %s. The threshold is the number of calls in a minute that would have started an insight, found by asking the detector.",
		starts, len(keys), len(log.Places()), log.End().Format("2006-01-02 15:04 MST"))
	if len(keys) > maxCharts {
		page.Lead += fmt.Sprintf(" The first %d rates are drawn.", maxCharts)
	}
	var err error
	if page.Charts, err = insightCharts(ctx, log, run, keys, told); err != nil {
		return err
	}
	return writeReport(path, page)
}

func writeReport(path string, page pages.Page) error {
	f, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("--report: %w", err)
	}
	return errors.Join(pages.Write(f, page), f.Close())
}

// chartKey is one rate of one account and Region.
type chartKey struct {
	replay.Place
	insights.Key
}

// insightCharts draws the first rates, several at once.
func insightCharts(ctx context.Context, log *replay.Log, run replay.Run, keys []chartKey, told []insights.Transition) ([]pages.Chart, error) {
	keys = keys[:min(len(keys), maxCharts)]
	charts := make([]pages.Chart, len(keys))
	log.Sort()
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, k := range keys {
		group.Go(func() (err error) {
			charts[i], err = insightChart(ctx, log, run, k, told)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, fmt.Errorf("--report: %w", err)
	}
	return charts, nil
}

// insightChart draws one rate with its insights.
func insightChart(ctx context.Context, log *replay.Log, run replay.Run, k chartKey, told []insights.Transition) (pages.Chart, error) {
	s := log.Series(k.Place, replay.RateOf(k.Key), run.Config)
	c := pages.Chart{
		Title: k.EventName, Subtitle: fmt.Sprintf("%s · %s · %s %s", k.Type, k.EventSource, k.AccountID, k.Region),
		From: s.From, PerMinute: s.PerMinute,
	}
	if k.ErrorCode != "" {
		c.Title += " failing with " + k.ErrorCode
	}
	var at []time.Time
	for _, t := range told {
		if t.AccountID != k.AccountID || t.Region != k.Region || t.Key != k.Key {
			continue
		}
		c.Incidents = withTransition(c.Incidents, t)
		if len(c.Records) < maxRecords {
			c.Records = append(c.Records, t.Record())
		}
		at = append(at, t.Time.Add(-closeUp), t.Time)
	}
	levels, err := s.Levels(ctx, run.Config, s.Times(maxLevels, at))
	for _, l := range levels {
		c.Levels = append(c.Levels, pages.Level{At: l.At, Expected: l.Expected, Threshold: float64(l.Calls)})
	}
	return c, err
}

// withTransition adds a Start, or the End to its Start.
func withTransition(all []pages.Incident, t insights.Transition) []pages.Incident {
	if t.Phase == insights.Start {
		return append(all, pages.Incident{
			Start: t.Time, Baseline: t.Statistics.BaselineAverage, Insight: t.Statistics.InsightAverage, Reason: replay.Because(t.Reason),
		})
	}
	if n := len(all); n > 0 && all[n-1].End.IsZero() {
		all[n-1].End, all[n-1].Insight = t.Time, t.Statistics.InsightAverage
	}
	return all
}
