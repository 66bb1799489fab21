package replay

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/trailhand/trailhand/pkg/insights"
)

const (
	explainedMinutes  = 6 // of the busiest without a Start
	explainedSilences = 3
	shortSilence      = 3 // minutes
)

// Explain writes why the minutes of a Rate Started an insight, or did not: each
// insight with its reason, the busiest other minutes, and the longest silences.
// With at only that minute is explained.
func (s Series) Explain(ctx context.Context, w io.Writer, cfg insights.Config, told []insights.Transition, at time.Time) error {
	e := explaining{Series: s, cfg: cfg, w: w, told: s.own(told)}
	e.head()
	if !at.IsZero() {
		return cmp.Or(e.minutes(ctx, []time.Time{at.Truncate(time.Minute)}), e.err)
	}
	e.insights()
	e.printf("\nThe busiest other minutes:\n")
	if err := e.minutes(ctx, e.busiest()); err != nil {
		return err
	}
	if err := e.silences(ctx); err != nil {
		return err
	}
	return e.err
}

// explaining is one run of Explain.
type explaining struct {
	Series
	cfg  insights.Config
	w    io.Writer
	told []insights.Transition
	err  error
}

func (e *explaining) printf(format string, args ...any) {
	if e.err == nil {
		_, e.err = fmt.Fprintf(e.w, format, args...)
	}
}

// own are the transitions of the Rate in the Series' place.
func (s Series) own(told []insights.Transition) []insights.Transition {
	var own []insights.Transition
	for _, t := range told {
		if t.AccountID == s.AccountID && t.Region == s.Region && t.Key.Type == s.Type() && RateOf(t.Key) == s.Rate {
			own = append(own, t)
		}
	}
	return own
}

func (e *explaining) head() {
	total := 0
	for _, n := range e.PerMinute {
		total += n
	}
	code := ""
	if e.ErrorCode != "" {
		code = " " + e.ErrorCode
	}
	e.printf("%s of %s%s, %s, in %s %s\n%d calls from %s to %s, as far as they are rated\n", e.EventName, e.EventSource, code, e.Type(),
		e.AccountID, e.Region, total, stamp(e.From), stamp(e.To()))
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04") }

func (e *explaining) insights() {
	e.printf("\nInsights:\n")
	for _, t := range e.told {
		if t.Phase == insights.End {
			e.printf("  %s  End    after %d min, %.4g calls a minute; baseline %.4g\n", stamp(t.Time), t.Statistics.InsightDuration,
				t.Statistics.InsightAverage, t.Statistics.BaselineAverage)
			continue
		}
		e.printf("  %s  Start  %s\n", stamp(t.Time), Because(t.Reason))
	}
	if len(e.told) == 0 {
		e.printf("  none\n")
	}
}

// Because puts a Start's reason in words.
func Because(r insights.Reason) string {
	calls := fmt.Sprintf("%d calls in %d min", r.Calls, r.Window)
	if r.Direction == insights.Drop {
		calls = fmt.Sprintf("no call for %d min", r.Window)
	}
	return fmt.Sprintf("%s, %.4g expected: %.3g nats of evidence, %.3g needed (%s)", calls, r.Expected, r.Evidence, r.Threshold, r.Rule)
}

// open says whether an insight was open in a minute.
func (e *explaining) open(t time.Time) bool {
	open := false
	for _, tr := range e.told {
		if tr.Phase == insights.Start && !tr.Time.After(t) {
			open = true
		}
		if tr.Phase == insights.End && !tr.Time.After(t) {
			open = false
		}
	}
	return open
}

// busiest are the minutes with most calls in which no insight was open, those
// from which the detector learned first left out.
func (e *explaining) busiest() []time.Time {
	first := int(BeforeRises / time.Minute)
	if len(e.PerMinute) <= first {
		first = 0
	}
	var all []time.Time
	for i := first; i < len(e.PerMinute); i++ {
		t := e.From.Add(time.Duration(i) * time.Minute)
		if e.PerMinute[i] > 0 && !e.open(t) {
			all = append(all, t)
		}
	}
	slices.SortStableFunc(all, func(a, b time.Time) int { return cmp.Compare(e.At(b), e.At(a)) })
	all = all[:min(len(all), explainedMinutes)]
	slices.SortFunc(all, time.Time.Compare)
	return all
}

// minutes explains minutes that are in order.
func (e *explaining) minutes(ctx context.Context, at []time.Time) error {
	levels, err := e.Levels(ctx, e.cfg, at)
	for _, l := range levels {
		e.printf("  %s  %d calls: %s\n", stamp(l.At), e.At(l.At), e.why(l))
	}
	return err
}

func (e *explaining) why(l Level) string {
	for _, t := range e.told {
		if t.Phase == insights.Start && t.Reason.Decided.Equal(l.At) {
			return "Start: " + Because(t.Reason)
		}
	}
	switch {
	case e.open(l.At):
		return "an insight was open, and they are part of it"
	case l.Calls > 0:
		return fmt.Sprintf("no Start; it would have taken %d (%.4g expected, %.3g nats needed)", l.Calls, l.Expected, l.Threshold)
	case l.At.Sub(e.From) < BeforeRises:
		return fmt.Sprintf("no Start; observed for %s only, the detector was learning", l.At.Sub(e.From))
	}
	return "no Start, and no number of calls would have: excluded or muted by the configuration"
}

// silence is a stretch without a call.
type silence struct {
	from    time.Time
	minutes int
}

// silences explains the longest ones, in the order of time.
func (e *explaining) silences(ctx context.Context) error {
	if !e.cfg.Drops {
		return nil
	}
	longest := e.longest()
	at := make([]time.Time, len(longest))
	for i, s := range longest {
		at[i] = s.from
	}
	e.printf("\nThe longest silences that were not told:\n")
	if len(longest) == 0 {
		e.printf("  none of more than %d min\n", shortSilence)
	}
	i := 0
	return e.visit(ctx, e.cfg, at, func(f fork) error {
		n, err := f.silence()
		what := fmt.Sprintf("it would have taken %d", n)
		if n == 0 {
			what = "the rate is too low, too uneven or too new for its silence to tell anything"
		}
		e.printf("  %s  %d min without a call: %s\n", stamp(longest[i].from), longest[i].minutes, what)
		i++
		return err
	})
}

func (e *explaining) longest() []silence {
	var all []silence
	last := -1
	for i, n := range e.PerMinute {
		if n == 0 {
			continue
		}
		from := e.From.Add(time.Duration(last+1) * time.Minute)
		if last >= 0 && i-last-1 > shortSilence && !e.open(from) {
			all = append(all, silence{from, i - last - 1})
		}
		last = i
	}
	slices.SortStableFunc(all, func(a, b silence) int { return cmp.Compare(b.minutes, a.minutes) })
	all = all[:min(len(all), explainedSilences)]
	slices.SortFunc(all, func(a, b silence) int { return a.from.Compare(b.from) })
	return all
}
