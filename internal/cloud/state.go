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
	"github.com/trailhand/trailhand/pkg/events"
)

// sqsSource names the room that has a journal of its own beside its state.
const sqsSource = "sqs.amazonaws.com"

// keeper is a room whose state outlives the process.
type keeper struct {
	file     string // under Dir
	snapshot func() ([]byte, error)
	restore  func([]byte) error
}

// keepers are the rooms that keep nothing on disk themselves.
func (c *Cloud) keepers() map[string]keeper {
	return map[string]keeper{
		"cloudtrail.amazonaws.com": {"trails.json", c.trails.Snapshot, c.trails.Restore},
		"events.amazonaws.com":     {"bus.json", c.buses.snapshot, c.buses.restore},
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
	c.keeping.Lock()
	defer c.keeping.Unlock()
	err := c.write(source)
	c.notKept[source] = err
	return err
}

func (c *Cloud) write(source string) error {
	if source == sqsSource {
		return c.queues.Keep()
	}
	k := c.keepers()[source]
	state, err := k.snapshot()
	if err == nil {
		err = wholefile.Write(filepath.Join(c.cfg.Dir, k.file), state)
	}
	if err != nil {
		return fmt.Errorf("keeping %s: %w", k.file, err)
	}
	return nil
}

// keepOften keeps the queues as far as they need it, and what could not be kept
// when it changed.
func (c *Cloud) keepOften(context.Context) error {
	errs := []error{c.keep(sqsSource)}
	for source := range c.keepers() {
		c.keeping.Lock()
		missed := c.notKept[source] != nil
		c.keeping.Unlock()
		if missed {
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

// keepAfter keeps a room's state when a call has changed it.
func (c *Cloud) keepAfter(call wire.Call) {
	if _, kept := c.keepers()[call.EventSource]; !kept && call.EventSource != sqsSource || call.Fault != nil {
		return
	}
	if operation, err := recording.Lookup(call.EventSource, call.EventName); err == nil && (operation.ReadOnly || operation.Category == events.Data) {
		return
	}
	if err := c.keep(call.EventSource); err != nil {
		c.cfg.Log.Error("keeping state", "error", err)
	}
}
