package insights

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Config is the detector's knobs. DefaultConfig needs no tuning.
type Config struct {
	// MinCount is the least calls in the judged window that can Start a spike; 1 to 1e9. Measured
	// on traffic of 560 keys (of 779 spikes, and in false Starts a key-week): 2, 3 and 5 find .778
	// at .012, 10 finds .763 at .012.
	MinCount int `json:"minCount"`
	// K is the negative binomial's size: how steady calls are around their mean; 0.1 to 1e6.
	// Smaller forgives burstier traffic. It is the least: a busy key's own size is measured.
	// 5 finds .773 at .009, 20 finds .778 at .012, 100 finds .778 at .015.
	K float64 `json:"k"`
	// ThetaFloor is the least evidence, in nats, that can Start an insight; 1 to 1e4. 10 finds .782
	// at .012, 14 finds .778 at .012, 25 finds .759 at .011. Drops take 0.8 of it.
	ThetaFloor float64 `json:"thetaFloor"`
	// Lateness is how long a minute stays open for tallies that come late or out of order: whole
	// minutes, up to a day.
	// In JSON it is text, such as "15m".
	Lateness time.Duration `json:"lateness"`
	// Warmup is how long an account and Region is observed before its first insight; 0: 26 hours.
	// It is the embedded cloud's, which nobody waits for, and no knob of the function.
	Warmup time.Duration `json:"-"`
	// PartKeys is how many keys one stored object holds at most; a state of more is kept in parts.
	// 0: a state is one object, whatever its size.
	PartKeys int `json:"partKeys"`
	// DataEvents also judges data events, reads and writes.
	DataEvents bool `json:"dataEvents,omitempty"`
	// Drops judges falls to silence as well as rises.
	Drops bool `json:"drops"`
	// Overrides change knobs for some keys; the last that matches wins, knob by knob.
	Overrides []Override `json:"overrides,omitempty"`
	// Exclusions leave calls out of every rate. Of a match with both a principal and a user agent
	// the smaller of the two counts is left out, as a tally does not say who used which.
	Exclusions []Match `json:"exclusions,omitempty"`
}

// Match selects calls. An empty field matches all; a trailing * matches any ending.
type Match struct {
	EventSource     string `json:"eventSource,omitempty"`
	EventName       string `json:"eventName,omitempty"`
	UserIdentityARN string `json:"userIdentityArn,omitempty"` // of a role session: with or without the session's name
	UserAgent       string `json:"userAgent,omitempty"`
}

// Override changes knobs for the keys that Match selects. Zero leaves a knob as it is. A match on
// principal or user agent holds when it made more than half of the calls of the judged minute.
type Override struct {
	Match
	MinCount   int     `json:"minCount,omitempty"`
	K          float64 `json:"k,omitempty"`
	ThetaFloor float64 `json:"thetaFloor,omitempty"`
	Mute       bool    `json:"mute,omitempty"` // learn, but tell nothing
}

// DefaultConfig is the configuration that the benchmark measures.
func DefaultConfig() Config {
	return Config{MinCount: 3, K: 20, ThetaFloor: 14, Lateness: 15 * time.Minute, PartKeys: 1 << 16, Drops: true}
}

// UnmarshalJSON reads the knobs that are given over those of c. An unknown knob is an error.
func (c *Config) UnmarshalJSON(b []byte) error {
	type plain Config
	with := struct {
		*plain
		Lateness string `json:"lateness"`
	}{(*plain)(c), c.Lateness.String()}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&with); err != nil {
		return err
	}
	late, err := time.ParseDuration(with.Lateness)
	if err != nil {
		return fmt.Errorf("lateness: %w", err)
	}
	c.Lateness = late
	return nil
}

// MarshalJSON writes what UnmarshalJSON reads.
func (c Config) MarshalJSON() ([]byte, error) {
	type plain Config
	return json.Marshal(struct {
		plain
		Lateness string `json:"lateness"`
	}{plain(c), c.Lateness.String()})
}

// warmup is Warmup in minutes.
func (c Config) warmup() int32 {
	if c.Warmup == 0 {
		return learnMinutes
	}
	return int32(c.Warmup / time.Minute)
}

// Validate names every knob that is out of its range.
func (c Config) Validate() error {
	errs := validateKnobs("", c.MinCount, c.K, c.ThetaFloor)
	if c.Lateness < 0 || c.Lateness > 24*time.Hour || c.Lateness%time.Minute != 0 {
		errs = append(errs, fmt.Errorf("lateness %s is not whole minutes within 0 and 24h", c.Lateness))
	}
	if c.PartKeys < 0 || c.PartKeys > 1e9 {
		errs = append(errs, fmt.Errorf("partKeys %d is not within 0 and 1e9", c.PartKeys))
	}
	base := knobs{c.MinCount, c.K, c.ThetaFloor, false}
	for i, o := range c.Overrides {
		name := fmt.Sprintf("overrides[%d]", i)
		with := base.with(o)
		errs = append(errs, validateKnobs(name+".", with.minCount, with.k, with.floor)...)
		errs = append(errs, o.Match.validate(name)...)
	}
	for i, m := range c.Exclusions {
		errs = append(errs, m.validate(fmt.Sprintf("exclusions[%d]", i))...)
	}
	return errors.Join(errs...)
}

func validateKnobs(of string, minCount int, k, floor float64) (errs []error) {
	if minCount < 1 || minCount > 1e9 {
		errs = append(errs, fmt.Errorf("%sminCount %d is not within 1 and 1e9", of, minCount))
	}
	if !(k >= 0.1 && k <= 1e6) {
		errs = append(errs, fmt.Errorf("%sk %g is not within 0.1 and 1e6", of, k))
	}
	if !(floor >= 1 && floor <= 1e4) {
		errs = append(errs, fmt.Errorf("%sthetaFloor %g is not within 1 and 1e4 nats", of, floor))
	}
	return errs
}

func (m Match) validate(name string) (errs []error) {
	if m == (Match{}) {
		errs = append(errs, fmt.Errorf("%s matches every call: name a source, name, principal or user agent", name))
	}
	for _, p := range []string{m.EventSource, m.EventName, m.UserIdentityARN, m.UserAgent} {
		if strings.Contains(strings.TrimSuffix(p, "*"), "*") {
			errs = append(errs, fmt.Errorf("%s: %q has a * before its end", name, p))
		}
	}
	return errs
}

// matches tells whether text is what pattern selects.
func matches(pattern, text string) bool {
	if prefix, ok := strings.CutSuffix(pattern, "*"); ok {
		return strings.HasPrefix(text, prefix)
	}
	return pattern == "" || pattern == text
}

// callers tells whether the match names who calls.
func (m Match) callers() bool { return m.UserIdentityARN != "" || m.UserAgent != "" }

func (m Match) ofKey(source, name string) bool {
	return matches(m.EventSource, source) && matches(m.EventName, name)
}

// exclude is a tally's calls that are left after the exclusions, and those that are not.
func (c Config) exclude(t *Tally) (left, excluded int) {
	for _, m := range c.Exclusions {
		if m.ofKey(t.EventSource, t.EventName) {
			excluded = max(excluded, m.calls(t))
		}
	}
	return t.Count - excluded, excluded
}

// calls are those of a tally that the match selects.
func (m Match) calls(t *Tally) int {
	n := t.Count
	if m.UserIdentityARN != "" {
		n = min(n, matching(t.UserIdentityARNs, m.UserIdentityARN))
	}
	if m.UserAgent != "" {
		n = min(n, matching(t.UserAgents, m.UserAgent))
	}
	return n
}

func matching(counts map[string]int, pattern string) (n int) {
	for text, c := range counts {
		if matches(pattern, text) || matches(pattern, withoutSession(text)) {
			n += c
		}
	}
	return n
}
