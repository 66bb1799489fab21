package report

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// The plot area of a panel, in SVG units.
const (
	plotLeft, plotTop     = 52.0, 12.0
	plotWidth, plotHeight = 660.0, 150.0
	maxPoints             = 660 // a point a unit: finer cannot be seen
)

// panel is one drawing: a stretch of time of one chart, as SVG attributes.
type panel struct {
	Caption        string
	Line, Area     string // path data
	Baseline       []segment
	Threshold      []segment
	Expected       string // path data of the levels
	Limit          string
	Shades         []shade
	Truth          []shade
	XTicks, YTicks []tick
	Left, Top      float64
	Right, Bottom  float64
	Width, Height  float64
}

type segment struct{ X1, X2, Y float64 }
type shade struct{ X, Width float64 }
type tick struct {
	At    float64
	Label string
}

// scale maps minutes and calls to the plot area.
type scale struct {
	from, to time.Time
	top      float64
}

func (s scale) x(t time.Time) float64 {
	f := float64(t.Sub(s.from)) / float64(s.to.Sub(s.from))
	return plotLeft + plotWidth*min(1, max(0, f))
}

func (s scale) y(v float64) float64 {
	return plotTop + plotHeight*(1-min(1, v/s.top))
}

func newPanel(c Chart, caption string, from, to time.Time) panel {
	first, last := minuteIndex(c, from), minuteIndex(c, to)
	counts := c.PerMinute[first:last]
	from = c.From.Add(time.Duration(first) * time.Minute)
	to = c.From.Add(time.Duration(last) * time.Minute)
	points := thin(counts)
	s := scale{from: from, to: to, top: niceTop(levelTop(c.Levels, from, to, peak(points, c.Incidents)))}
	p := panel{
		Caption: caption, Left: plotLeft, Top: plotTop, Right: plotLeft + plotWidth, Bottom: plotTop + plotHeight,
		Width: plotWidth, Height: plotHeight, XTicks: timeTicks(s), YTicks: callTicks(s),
	}
	p.Line, p.Area = path(s, points)
	p.mark(c, s)
	p.drawLevels(c.Levels, s)
	p.drawTruth(c.Truth, s)
	return p
}

// mark draws the incidents that fall into the panel.
func (p *panel) mark(c Chart, s scale) {
	for _, in := range c.Incidents {
		end := closing(in, c.From.Add(time.Duration(len(c.PerMinute))*time.Minute))
		if end.Before(s.from) || in.Start.After(s.to) {
			continue
		}
		x1, x2 := s.x(in.Start), s.x(end)
		p.Shades = append(p.Shades, shade{X: x1, Width: max(2, x2-x1)})
		lead := s.x(in.Start.Add(-7 * 24 * time.Hour)) // the baseline's own seven days
		p.Baseline = append(p.Baseline, segment{lead, x2, s.y(in.Baseline)})
		if in.Threshold > 0 && in.Threshold <= s.top {
			p.Threshold = append(p.Threshold, segment{lead, x2, s.y(in.Threshold)})
		}
	}
}

func minuteIndex(c Chart, t time.Time) int {
	return min(len(c.PerMinute), max(0, int(t.Sub(c.From)/time.Minute)))
}

// thin keeps at most maxPoints values, each the largest and the smallest of
// its stretch in turn, so that neither a spike nor a drop is lost.
func thin(counts []int) []float64 {
	step := max(1, (2*len(counts)+maxPoints-1)/maxPoints)
	if len(counts) <= maxPoints {
		step = 1
	}
	var out []float64
	for i := 0; i < len(counts); i += step {
		lo, hi := extremes(counts[i:min(i+step, len(counts))])
		out = append(out, lo)
		if step > 1 {
			out = append(out, hi)
		}
	}
	return out
}

func extremes(counts []int) (lo, hi float64) {
	lo, hi = math.Inf(1), 0
	for _, c := range counts {
		lo, hi = min(lo, float64(c)), max(hi, float64(c))
	}
	return lo, hi
}

func peak(points []float64, incidents []Incident) float64 {
	top := 1.0
	for _, p := range points {
		top = max(top, p)
	}
	for _, in := range incidents {
		top = max(top, in.Baseline)
	}
	return top
}

// niceTop rounds up to 1, 2 or 5 times a power of ten.
func niceTop(v float64) float64 {
	unit := math.Pow(10, math.Floor(math.Log10(v)))
	for _, m := range []float64{1, 2, 5, 10} {
		if m*unit >= v {
			return m * unit
		}
	}
	return 10 * unit
}

func path(s scale, points []float64) (line, area string) {
	var b strings.Builder
	for i, v := range points {
		op := "L"
		if i == 0 {
			op = "M"
		}
		x := plotLeft + plotWidth*float64(i)/float64(max(1, len(points)-1))
		fmt.Fprintf(&b, "%s%.1f %.1f", op, x, s.y(v))
	}
	line = b.String()
	area = fmt.Sprintf("%sL%.1f %.1fL%.1f %.1fZ", line, plotLeft+plotWidth, plotTop+plotHeight, plotLeft, plotTop+plotHeight)
	return line, area
}

func callTicks(s scale) []tick {
	var out []tick
	for _, f := range []float64{0, 0.5, 1} {
		out = append(out, tick{At: s.y(f * s.top), Label: fmt.Sprintf("%g", f*s.top)})
	}
	return out
}

// timeTicks puts about six ticks on whole days, hours or quarters of an hour.
func timeTicks(s scale) []tick {
	span := s.to.Sub(s.from)
	step, layout := 15*time.Minute, "15:04"
	for _, d := range []time.Duration{30 * time.Minute, time.Hour, 3 * time.Hour, 6 * time.Hour, 24 * time.Hour, 7 * 24 * time.Hour} {
		if span/step > 10 {
			step = d
		}
	}
	if step >= 24*time.Hour {
		layout = "Jan 2"
	}
	var out []tick
	for t := s.from.Truncate(step).Add(step); !t.After(s.to); t = t.Add(step) {
		out = append(out, tick{At: s.x(t), Label: t.UTC().Format(layout)})
	}
	return out
}
