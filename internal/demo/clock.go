package demo

import (
	"sync/atomic"
	"time"
)

// eventClock shows the time that traffic has reached.
type eventClock struct{ at atomic.Int64 } // Unix seconds

func newEventClock() *eventClock {
	c := &eventClock{}
	c.Set(time.Now())
	return c
}

func (c *eventClock) Set(t time.Time) { c.at.Store(t.Unix()) }
func (c *eventClock) Now() time.Time  { return time.Unix(c.at.Load(), 0).UTC() }
