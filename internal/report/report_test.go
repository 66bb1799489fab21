package report

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
	"time"
)

func monday() time.Time { return time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC) }

func nineDays(background int) []int {
	counts := make([]int, 9*1440)
	for i := range counts {
		counts[i] = background
	}
	return counts
}

func TestAPageShadesEachIncidentAndLoadsNothing(t *testing.T) {
	counts := nineDays(20)
	for m := 8 * 1440; m < 8*1440+10; m++ {
		counts[m] = 100
	}
	start := monday().Add(8 * 24 * time.Hour)
	var b strings.Builder
	err := Write(&b, Page{Title: "Rates <of> calls", Lead: "lead", Charts: []Chart{{
		Title: "DeleteBucket", Subtitle: "ApiCallRateInsight", From: monday(), PerMinute: counts,
		Incidents: []Incident{{Start: start, End: start.Add(10 * time.Minute), Baseline: 20, Insight: 100, Threshold: 61, Reason: "100 > 61"}},
		Records:   [][]byte{[]byte(`{"eventName":"DeleteBucket"}`)},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	page := b.String()
	if n := strings.Count(page, `<rect class="shade"`); n != 2 {
		t.Errorf("shaded %d times, want 2: the whole time and the close-up", n)
	}
	for _, outside := range []string{"http:", "https:", "<script", "<link", "@import", "url("} {
		if strings.Contains(page, outside) {
			t.Errorf("the page refers to something outside: %q", outside)
		}
	}
	if !strings.Contains(page, "Rates &lt;of&gt; calls") {
		t.Error("the title is not escaped")
	}
	if !strings.Contains(page, "2026-01-13 00:10") {
		t.Error("the End is not in the table")
	}
	wellFormedSVG(t, page)
}

func wellFormedSVG(t *testing.T, page string) {
	t.Helper()
	for rest := page; ; {
		_, after, found := strings.Cut(rest, "<svg")
		if !found {
			return
		}
		body, tail, _ := strings.Cut(after, "</svg>")
		dec := xml.NewDecoder(strings.NewReader("<svg" + body + "</svg>"))
		for {
			if _, err := dec.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("SVG is not well formed: %v", err)
			}
		}
		rest = tail
	}
}

func TestThinningLosesNeitherASpikeNorADrop(t *testing.T) {
	counts := nineDays(20)
	counts[7777], counts[3333] = 900, 0
	points := thin(counts)
	if len(points) > maxPoints {
		t.Fatalf("%d points, want at most %d", len(points), maxPoints)
	}
	lo, hi := points[0], points[0]
	for _, p := range points {
		lo, hi = min(lo, p), max(hi, p)
	}
	if lo != 0 || hi != 900 {
		t.Errorf("after thinning the range is %g to %g, want 0 to 900", lo, hi)
	}
}

func TestAnOpenInsightIsShadedToTheEndOfTheChart(t *testing.T) {
	c := Chart{Title: "x", From: monday(), PerMinute: nineDays(5), Incidents: []Incident{{Start: monday().Add(8 * 24 * time.Hour), Baseline: 5}}}
	v := newChartView(c)
	s := v.Panels[0].Shades[0]
	if got, want := s.X+s.Width, plotLeft+plotWidth; got != want {
		t.Errorf("the shade ends at %g, want %g", got, want)
	}
	if v.Rows[0].End != "still open" {
		t.Errorf("End column says %q", v.Rows[0].End)
	}
}

func TestAChartWithoutMinutesIsAnError(t *testing.T) {
	err := Write(io.Discard, Page{Charts: []Chart{{Title: "empty"}}})
	if err == nil || !strings.Contains(err.Error(), "empty") {
		t.Errorf("error %v, want one that names the chart", err)
	}
}
