package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/trailhand/trailhand/internal/replay"
	pages "github.com/trailhand/trailhand/internal/report"
	"github.com/trailhand/trailhand/internal/sim"
	"github.com/trailhand/trailhand/pkg/insights"
)

// listedAnomalies is how many are listed one by one.
const listedAnomalies = 40

const intervals = "Limits: 95%; Wilson for shares, exact Poisson for false Starts, bootstrap of 1,000 for delays."

// printScore prints the score as tables.
func printScore(w io.Writer, s sim.Scenario, runs int, total sim.Scores) error {
	out := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(out, safe(w, leadOf(s, runs)))
	for _, t := range scoreTables(s, total) {
		fmt.Fprintf(out, "\n%s\n", safe(w, strings.Join(t.Head, "\t")))
		for _, r := range t.Rows {
			fmt.Fprintln(out, safe(w, strings.Join(r, "\t")))
		}
	}
	fmt.Fprintf(out, "\n%s\n", intervals)
	return out.Flush()
}

func leadOf(s sim.Scenario, runs int) string {
	seeds := fmt.Sprintf("seed %d", s.Seed)
	if runs > 1 {
		seeds = fmt.Sprintf("seeds %d to %d", s.Seed, s.Seed+uint64(runs)-1)
	}
	return fmt.Sprintf("%s: %s, %d days of which the last %d are scored", s.Name, seeds, s.Days, s.Days-s.Learn)
}

func scoreTables(s sim.Scenario, total sim.Scores) []pages.Table {
	tables := []pages.Table{scoreTable(total), kindTable(total)}
	if len(total.Rises.FalseBy)+len(total.Drops.FalseBy) > 0 {
		tables = append(tables, falseTable(total))
	}
	if n := len(total.Rises.Outcomes) + len(total.Drops.Outcomes); n > 0 && n <= listedAnomalies {
		tables = append(tables, outcomeTable(s, total))
	}
	return slices.DeleteFunc(tables, func(t pages.Table) bool { return len(t.Rows) == 0 })
}

func scoreTable(total sim.Scores) pages.Table {
	row := func(name string, f func(sim.Score) string) []string {
		return []string{name, f(total.Rises), f(total.Drops)}
	}
	return pages.Table{
		Title: "Score", Head: []string{"", "rises", "drops"}, Note: intervals,
		Rows: [][]string{
			row("anomalies", func(s sim.Score) string { return fmt.Sprint(s.Anomalies) }),
			row("found (recall)", func(s sim.Score) string { return share(s.Recall()) }),
			row("precision", func(s sim.Score) string { return share(s.Precision()) }),
			row("false Starts", func(s sim.Score) string { return fmt.Sprintf("%d in %.0f key-weeks", s.False, s.KeyWeeks) }),
			row("false Starts a key-week", func(s sim.Score) string { return perWeek(s.FalseStarts()) }),
			row("delay, median", func(s sim.Score) string { return delay(s.Delay(0.5)) }),
			row("delay, p90", func(s sim.Score) string { return delay(s.Delay(0.9)) }),
			row("End within 2 min", func(s sim.Score) string { return share(s.EndRight()) }),
			row("repeated Starts", func(s sim.Score) string { return fmt.Sprint(s.Repeats) }),
		},
	}
}

func share(i sim.Interval) string {
	if math.IsNaN(i.Value) {
		return "-"
	}
	return fmt.Sprintf("%.3f (%.3f to %.3f)", i.Value, i.Low, i.High)
}

func perWeek(i sim.Interval) string {
	if math.IsNaN(i.Value) {
		return "-"
	}
	return fmt.Sprintf("%.4f (%.4f to %.4f)", i.Value, i.Low, i.High)
}

func delay(i sim.Interval) string {
	if math.IsNaN(i.Value) {
		return "-"
	}
	return fmt.Sprintf("%.0f min (%.0f to %.0f)", i.Value, i.Low, i.High)
}

func kindTable(total sim.Scores) pages.Table {
	t := pages.Table{Title: "By kind of anomaly", Head: []string{"kind", "found", "of"}}
	all := maps.Clone(total.Rises.FoundBy)
	maps.Copy(all, total.Drops.FoundBy)
	for _, k := range slices.Sorted(maps.Keys(all)) {
		t.Rows = append(t.Rows, []string{string(k), fmt.Sprint(all[k][0]), fmt.Sprint(all[k][1])})
	}
	return t
}

func falseTable(total sim.Scores) pages.Table {
	t := pages.Table{Title: "False Starts by archetype", Head: []string{"archetype", "false rises", "false drops"}}
	all := maps.Clone(total.Rises.FalseBy)
	maps.Copy(all, total.Drops.FalseBy)
	for _, arch := range slices.Sorted(maps.Keys(all)) {
		t.Rows = append(t.Rows, []string{arch, fmt.Sprint(total.Rises.FalseBy[arch]), fmt.Sprint(total.Drops.FalseBy[arch])})
	}
	return t
}

func outcomeTable(s sim.Scenario, total sim.Scores) pages.Table {
	t := pages.Table{Title: "Each anomaly", Head: []string{"from", "minutes", "kind", "API", "calls added", "told"}}
	all := slices.Concat(total.Rises.Outcomes, total.Drops.Outcomes)
	slices.SortStableFunc(all, func(a, b sim.Outcome) int { return cmp.Compare(a.From, b.From) })
	for _, o := range all {
		told := "no"
		if o.Told {
			told = fmt.Sprintf("after %d min", o.Delay)
		}
		api := o.Source + ":" + o.Name
		if o.ErrorCode != "" {
			api += ":" + o.ErrorCode
		}
		t.Rows = append(t.Rows, []string{
			s.Start.Add(time.Duration(o.From) * time.Minute).Format("2006-01-02 15:04"), fmt.Sprint(o.To - o.From),
			string(o.Kind), api, fmt.Sprint(o.Added), told,
		})
	}
	return t
}

// drawScore writes the report: the score, and the rates of the first run that
// have an anomaly or an insight.
func drawScore(ctx context.Context, path string, first simulated, runs int, total sim.Scores) error {
	page := pages.Page{
		Title: first.Name, Lead: leadOf(first.Scenario, runs) + ".", Made: time.Now(), Tables: scoreTables(first.Scenario, total),
	}
	place := replay.Place{AccountID: first.AccountID, Region: first.Region}
	var keys []chartKey
	for _, k := range first.drawn() {
		keys = append(keys, chartKey{place, k})
	}
	if len(keys) > maxCharts {
		page.Lead += fmt.Sprintf(" The first %d of %d rates with an anomaly or an insight are drawn.", maxCharts, len(keys))
	}
	charts, err := insightCharts(ctx, first.log, replay.Run{Config: first.Config}, keys, first.told)
	if err != nil {
		return err
	}
	for i := range charts {
		charts[i].Truth = first.truthOf(keys[i].Key)
	}
	page.Charts = charts
	return writeReport(path, page)
}

// drawn are the rates that have an anomaly, and those that have an insight.
func (s simulated) drawn() []insights.Key {
	var all []insights.Key
	add := func(k insights.Key) {
		if !slices.Contains(all, k) {
			all = append(all, k)
		}
	}
	for _, in := range s.Truth {
		k := insights.Key{Type: insights.CallRate, Category: insights.Management, EventSource: in.Source, EventName: in.Name}
		for _, t := range s.Timelines {
			if t.EventSource == in.Source && t.EventName == in.Name && t.Data {
				k.Category = insights.Data
			}
		}
		if in.ErrorCode != "" {
			k.Type, k.ErrorCode = insights.ErrorRate, in.ErrorCode
		}
		add(k)
	}
	for _, t := range s.told {
		add(t.Key)
	}
	return all
}

func (s simulated) truthOf(k insights.Key) []pages.Span {
	var all []pages.Span
	for _, in := range s.Truth {
		if in.Source == k.EventSource && in.Name == k.EventName && (k.ErrorCode == "" || k.ErrorCode == in.ErrorCode) {
			at := func(m int) time.Time { return s.Start.Add(time.Duration(m) * time.Minute) }
			all = append(all, pages.Span{From: at(in.From), To: at(in.To)})
		}
	}
	return all
}
