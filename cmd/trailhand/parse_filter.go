package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/trailhand/trailhand/pkg/delivery"
	"github.com/trailhand/trailhand/pkg/events"
	"github.com/trailhand/trailhand/pkg/events/pattern"
	"github.com/trailhand/trailhand/pkg/selectors"
)

// filterFlags choose records.
type filterFlags struct {
	match, selectors string
	categories       []string
}

func (f *filterFlags) register(flags *pflag.FlagSet) {
	flags.StringVar(&f.match, "match", "", "an EventBridge pattern, or a file with one: keep what it matches, as CloudTrail puts it on EventBridge")
	flags.StringVar(&f.selectors, "select", "", "a file with event selectors: keep what a trail with them logs")
	flags.StringSliceVar(&f.categories, "category", nil, "Management, Data, Insight, NetworkActivity: keep these")
}

// registerLimits adds the flags for what a file may hold.
func registerLimits(flags *pflag.FlagSet, lim *events.Limits) {
	flags.Int64Var(&lim.Inflated, "limit-inflated", 4<<30, "bytes that a file may have after inflating; -1 for any number")
	flags.Int64Var(&lim.Ratio, "limit-ratio", 250, "inflated bytes that a file may have for each compressed one; -1 for any number")
	flags.IntVar(&lim.Record, "limit-record", 64<<20, "bytes that a record may have; -1 for a gibibyte")
}

// keep gives the filter that all of the flags make; nil keeps every record.
func (f *filterFlags) keep() (func(*events.Record) bool, error) {
	var all []func(*events.Record) bool
	var problems error
	for _, part := range []func() (func(*events.Record) bool, error){f.byCategory, f.bySelectors, f.byPattern} {
		keep, err := part()
		problems = errors.Join(problems, err)
		if keep != nil {
			all = append(all, keep)
		}
	}
	if len(all) == 0 || problems != nil {
		return nil, problems
	}
	return func(r *events.Record) bool {
		for _, keep := range all {
			if !keep(r) {
				return false
			}
		}
		return true
	}, nil
}

func (f *filterFlags) byCategory() (func(*events.Record) bool, error) {
	if len(f.categories) == 0 {
		return nil, nil
	}
	known := []events.Category{events.Management, events.Data, events.Insight, events.NetworkActivity}
	var wanted [events.NetworkActivity + 1]bool
	for _, name := range f.categories {
		i := slices.IndexFunc(known, func(c events.Category) bool { return strings.EqualFold(c.String(), name) })
		if i < 0 {
			return nil, fmt.Errorf("--category %q is none of Management, Data, Insight, NetworkActivity", name)
		}
		wanted[known[i]] = true
	}
	return func(r *events.Record) bool { return wanted[r.Category()] }, nil
}

func (f *filterFlags) bySelectors() (func(*events.Record) bool, error) {
	if f.selectors == "" {
		return nil, nil
	}
	m, err := readSelectors(f.selectors)
	if err != nil {
		return nil, fmt.Errorf("--select: %w", err)
	}
	return m.MatchRecord, nil
}

func readSelectors(path string) (*selectors.Matcher, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	set, err := selectors.Parse(raw)
	if err != nil {
		return nil, fmt.Errorf("%q: %w", path, err)
	}
	m, err := selectors.Compile(set)
	if err != nil {
		return nil, fmt.Errorf("%q: %w", path, err)
	}
	return m, nil
}

func (f *filterFlags) byPattern() (func(*events.Record) bool, error) {
	if f.match == "" {
		return nil, nil
	}
	raw := []byte(f.match)
	if !strings.HasPrefix(strings.TrimSpace(f.match), "{") {
		var err error
		if raw, err = os.ReadFile(f.match); err != nil {
			return nil, fmt.Errorf("--match: %w", err)
		}
	}
	p, err := pattern.Compile(raw)
	if err != nil {
		return nil, fmt.Errorf("--match: %w", err)
	}
	return func(r *events.Record) bool {
		e := delivery.BusEvent(r)
		text, err := e.Encode()
		if err != nil {
			return false // a record that was scanned can be encoded
		}
		matches, err := p.Match(text)
		return err == nil && matches
	}, nil
}
