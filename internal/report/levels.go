package report

import (
	"fmt"
	"strings"
	"time"
)

// Level is what was taken for usual and for unusual from a minute on.
type Level struct {
	At        time.Time
	Expected  float64 // calls a minute
	Threshold float64 // calls in a minute from which on an insight would have started; 0 = none
}

// levelPath draws one value of the levels as steps, where it is in the plot.
func levelPath(levels []Level, s scale, value func(Level) float64) string {
	var b strings.Builder
	drawing := false
	for i, l := range levels {
		to := s.to
		if i+1 < len(levels) {
			to = levels[i+1].At
		}
		v := value(l)
		if v <= 0 || v > s.top || !to.After(s.from) || !l.At.Before(s.to) {
			drawing = false
			continue
		}
		op := "L"
		if !drawing {
			op = "M"
		}
		fmt.Fprintf(&b, "%s%.1f %.1fH%.1f", op, s.x(l.At), s.y(v), s.x(to))
		drawing = true
	}
	return b.String()
}

// drawLevels draws what was expected and what would have been unusual.
func (p *panel) drawLevels(levels []Level, s scale) {
	p.Expected = levelPath(levels, s, func(l Level) float64 { return l.Expected })
	p.Limit = levelPath(levels, s, func(l Level) float64 { return l.Threshold })
}

// levelTop makes room for the levels of a stretch, unless they are far above
// all that was called in it.
func levelTop(levels []Level, from, to time.Time, top float64) float64 {
	highest := top
	for _, l := range levels {
		if l.At.Before(from) || !l.At.Before(to) {
			continue
		}
		if l.Threshold < 4*top {
			highest = max(highest, l.Threshold)
		}
		highest = max(highest, l.Expected)
	}
	return highest
}

// drawTruth marks what is really unusual above the plot.
func (p *panel) drawTruth(truth []Span, s scale) {
	for _, t := range truth {
		if t.To.Before(s.from) || t.From.After(s.to) {
			continue
		}
		x := s.x(t.From)
		p.Truth = append(p.Truth, shade{X: x, Width: max(2, s.x(t.To)-x)})
	}
}

// told says whether an insight is about a stretch of time.
func told(t Span, incidents []Incident) bool {
	for _, in := range incidents {
		if in.Start.Before(t.To.Add(zoomMargin)) && (in.End.IsZero() || in.End.After(t.From)) {
			return true
		}
	}
	return false
}
