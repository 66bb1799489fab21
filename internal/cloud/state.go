package cloud

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/trailhand/trailhand/internal/cloud/recording"
	"github.com/trailhand/trailhand/internal/cloud/wholefile"
	"github.com/trailhand/trailhand/internal/cloud/wire"
)

// keeper is a room whose state outlives the process.
type keeper struct {
	file     string // under Dir
	snapshot func() ([]byte, error)
	restore  func([]byte) error
}

// keepers are the rooms that keep nothing on disk themselves. Buckets and
// journals do.
func (c *Cloud) keepers() map[string]keeper {
	return map[string]keeper{
		"cloudtrail.amazonaws.com": {"trails.json", c.trails.Snapshot, c.trails.Restore},
		"events.amazonaws.com":     {"bus.json", c.buses.snapshot, c.buses.restore},
		"sqs.amazonaws.com":        {"queues.json", c.queues.Snapshot, c.queues.Restore},
	}
}

// restore brings a room back to what it was when the last process kept it.
func (c *Cloud) restore(source string) error {
	k := c.keepers()[source]
	state, err := os.ReadFile(filepath.Join(c.cfg.Dir, k.file))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = k.restore(state)
	}
	if err != nil {
		return fmt.Errorf("restoring %s: %w", k.file, err)
	}
	return nil
}

// keep writes a room's state, whole or not at all.
func (c *Cloud) keep(source string) error {
	k := c.keepers()[source]
	c.keeping.Lock()
	defer c.keeping.Unlock()
	state, err := k.snapshot()
	if err == nil {
		err = wholefile.Write(filepath.Join(c.cfg.Dir, k.file), state)
	}
	if err != nil {
		err = fmt.Errorf("keeping %s: %w", k.file, err)
	}
	c.notKept[source] = err
	return err
}

// keepOften keeps the queues, and what could not be kept when it changed.
func (c *Cloud) keepOften(context.Context) error {
	var errs []error
	for source := range c.keepers() {
		c.keeping.Lock()
		missed := c.notKept[source] != nil
		c.keeping.Unlock()
		if missed || source == "sqs.amazonaws.com" {
			errs = append(errs, c.keep(source))
		}
	}
	return errors.Join(errs...)
}

// unkept says which state is not on disk as it is in memory, and why.
func (c *Cloud) unkept() []string {
	c.keeping.Lock()
	defer c.keeping.Unlock()
	var why []string
	for _, err := range c.notKept {
		if err != nil {
			why = append(why, err.Error())
		}
	}
	slices.Sort(why)
	return why
}

// keepAfter keeps a room's state when a call has changed it. Messages come and
// go too often for that: the queues are kept once in a while.
func (c *Cloud) keepAfter(call wire.Call) {
	if _, kept := c.keepers()[call.EventSource]; !kept || call.EventSource == "sqs.amazonaws.com" || call.Fault != nil {
		return
	}
	if operation, err := recording.Lookup(call.EventSource, call.EventName); err == nil && operation.ReadOnly {
		return
	}
	if err := c.keep(call.EventSource); err != nil {
		c.cfg.Log.Error("keeping state", "error", err)
	}
}
