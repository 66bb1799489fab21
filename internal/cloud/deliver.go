package cloud

import (
	"context"
	"time"
)

// Deliver puts every waiting record into its trail's bucket, now.
func (c *Cloud) Deliver(ctx context.Context) error { return c.files.Flush(ctx) }

// deliverEvery delivers in the background until Close.
func (c *Cloud) deliverEvery(ctx context.Context, interval time.Duration) {
	ctx, c.stop = context.WithCancel(context.WithoutCancel(ctx))
	if interval <= 0 {
		return
	}
	c.background.Go(func() {
		tick := time.NewTicker(interval)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			if err := c.files.Flush(ctx); err != nil {
				c.cfg.Log.Warn("delivering log files", "error", err)
			}
		}
	})
}
