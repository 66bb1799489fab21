// Package report draws call rates and the insights found in them as one HTML
// page: inline SVG, no script, nothing fetched from anywhere.
package report

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"time"
)

// Page is a whole report.
type Page struct {
	Title  string
	Lead   string // one paragraph under the title
	Made   time.Time
	Tables []Table
	Plots  []Plot
	Charts []Chart
}

// Table is a table of texts under a title.
type Table struct {
	Title string
	Note  string // under the table
	Head  []string
	Rows  [][]string
}

// Chart is one API's rate with its insights.
type Chart struct {
	Title     string // "DeleteBucket (s3.amazonaws.com)"
	Subtitle  string // "ApiCallRateInsight"
	From      time.Time
	PerMinute []int   // calls in each minute since From
	Levels    []Level // in the order of time; may be empty
	Incidents []Incident
	Truth     []Span   // what is really unusual, where that is known
	Records   [][]byte // CloudTrail's own records, JSON
}

// Span is a stretch of time: [From, To).
type Span struct{ From, To time.Time }

// Incident is one insight on a chart: [Start, End) is shaded.
type Incident struct {
	Start, End time.Time // End is zero while the insight is open
	Baseline   float64   // calls a minute that were expected
	Insight    float64   // calls a minute that were seen
	Threshold  float64   // calls in a minute from which on it would have started; 0 = not drawn
	Reason     string
}

// Write renders the page. It fails only where w does, or on a chart without minutes.
func Write(w io.Writer, p Page) error {
	view := pageView{Page: p}
	for i, c := range p.Charts {
		if len(c.PerMinute) == 0 {
			return fmt.Errorf("report: chart %d (%s): no minutes to draw", i+1, c.Title)
		}
		view.Views = append(view.Views, newChartView(c))
	}
	for _, plot := range p.Plots {
		view.Drawn = append(view.Drawn, newPlotView(plot))
	}
	t, err := template.New("page").Parse(pageHTML)
	if err != nil {
		return fmt.Errorf("report: parsing the page's template: %w", err)
	}
	if err := t.Execute(w, view); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	return nil
}

//go:embed page.html
var pageHTML string

type pageView struct {
	Page
	Views []chartView
	Drawn []plotView
}

type chartView struct {
	Chart
	Panels  []panel
	Rows    []row
	Records []string // of the Chart, indented
}

type row struct {
	Start, End, Baseline, Insight, Reason string
}

// zoomMargin is what a close-up shows on either side of an incident.
const zoomMargin = 45 * time.Minute

func newChartView(c Chart) chartView {
	end := c.From.Add(time.Duration(len(c.PerMinute)) * time.Minute)
	v := chartView{Chart: c, Panels: []panel{newPanel(c, "The whole time", c.From, end)}}
	for _, in := range c.Incidents {
		from, to := in.Start.Add(-zoomMargin), closing(in, end).Add(zoomMargin)
		v.Panels = append(v.Panels, newPanel(c, "Close up", from, to))
		v.Rows = append(v.Rows, newRow(in))
	}
	for _, record := range c.Records {
		v.Records = append(v.Records, indented(record))
	}
	for _, s := range c.Truth {
		if !told(s, c.Incidents) {
			v.Panels = append(v.Panels, newPanel(c, "Close up of what was not told", s.From.Add(-zoomMargin), s.To.Add(zoomMargin)))
		}
	}
	return v
}

// indented is a record as it is where it is no JSON.
func indented(record []byte) string {
	var b bytes.Buffer
	if json.Indent(&b, record, "", "  ") != nil {
		return string(record)
	}
	return b.String()
}

func newRow(in Incident) row {
	r := row{
		Start:    in.Start.UTC().Format("2006-01-02 15:04"),
		End:      "still open",
		Baseline: fmt.Sprintf("%.4g", in.Baseline),
		Insight:  fmt.Sprintf("%.4g", in.Insight),
		Reason:   in.Reason,
	}
	if !in.End.IsZero() {
		r.End = in.End.UTC().Format("2006-01-02 15:04")
	}
	return r
}

// closing is where the shade of an incident ends: at the chart's end while it is open.
func closing(in Incident, end time.Time) time.Time {
	if in.End.IsZero() || in.End.After(end) {
		return end
	}
	return in.End
}
