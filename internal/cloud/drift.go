package cloud

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/trailhand/trailhand/internal/cloud/wire"
	"github.com/trailhand/trailhand/pkg/trail"
)

// tellDrift hands on what the reconciler puts on the bus.
func (c *Cloud) tellDrift(call wire.Call) {
	if c.cfg.OnDrift == nil || call.EventSource != "events.amazonaws.com" || call.EventName != "PutEvents" || call.Fault != nil {
		return
	}
	var in struct {
		Entries []struct{ Source, DetailType, Detail string }
	}
	text, err := json.Marshal(call.Request)
	if err == nil {
		err = json.Unmarshal(text, &in)
	}
	if err != nil {
		c.cfg.Log.Error("reading what was put on the bus", "error", err)
		return
	}
	for _, e := range in.Entries {
		n := trail.Notice{DetailType: e.DetailType}
		if e.Source == trail.Source && json.Unmarshal([]byte(e.Detail), &n) == nil {
			c.cfg.OnDrift(n)
		}
	}
}

// DriftLine says in a line what has become of a trail's drift.
func DriftLine(n trail.Notice) string {
	var line strings.Builder
	fmt.Fprintf(&line, "trail %s in %s: %s", n.Name, n.Region, map[string]string{
		trail.DriftDetected: "drifted", trail.DriftRepaired: "put back", trail.DriftRepairFailed: "could not be put back",
	}[n.DetailType])
	for i, f := range n.Fields {
		fmt.Fprintf(&line, "%s %s (was %s, is to be %s)", []string{":", ","}[min(i, 1)], f.Field, jsonText(f.Got), jsonText(f.Want))
	}
	if n.Cause != nil {
		fmt.Fprintf(&line, "; %s by %s", n.Cause.EventName, n.Cause.Principal)
	}
	return line.String()
}

func jsonText(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(text)
}
