package cloud

import (
	"context"
	"errors"
	"time"
)

// Close delivers what is waiting and stops. What could not be delivered stays
// in its journal for the next Start in the same folder.
func (c *Cloud) Close(ctx context.Context) error {
	var errs []error
	if c.stop != nil {
		c.stop()
	}
	if c.host != nil {
		errs = append(errs, c.host.Close(ctx))
	}
	if c.buses != nil {
		c.buses.close()
	}
	if c.server != nil {
		c.endRequests(ctx)
	}
	c.background.Wait()
	if c.server != nil { // all rooms are there
		errs = append(errs, c.Deliver(ctx))
	}
	if c.files != nil {
		errs = append(errs, c.files.Close())
	}
	errs = append(errs, c.closeStores())
	if c.server != nil {
		errs = append(errs, c.keep(sqsSource))
		for source := range c.keepers() {
			errs = append(errs, c.keep(source))
		}
	}
	if c.queues != nil {
		errs = append(errs, c.queues.Close())
	}
	if c.buckets != nil {
		errs = append(errs, c.buckets.Close())
	}
	return errors.Join(errs...)
}

// closeStores closes what was opened of the rooms that write to disk at once.
func (c *Cloud) closeStores() error {
	var errs []error
	if c.history != nil {
		errs = append(errs, c.history.Close())
	}
	if c.analysis != nil {
		errs = append(errs, c.analysis.Close())
	}
	if c.outbox != nil {
		errs = append(errs, c.outbox.Close())
	}
	return errors.Join(errs...)
}

// leaving is how long requests that are under way may take to end; a client that
// has sent half of one must not keep the waiting records from being delivered.
const leaving = 3 * time.Second

// endRequests closes the port, and then what has not ended by itself.
func (c *Cloud) endRequests(ctx context.Context) {
	c.hangUp()
	ctx, cancel := context.WithTimeout(ctx, leaving)
	defer cancel()
	if err := c.server.Shutdown(ctx); err != nil {
		c.cfg.Log.Warn("cutting off requests that did not end", "error", err, "close", c.server.Close())
	}
}
