package cloud

import (
	"context"
	"path/filepath"

	"github.com/trailhand/trailhand/internal/cloud/analysis"
	"github.com/trailhand/trailhand/internal/cloud/logfiles"
	"github.com/trailhand/trailhand/internal/cloud/outbox"
	"github.com/trailhand/trailhand/internal/cloud/trails"
	"github.com/trailhand/trailhand/pkg/delivery"
	"github.com/trailhand/trailhand/pkg/events"
)

// startAnalysis opens the analyses, and the outbox that they write to.
func (c *Cloud) startAnalysis() (err error) {
	if c.outbox, err = outbox.Open(filepath.Join(c.cfg.Dir, "outbox")); err != nil {
		return err
	}
	c.analysis, err = analysis.Open(analysis.Config{
		Dir: filepath.Join(c.cfg.Dir, "insights"), Warmup: c.cfg.InsightWarmup, Publish: c.publishInsight, Now: c.cfg.Now, Log: c.cfg.Log,
	})
	return err
}

// Analyze lets the analyses of trails know the time. They close the minutes
// that no later log file will close.
func (c *Cloud) Analyze(ctx context.Context) error {
	var active []analysis.Source
	for _, account := range c.accounts() {
		for _, t := range c.trails.Logging(account) {
			if s, analyzed := c.analyzed(&t); analyzed {
				active = append(active, s)
			}
		}
	}
	return c.analysis.Tick(ctx, active)
}

// analyzed gives a trail that is logging and has insight selectors.
func (c *Cloud) analyzed(t *trails.Trail) (analysis.Source, bool) {
	status, exists := c.trails.Status(t.ARN)
	return analysis.Source{TrailARN: t.ARN, Started: status.Started, Insights: t.Insights}, exists && status.IsLogging && len(t.Insights) > 0
}

// analyze takes a delivered log file to the analysis of its trail, unless it
// was begun before logging was.
func (c *Cloud) analyze(ctx context.Context, f logfiles.File, gz []byte) error {
	d := f.Destination
	t, exists := c.trails.Trail(d.TrailARN)
	if !exists || d.Kind != events.KeyLog || d.LogGroup {
		return nil
	}
	s, analyzed := c.analyzed(&t)
	if !analyzed || f.Since.Before(s.Started) {
		return nil
	}
	place, _ := events.ParseKey(f.Key) // made by us
	return c.analysis.Add(ctx, s, delivery.File{Bucket: d.Bucket, Key: f.Key, Place: place}, gz)
}

// publishInsight delivers an Insight event of a trail: to the event history,
// its bucket, its log group, and the bus. One that was delivered goes nowhere
// again.
func (c *Cloud) publishInsight(ctx context.Context, trailARN string, record []byte) error {
	t, exists := c.trails.Trail(trailARN)
	if !exists {
		return nil
	}
	rec, err := events.Parse(record)
	if err != nil {
		return err
	}
	w := way{to: destinations(&t, &rec), heard: true}
	first, err := c.intake.Take(&rec, w.to)
	if err == nil && first {
		c.announce(ctx, &rec, w)
	}
	return err
}
