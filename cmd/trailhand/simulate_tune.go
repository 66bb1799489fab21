package main

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/trailhand/trailhand/internal/replay"
	pages "github.com/trailhand/trailhand/internal/report"
	"github.com/trailhand/trailhand/internal/sim"
	"github.com/trailhand/trailhand/pkg/insights"
)

// setting is one value of one knob, the others being those of the scenario.
type setting struct {
	knob, value string
	base        bool // the scenario's own value
	cfg         insights.Config
	score       sim.Scores
}

// settings are the values that are measured, around those of the scenario.
func settings(base insights.Config) []*setting {
	var all []*setting
	add := func(knob string, value, own float64, change func(*insights.Config)) {
		s := &setting{knob: knob, value: fmt.Sprintf("%g", value), base: value == own, cfg: base}
		change(&s.cfg)
		all = append(all, s)
	}
	for _, v := range with(float64(base.MinCount), 1, 2, 3, 5, 8, 15, 30) {
		add("minCount", v, float64(base.MinCount), func(c *insights.Config) { c.MinCount = int(v) })
	}
	for _, v := range with(base.K, 2, 5, 10, 20, 50, 200) {
		add("k", v, base.K, func(c *insights.Config) { c.K = v })
	}
	for _, v := range with(base.ThetaFloor, 6, 9, 12, 16, 22, 30, 50) {
		add("thetaFloor", v, base.ThetaFloor, func(c *insights.Config) { c.ThetaFloor = v })
	}
	return all
}

// with adds the own value to those that are measured, in order.
func with(own float64, values ...float64) []float64 {
	all := append(values, own)
	slices.Sort(all)
	return slices.Compact(all)
}

// tune measures every setting on the same traffic, and prints and draws the trade-off.
func tune(ctx context.Context, p process, f simulateFlags, s sim.Scenario) error {
	all := settings(s.Config)
	progress := newProgress(p.stderr, "tuning")
	first := s
	for i := range f.runs {
		g, err := s.Generate()
		if err != nil {
			return fmt.Errorf("%s: %w", s.Name, err)
		}
		log := replay.NewLog()
		if err := g.Tallies(log.Add); err != nil {
			return err
		}
		log.Sort()
		if err := measure(ctx, g, log, all); err != nil {
			return err
		}
		if progress != nil {
			progress(float64(i+1) / float64(f.runs))
		}
		s.Seed++
	}
	if err := printTuning(p, first, f.runs, all); err != nil || f.report == "" {
		return err
	}
	return writeReport(f.report, pages.Page{
		Title: "What the knobs do", Lead: leadOf(first, f.runs) + ". One knob is changed at a time, on the same traffic.",
		Made: time.Now(), Plots: []pages.Plot{tradeOff("Rises", all, rises), tradeOff("Drops", all, drops)}, Tables: []pages.Table{tuningTable(all)},
	})
}

func rises(s sim.Scores) sim.Score { return s.Rises }
func drops(s sim.Scores) sim.Score { return s.Drops }

// measure scores the settings on one run's traffic, several at once.
func measure(ctx context.Context, g *sim.Generated, log *replay.Log, all []*setting) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for _, s := range all {
		group.Go(func() error {
			told, err := replay.Run{Config: s.cfg}.Transitions(ctx, log)
			if err == nil {
				s.score.Add(g.Score(told))
			}
			return err
		})
	}
	return group.Wait()
}

func tuningTable(all []*setting) pages.Table {
	t := pages.Table{
		Title: "Each setting", Note: intervals,
		Head: []string{"knob", "value", "recall of rises", "false rises a key-week", "precision", "recall of drops", "false drops a key-week"},
	}
	for _, s := range all {
		value := s.value
		if s.base {
			value += " (as it is)"
		}
		r, d := s.score.Rises, s.score.Drops
		t.Rows = append(t.Rows, []string{s.knob, value, share(r.Recall()), perWeek(r.FalseStarts()), share(r.Precision()), share(d.Recall()), perWeek(d.FalseStarts())})
	}
	return t
}

func printTuning(p process, s sim.Scenario, runs int, all []*setting) error {
	out := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', 0)
	t := tuningTable(all)
	fmt.Fprintf(out, "%s\n\n%s\n", safe(p.stdout, leadOf(s, runs)), strings.Join(t.Head, "\t"))
	for _, r := range t.Rows {
		fmt.Fprintln(out, strings.Join(r, "\t"))
	}
	fmt.Fprintf(out, "\n%s\n", intervals)
	return out.Flush()
}

// tradeOff plots what is found over what is told falsely, a line a knob.
func tradeOff(title string, all []*setting, of func(sim.Scores) sim.Score) pages.Plot {
	p := pages.Plot{Title: title, X: "false Starts a key-week", Y: "recall", Note: "Up and to the left is better. The large point is the setting as it is; point at any for its limits."}
	for _, s := range all {
		score := of(s.score)
		recall, wrong := score.Recall(), score.FalseStarts()
		if math.IsNaN(recall.Value) || math.IsNaN(wrong.Value) {
			continue
		}
		if n := len(p.Lines); n == 0 || p.Lines[n-1].Name != s.knob {
			p.Lines = append(p.Lines, pages.Line{Name: s.knob})
		}
		l := &p.Lines[len(p.Lines)-1]
		l.Points = append(l.Points, pages.Point{
			X: wrong.Value, Y: recall.Value, Label: s.value, Large: s.base,
			Note: fmt.Sprintf("%s %s: recall %s, false Starts a key-week %s", s.knob, s.value, share(recall), perWeek(wrong)),
		})
	}
	return p
}
