package cloud

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/trailhand/trailhand/internal/cloud/recording"
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
	if err != nil {
		return fmt.Errorf("keeping %s: %w", k.file, err)
	}
	path := filepath.Join(c.cfg.Dir, k.file)
	if err := os.WriteFile(path+".new", state, 0o600); err != nil {
		return fmt.Errorf("keeping %s: %w", k.file, err)
	}
	return os.Rename(path+".new", path)
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
