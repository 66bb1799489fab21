package sim

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"time"

	"github.com/trailhand/trailhand/pkg/insights"
)

// Scenario says what an account does in a Region, and what goes wrong in it.
// ParseScenario reads one; Generate makes its calls.
type Scenario struct {
	Name      string
	Seed      uint64
	AccountID string
	Region    string
	Start     time.Time // 00:00 UTC of a day
	Days      int
	Learn     int // days at the beginning that are not scored
	Sources   []Source
	Anomalies []Anomaly
	Inject    Inject
	Config    insights.Config // of the detector
}

// Source is what one or more APIs are called by.
type Source struct {
	API
	Data  bool // data events
	Count int  // APIs of this kind; of several each has its number behind its name
	Shape Shape
	Seen  *Observed // instead of Shape: calls like those of log files
}

// Kind is what is wrong.
type Kind string

// The kinds of anomalies.
const (
	SpikeOf      Kind = "spike"       // more calls: times as many, or rate a minute more
	DropOf       Kind = "drop"        // no calls
	ErrorBurst   Kind = "errors"      // rate calls a minute more, which fail with an error code
	NewPrincipal Kind = "principal"   // rate calls a minute more, by somebody never seen
	Ramp         Kind = "ramp"        // more calls, from none more to times as many
	LowAndSlow   Kind = "lowAndSlow"  // a few calls more, for long
	LevelChange  Kind = "levelChange" // as a spike, but for good: to be told once, within For, and learned
)

// Anomaly is one thing that goes wrong in [At, At+For), counted from the Scenario's start.
type Anomaly struct {
	Source, Name, ErrorCode string
	Kind                    Kind
	At, For                 time.Duration
	Times                   float64 // of the usual rate; 0: Rate says it
	Rate                    float64 // calls a minute more
	Principal               string  // ARN of who does it; empty: those who always call
}

// Inject draws anomalies at random, in the days that are scored.
type Inject struct {
	Share  float64 // of the rates that are hit
	Spikes int     // for each that is hit
	Drops  int     // for each that is hit and is called at least once a minute
}

// Timeline is the calls of one API and error code, minute by minute.
type Timeline struct {
	API
	Data      bool
	Archetype string
	Calls     []int32 // by those who always call
	Foreign   []Foreign
}

// Foreign is the calls of somebody who does not call otherwise.
type Foreign struct {
	Principal string
	From      int // minute
	Calls     []int32
}

// Generated is a Scenario's traffic.
type Generated struct {
	Scenario
	Timelines []*Timeline
	Truth     []Injected
}

// Injected is an anomaly as it came about: minutes since the start.
type Injected struct {
	Source    string `json:"eventSource"`
	Name      string `json:"eventName"`
	ErrorCode string `json:"errorCode,omitempty"`
	Kind      Kind   `json:"kind"`
	Archetype string `json:"archetype"`
	From      int    `json:"from"`
	To        int    `json:"to"` // exclusive
	Added     int    `json:"added"`
}

// falls says whether the anomaly takes calls away.
func (i Injected) falls() bool { return i.Kind == DropOf }

// Minutes is how long the Scenario is.
func (s Scenario) Minutes() int { return s.Days * 1440 }

// Generate makes the calls of a Scenario. The same Scenario always gives the same.
func (s Scenario) Generate() (*Generated, error) {
	g := &Generated{Scenario: s}
	for i, src := range s.Sources {
		for n := range max(src.Count, 1) {
			t := &Timeline{API: src.API, Data: src.Data, Archetype: src.Shape.Archetype}
			if src.Count > 1 {
				t.EventName = fmt.Sprintf("%s%02d", src.EventName, n+1)
			}
			if g.find(t.EventSource, t.EventName, t.ErrorCode) != nil {
				return nil, fmt.Errorf("traffic %d: %s:%s:%s is there twice", i+1, t.EventSource, t.EventName, t.ErrorCode)
			}
			if src.Seen != nil {
				t.Archetype = "observed"
				t.Calls = s.resample(src.Seen.From, len(src.Seen.PerMinute)).calls(*src.Seen, s.Minutes())
			} else {
				t.Calls = src.Shape.calls(s.random(t.EventSource, t.EventName, t.ErrorCode, "calls"), s.Start, s.Minutes())
			}
			g.Timelines = append(g.Timelines, t)
		}
	}
	return g, g.goWrong()
}

// goWrong brings the anomalies about: those that are given, then those at random.
func (g *Generated) goWrong() error {
	for i, a := range g.Anomalies {
		if err := g.inject(a, g.random("anomaly", fmt.Sprint(i))); err != nil {
			return fmt.Errorf("anomaly %d: %w", i+1, err)
		}
	}
	return g.injectAtRandom()
}

// random is a source of its own for what the names say.
func (s Scenario) random(names ...string) *rand.Rand {
	h := fnv.New64a()
	for _, n := range names {
		_, _ = h.Write(append([]byte(n), 0)) // a hash takes everything
	}
	return rand.New(rand.NewPCG(s.Seed, h.Sum64()))
}

func (g *Generated) find(source, name, code string) *Timeline {
	for _, t := range g.Timelines {
		if t.EventSource == source && t.EventName == name && t.ErrorCode == code {
			return t
		}
	}
	return nil
}

// like finds the timeline of an anomaly, or makes a silent one.
func (g *Generated) like(a Anomaly) *Timeline {
	if t := g.find(a.Source, a.Name, a.ErrorCode); t != nil {
		return t
	}
	t := &Timeline{API: API{EventSource: a.Source, EventName: a.Name, ErrorCode: a.ErrorCode}, Archetype: "silent", Calls: make([]int32, g.Minutes())}
	for _, other := range g.Timelines {
		if other.EventSource == a.Source && other.EventName == a.Name {
			t.ReadOnly, t.Data = other.ReadOnly, other.Data
		}
	}
	g.Timelines = append(g.Timelines, t)
	return t
}

// Keys is how many rates an insight can be about: each API that is rated by its
// calls, and each of its error codes.
func (g *Generated) Keys() int { return len(g.keys()) }

func (g *Generated) keys() map[rateKey]string {
	keys := map[rateKey]string{}
	for _, t := range g.Timelines {
		if t.Data && !g.Config.DataEvents {
			continue
		}
		if t.Data || !t.ReadOnly {
			k := rateKey{t.EventSource, t.EventName, ""}
			keys[k] = cmp.Or(keys[k], t.Archetype)
		}
		if t.ErrorCode != "" {
			keys[rateKey{t.EventSource, t.EventName, t.ErrorCode}] = t.Archetype
		}
	}
	return keys
}

// rateKey names what an insight is about; without an error code its calls.
type rateKey struct{ source, name, code string }
