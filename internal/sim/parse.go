package sim

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/trailhand/trailhand/internal/strictyaml"
	"github.com/trailhand/trailhand/pkg/insights"
)

const maxDays = 400

// ParseScenario reads a scenario. The source names it in errors. The reading is
// strict: the error joins one *[strictyaml.Error] for each thing that is wrong.
func ParseScenario(source string, text []byte) (Scenario, error) {
	root, err := strictyaml.Root(source, text)
	if err != nil {
		return Scenario{}, err
	}
	s := NewScenario(source)
	r := newReader(source)
	r.mapping(root, r.scenario(&s))
	if len(r.Errs) == 0 {
		r.check(root, s)
	}
	return s, errors.Join(r.Errs...)
}

// NewScenario is six weeks from a Monday, of which four are learned from,
// without any call.
func NewScenario(name string) Scenario {
	return Scenario{
		Name: name, Seed: 1, AccountID: "111122223333", Region: "us-east-1",
		Start: time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC), Days: 42, Learn: 28, Config: insights.DefaultConfig(),
	}
}

func (r *reader) scenario(s *Scenario) properties {
	return properties{
		"name":     func(n *yaml.Node) { s.Name = r.text(n) },
		"seed":     func(n *yaml.Node) { s.Seed = uint64(r.whole(n, 0, 1<<40)) },
		"account":  func(n *yaml.Node) { s.AccountID = r.text(n) },
		"region":   func(n *yaml.Node) { s.Region = r.text(n) },
		"start":    func(n *yaml.Node) { s.Start = r.day(n) },
		"days":     func(n *yaml.Node) { s.Days = r.whole(n, 1, maxDays) },
		"learn":    func(n *yaml.Node) { s.Learn = r.whole(n, 0, maxDays) },
		"detector": func(n *yaml.Node) { r.detector(n, &s.Config) },
		"traffic": func(n *yaml.Node) {
			r.List(n, func(n *yaml.Node) { s.Sources = append(s.Sources, r.trafficSource(n)) })
		},
		"anomalies": func(n *yaml.Node) { r.List(n, func(n *yaml.Node) { s.Anomalies = append(s.Anomalies, r.anomaly(n)) }) },
		"inject": func(n *yaml.Node) {
			r.mapping(n, properties{
				"share":  func(n *yaml.Node) { s.Inject.Share = r.number(n, 0, 1) },
				"spikes": func(n *yaml.Node) { s.Inject.Spikes = r.whole(n, 0, 100) },
				"drops":  func(n *yaml.Node) { s.Inject.Drops = r.whole(n, 0, 100) },
			})
		},
	}
}

func (r *reader) trafficSource(n *yaml.Node) Source {
	s := Source{Count: 1}
	named := false
	r.mapping(n, properties{
		"api": func(n *yaml.Node) {
			named = true
			s.EventSource, s.EventName, s.ErrorCode = r.api(n)
		},
		"archetype": func(n *yaml.Node) { s.Shape.Archetype = r.text(n) },
		"readOnly":  func(n *yaml.Node) { s.ReadOnly = r.bool(n) },
		"data":      func(n *yaml.Node) { s.Data = r.bool(n) },
		"count":     func(n *yaml.Node) { s.Count = r.whole(n, 1, 10_000) },
		"rate":      func(n *yaml.Node) { s.Shape.Rate = r.number(n, 0, 1e5) },
		"k":         func(n *yaml.Node) { s.Shape.K = r.number(n, 0.1, 1e6) },
		"swing":     func(n *yaml.Node) { s.Shape.Swing = r.number(n, 0, 1) },
		"weekend":   func(n *yaml.Node) { s.Shape.Weekend = r.number(n, 0, 10) },
		"every":     func(n *yaml.Node) { s.Shape.Every = r.duration(n, time.Minute) },
		"burst":     func(n *yaml.Node) { s.Shape.Burst = r.number(n, 0, 1e5) },
		"over":      func(n *yaml.Node) { s.Shape.Over = r.duration(n, time.Minute) },
		"tail":      func(n *yaml.Node) { s.Shape.Tail = r.number(n, 0.5, 10) },
	})
	shape, err := s.Shape.withDefaults()
	if err != nil {
		r.Wrong(n, "%v", err)
	}
	if s.Shape = shape; !named {
		r.Wrong(n, "api is missing")
	}
	return s
}

func (r *reader) anomaly(n *yaml.Node) Anomaly {
	a := Anomaly{At: -1}
	r.mapping(n, properties{
		"api":       func(n *yaml.Node) { a.Source, a.Name, a.ErrorCode = r.api(n) },
		"kind":      func(n *yaml.Node) { a.Kind = r.kind(n) },
		"at":        func(n *yaml.Node) { a.At = r.duration(n, 0) },
		"for":       func(n *yaml.Node) { a.For = r.duration(n, time.Minute) },
		"times":     func(n *yaml.Node) { a.Times = r.number(n, 1, 1e5) },
		"rate":      func(n *yaml.Node) { a.Rate = r.number(n, 0, 1e5) },
		"principal": func(n *yaml.Node) { a.Principal = r.text(n) },
	})
	if a.Name == "" || a.Kind == "" || a.At < 0 || a.For == 0 {
		r.Wrong(n, "an anomaly needs api, kind, at and for")
		return a
	}
	if given := (a.Times > 0) != (a.Rate > 0); given == (a.Kind == DropOf) {
		r.Wrong(n, "a drop has neither times nor rate, any other anomaly has one of them")
	}
	if a.Kind == ErrorBurst && a.ErrorCode == "" {
		r.Wrong(n, "errors need an errorCode: api: eventSource:eventName:errorCode")
	}
	if a.Kind == NewPrincipal && a.Principal == "" {
		a.Principal = "arn:aws:sts::111122223333:assumed-role/Intruder/session"
	}
	return a
}

func (r *reader) kind(n *yaml.Node) Kind {
	known := []Kind{SpikeOf, DropOf, ErrorBurst, NewPrincipal, Ramp, LowAndSlow, LevelChange}
	k := Kind(r.text(n))
	if !slices.Contains(known, k) {
		r.Wrong(n, "kind %q is none of %v", k, known)
	}
	return k
}

// api reads eventSource:eventName[:errorCode].
func (r *reader) api(n *yaml.Node) (source, name, code string) {
	text := r.text(n)
	source, rest, _ := strings.Cut(text, ":")
	name, code, _ = strings.Cut(rest, ":")
	if source == "" || name == "" {
		r.Wrong(n, "%q is not eventSource:eventName[:errorCode], such as s3.amazonaws.com:DeleteBucket", text)
	}
	return source, name, code
}

// detector reads the detector's knobs, which have the names of its JSON.
func (r *reader) detector(n *yaml.Node, cfg *insights.Config) {
	var knobs any
	err := n.Decode(&knobs)
	if err == nil {
		var text []byte
		if text, err = json.Marshal(knobs); err == nil {
			err = json.Unmarshal(text, cfg)
		}
	}
	if err == nil {
		err = cfg.Validate()
	}
	if err != nil {
		r.Wrong(n, "detector: %v", err)
	}
}

// check holds what more than one value says.
func (r *reader) check(root *yaml.Node, s Scenario) {
	if len(s.Sources) == 0 && len(s.Anomalies) == 0 {
		r.Wrong(root, "traffic is missing")
	}
	if s.Learn >= s.Days {
		r.Wrong(root, "learn: %d of %d days leave none to be scored", s.Learn, s.Days)
	}
	for i, a := range s.Anomalies {
		if a.At+a.For > time.Duration(s.Days)*24*time.Hour {
			r.Wrong(root, "anomaly %d ends after the %d days", i+1, s.Days)
		}
	}
}
