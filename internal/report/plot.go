package report

import (
	"fmt"
	"iter"
	"math"
	"strings"
)

// Plot is lines through points, each point with its own label.
type Plot struct {
	Title, Note string
	X, Y        string // what the axes are
	Lines       []Line
}

// Line is points in the order in which they are joined.
type Line struct {
	Name   string
	Points []Point
}

// Point is one measurement.
type Point struct {
	X, Y  float64
	Label string
	Note  string // shown when it is pointed at
	Large bool   // where all lines meet: drawn larger, without its label
}

const (
	plotBottom = 276.0
	colours    = 6
)

// plotView is a Plot in SVG units.
type plotView struct {
	Plot
	XTicks, YTicks []tick
	Lines          []lineView
}

type lineView struct {
	Name, Class, Path string
	Dots              []dot
}

type dot struct {
	X, Y, R      float64
	Label, Title string
}

func newPlotView(p Plot) plotView {
	v := plotView{Plot: p}
	top, low, high := 0.0, math.Inf(1), 0.0
	for _, l := range p.Lines {
		for _, pt := range l.Points {
			top, low, high = max(top, pt.X), min(low, pt.Y), max(high, pt.Y)
		}
	}
	low, high = math.Floor(low*10)/10, math.Ceil(high*10)/10
	if high <= low {
		high = low + 0.1
	}
	top = niceTop(max(top, 1e-6))
	x := func(at float64) float64 { return plotLeft + plotWidth*at/top }
	y := func(at float64) float64 { return plotTop + (plotBottom-plotTop)*(1-(at-low)/(high-low)) }
	for i := range 6 {
		f := float64(i) / 5
		v.XTicks = append(v.XTicks, tick{x(f * top), fmt.Sprintf("%.3g", f*top)})
		v.YTicks = append(v.YTicks, tick{y(low + f*(high-low)), fmt.Sprintf("%.3g", low+f*(high-low))})
	}
	for i, l := range p.Lines {
		v.Lines = append(v.Lines, newLineView(l, fmt.Sprintf("c%d", i%colours), x, y))
	}
	return v
}

func newLineView(l Line, class string, x, y func(float64) float64) lineView {
	v := lineView{Name: l.Name, Class: class}
	var path strings.Builder
	op := "M"
	for group := range same(l.Points) {
		first, last := group[0], group[len(group)-1]
		d := dot{x(first.X), y(first.Y), 3.5, first.Label, first.Note}
		if len(group) > 1 {
			d.Label += " to " + last.Label
		}
		for _, pt := range group {
			if pt.Large {
				d.R, d.Label, d.Title = 6, "", pt.Note
			}
		}
		fmt.Fprintf(&path, "%s%.1f %.1f", op, d.X, d.Y)
		op = "L"
		v.Dots = append(v.Dots, d)
	}
	v.Path = path.String()
	return v
}

// same gives the points that follow each other in one place together.
func same(points []Point) iter.Seq[[]Point] {
	return func(yield func([]Point) bool) {
		for len(points) > 0 {
			n := 1
			for n < len(points) && points[n].X == points[0].X && points[n].Y == points[0].Y {
				n++
			}
			if !yield(points[:n]) {
				return
			}
			points = points[n:]
		}
	}
}
