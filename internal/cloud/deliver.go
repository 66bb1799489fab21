package cloud

import (
	"context"
	"time"
)

// Deliver puts every waiting record into its trail's bucket, now.
func (c *Cloud) Deliver(ctx context.Context) error { return c.files.Flush(ctx) }

// every does something in the background until Close; never, if interval is 0.
func (c *Cloud) every(interval time.Duration, do func(context.Context) error) {
	if interval <= 0 {
		return
	}
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		select {
		case <-c.life.Done():
			return
		case <-tick.C:
		}
		if err := do(c.life); err != nil && c.life.Err() == nil {
			c.cfg.Log.Warn("in the background", "error", err)
		}
	}
}
