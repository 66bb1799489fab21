package ratebench

import (
	"fmt"
	"io"
	"slices"
	"sync"
	"text/tabwriter"

	"github.com/trailhand/trailhand/internal/sim"
	"github.com/trailhand/trailhand/pkg/insights"
)

// Options of a benchmark.
type Options struct {
	Seed    uint64  // of the first key; the plain rules are calibrated on other seeds
	Keys    int     // for each archetype
	Workers int     // keys at a time
	Budget  float64 // false Starts a key-week that a plain rule may make where it is calibrated
	Config  insights.Config
}

// Row is what one rule did.
type Row struct {
	Rule          string
	Spikes, Drops Score
	ByArchetype   map[string]Score // of spikes
}

// Run measures the detector and the plain rules over the same keys.
func Run(o Options) []Row {
	keys := traffic(o.Seed, o.Keys, o.Workers)
	rows := []Row{measure("Trailhand", keys, o.Workers, func(s Series) []Finding { return detect(s, o.Config) })}
	other := traffic(o.Seed+1<<32, o.Keys, o.Workers)
	for _, r := range rules() {
		threshold := calibrate(r, other, o)
		rows = append(rows, measure(r.name, keys, o.Workers, func(s Series) []Finding {
			return find(s.Counts, r.score(s.Counts), threshold)
		}))
	}
	return rows
}

// traffic is the keys of all archetypes.
func traffic(seed uint64, keys, workers int) []Series {
	kinds := Archetypes()
	all := make([]Series, len(kinds)*keys)
	each(len(all), workers, func(i int) { all[i] = Make(kinds[i/keys], seed+uint64(i)) })
	return all
}

// each calls f for 0 to n-1, so many at a time.
func each(n, workers int, f func(int)) {
	var wg sync.WaitGroup
	next := make(chan int)
	for range max(workers, 1) {
		wg.Go(func() {
			for i := range next {
				f(i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	wg.Wait()
}

func measure(name string, keys []Series, workers int, rule func(Series) []Finding) Row {
	found := make([][]Finding, len(keys))
	each(len(keys), workers, func(i int) { found[i] = rule(keys[i]) })
	row := Row{Rule: name, ByArchetype: map[string]Score{}}
	for i, s := range keys {
		var spikes, drops Score
		spikes.add(s, found[i], Spike)
		drops.add(s, found[i], Drop)
		row.Spikes.merge(spikes)
		row.Drops.merge(drops)
		of := row.ByArchetype[s.Archetype]
		of.merge(spikes)
		row.ByArchetype[s.Archetype] = of
	}
	return row
}

// calibrate is the least of a ladder of thresholds at which a rule keeps to the budget.
func calibrate(r rule, keys []Series, o Options) float64 {
	scores := make([][]float64, len(keys))
	each(len(keys), o.Workers, func(i int) { scores[i] = r.score(keys[i].Counts) })
	var ladder []float64
	for t := 2.0; t < 1e5; t *= 1.15 {
		ladder = append(ladder, t)
	}
	i, _ := slices.BinarySearchFunc(ladder, o.Budget, func(threshold, budget float64) int {
		var s Score
		for i, key := range keys {
			s.add(key, find(key.Counts, scores[i], threshold), Spike)
		}
		if s.FalseAWeek() > budget {
			return -1
		}
		return 1
	})
	return ladder[min(i, len(ladder)-1)]
}

// Write draws the rows as tables, shares and rates with their 95% limits.
func Write(w io.Writer, rows []Row) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "rule\tfalse Starts/key-week\tprecision\trecall\tdelay median/p90\tEnd within 2 min")
	for _, r := range rows {
		line(t, r.Rule, r.Spikes)
	}
	for _, r := range rows {
		if r.Drops.Found > 0 {
			line(t, r.Rule+", drops", r.Drops)
		}
	}
	fmt.Fprintln(t, "\t\t\t\t\t")
	for _, a := range Archetypes() {
		line(t, rows[0].Rule+", "+a.Name, rows[0].ByArchetype[a.Name])
	}
	return t.Flush()
}

func line(w io.Writer, name string, s Score) {
	limits := sim.Score{Found: s.Found, Anomalies: s.Anomalies, False: s.False, KeyWeeks: s.weeks()}
	recall, starts := limits.Recall(), limits.FalseStarts()
	fmt.Fprintf(w, "%s\t%.4f (%.4f to %.4f)\t%.3f\t%.3f (%.3f to %.3f; %d of %d)\t%d/%d\t%.3f\n",
		name, s.FalseAWeek(), starts.Low, starts.High, s.Precision(), s.Recall(), recall.Low, recall.High, s.Found, s.Anomalies,
		s.Delay(.5), s.Delay(.9), s.EndedWell())
}
