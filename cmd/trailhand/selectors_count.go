package main

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/trailhand/trailhand/pkg/delivery"
	"github.com/trailhand/trailhand/pkg/events"
	"github.com/trailhand/trailhand/pkg/selectors"
)

// maxKinds bounds the kinds of events that are told apart: reasons may quote ARNs.
const maxKinds = 10000

// kind is what is counted together.
type kind struct {
	Category    string `json:"category"`
	EventSource string `json:"eventSource"`
	EventName   string `json:"eventName"`
	Kept        bool   `json:"kept"`
	Why         string `json:"why"` // the selector that keeps it; or why each one refuses it, a line each
}

// logged counts the events that the trail would log, by what they cost.
type logged struct {
	Management, ManagementWrites, Data, NetworkActivity int
}

// selection is the sink that counts what selectors keep.
type selection struct {
	matcher *selectors.Matcher

	mu    sync.Mutex
	kinds map[kind]int
	kept  map[string]int // by selector
	cost  logged
}

func newSelection(m *selectors.Matcher) *selection {
	return &selection{matcher: m, kinds: map[kind]int{}, kept: map[string]int{}}
}

// Begin implements delivery.Sink.
func (s *selection) Begin(context.Context, delivery.File) (delivery.Stage, error) {
	return &selectionStage{of: s, selection: newSelection(s.matcher)}, nil
}

// selectionStage counts one file apart, until the whole of it was good.
type selectionStage struct {
	of *selection
	*selection
}

// Add implements delivery.Stage.
func (s *selectionStage) Add(r *events.Record) error {
	e := selectors.EventOf(r)
	d := s.matcher.Explain(&e)
	s.count(kind{e.Category.String(), e.EventSource, e.EventName, d.Kept, why(d)}, 1)
	if !d.Kept {
		return nil
	}
	s.kept[d.Verdicts[len(d.Verdicts)-1].Selector]++
	switch e.Category {
	case events.Management:
		s.cost.Management++
		if !e.ReadOnly {
			s.cost.ManagementWrites++
		}
	case events.Data:
		s.cost.Data++
	case events.NetworkActivity:
		s.cost.NetworkActivity++
	}
	return nil
}

// why names the selector that keeps an event, or says a line of each that
// refuses it.
func why(d selectors.Decision) string {
	if d.Kept {
		return d.Verdicts[len(d.Verdicts)-1].Selector
	}
	lines := make([]string, len(d.Verdicts))
	for i, v := range d.Verdicts {
		lines[i] = v.Selector + ": " + v.Why
	}
	return strings.Join(lines, "\n")
}

// count adds n events of a kind. Beyond the bound kinds lose their reason.
func (s *selection) count(k kind, n int) {
	if _, known := s.kinds[k]; !known && len(s.kinds) >= maxKinds {
		k = kind{Kept: k.Kept, Why: "other kinds of events"}
	}
	s.kinds[k] += n
}

// Commit implements delivery.Stage.
func (s *selectionStage) Commit(context.Context, *delivery.Summary) error {
	s.of.mu.Lock()
	defer s.of.mu.Unlock()
	for k, n := range s.kinds {
		s.of.count(k, n)
	}
	for name, n := range s.kept {
		s.of.kept[name] += n
	}
	s.of.cost.add(s.cost)
	return nil
}

// Discard implements delivery.Stage.
func (s *selectionStage) Discard(context.Context) {}

func (l *logged) add(o logged) {
	l.Management += o.Management
	l.ManagementWrites += o.ManagementWrites
	l.Data += o.Data
	l.NetworkActivity += o.NetworkActivity
}

// result gives what was counted, the most frequent kinds first.
func (s *selection) result(total *delivery.Summary) selected {
	r := selected{Files: total.Files, Records: total.Records, Selectors: s.bySelector(), Kinds: []counted{}}
	for _, n := range s.kept {
		r.Kept += n
	}
	for k, n := range s.kinds {
		r.Kinds = append(r.Kinds, counted{n, k})
	}
	slices.SortFunc(r.Kinds, func(a, b counted) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.EventSource, b.EventSource),
			cmp.Compare(a.EventName, b.EventName), cmp.Compare(a.Category, b.Category), cmp.Compare(a.Why, b.Why))
	})
	if !total.FirstEventTime.IsZero() {
		r.First, r.Last = total.FirstEventTime, total.LastEventTime
	}
	r.Month = costs(s.cost, r.Last.Sub(r.First))
	return r
}

// bySelector names every selector, those that keep nothing too: no selector
// takes Insight events, so that the decision on one lists them all.
func (s *selection) bySelector() []keptBy {
	all := []keptBy{}
	for _, v := range s.matcher.Explain(&selectors.Event{Category: events.Insight}).Verdicts {
		all = append(all, keptBy{v.Selector, s.kept[v.Selector]})
	}
	known := map[string]bool{}
	for _, k := range all {
		known[k.Selector] = true
	}
	for _, name := range slices.Sorted(maps.Keys(s.kept)) {
		if !known[name] {
			all = append(all, keptBy{name, s.kept[name]})
		}
	}
	return all
}
