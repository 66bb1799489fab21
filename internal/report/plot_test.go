package report

import (
	"io"
	"strings"
	"testing"
	"time"
)

func page(t *testing.T, p Page) string {
	t.Helper()
	var b strings.Builder
	if err := Write(&b, p); err != nil {
		t.Fatal(err)
	}
	wellFormedSVG(t, b.String())
	return b.String()
}

func TestTextsOfUsersAreEscapedEverywhere(t *testing.T) {
	evil := `<script>alert("x")</script>'&`
	start := monday().Add(24 * time.Hour)
	text := page(t, Page{
		Title: evil, Lead: evil,
		Tables: []Table{{Title: evil, Note: evil, Head: []string{evil}, Rows: [][]string{{evil}}}},
		Plots: []Plot{{Title: evil, Note: evil, X: evil, Y: evil, Lines: []Line{{Name: evil, Points: []Point{
			{X: 0.1, Y: 0.2, Label: evil, Note: evil}, {X: 0.2, Y: 0.3, Label: evil, Note: evil},
		}}}}},
		Charts: []Chart{{
			Title: evil, Subtitle: evil, From: monday(), PerMinute: nineDays(3), Records: [][]byte{[]byte(evil)},
			Incidents: []Incident{{Start: start, End: start.Add(time.Hour), Reason: evil}},
		}},
	})
	if strings.Contains(text, "<script") || strings.Contains(text, `alert("x")`) {
		t.Error("a text is in the page as it was given")
	}
	if n := strings.Count(text, "&lt;script&gt;"); n < 15 {
		t.Errorf("a text is in the page %d times, want it wherever one was given", n)
	}
}

func TestPointsInOnePlaceHaveOneLabel(t *testing.T) {
	text := page(t, Page{Plots: []Plot{{X: "x", Y: "y", Lines: []Line{
		{Name: "knob", Points: []Point{{X: 0, Y: 0.5, Label: "1"}, {X: 0, Y: 0.5, Label: "2"}, {X: 0.1, Y: 0.6, Label: "3"}, {X: 0.2, Y: 0.7, Label: "4", Large: true}}},
		{Name: "other", Points: []Point{{X: 0.2, Y: 0.7, Label: "9", Large: true}}},
	}}}})
	if n := strings.Count(text, "<circle"); n != 4 {
		t.Errorf("%d points, want 4", n)
	}
	for label, want := range map[string]int{">1 to 2<": 1, ">3<": 1, ">4<": 0, ">9<": 0} {
		if n := strings.Count(text, label); n != want {
			t.Errorf("label %s is there %d times, want %d", label, n, want)
		}
	}
}

func TestLevelsAreStepsUpToWhereNoneIs(t *testing.T) {
	s := scale{from: monday(), to: monday().Add(4 * time.Hour), top: 100}
	at := func(h int, threshold float64) Level {
		return Level{At: monday().Add(time.Duration(h) * time.Hour), Expected: 20, Threshold: threshold}
	}
	levels := []Level{at(0, 60), at(1, 0), at(2, 80), at(3, 500)} // none while an insight is open, and one above the plot
	got := levelPath(levels, s, func(l Level) float64 { return l.Threshold })
	if want := "M52.0 72.0H217.0M382.0 42.0H547.0"; got != want {
		t.Errorf("threshold %q, want %q", got, want)
	}
	if n := strings.Count(levelPath(levels, s, func(l Level) float64 { return l.Expected }), "M"); n != 1 {
		t.Errorf("what is expected is drawn in %d pieces, want one", n)
	}
}

func TestWhatWasNotToldIsDrawnCloseUp(t *testing.T) {
	span := func(day int) Span {
		from := monday().AddDate(0, 0, day)
		return Span{from, from.Add(10 * time.Minute)}
	}
	text := page(t, Page{Charts: []Chart{{
		Title: "x", From: monday(), PerMinute: nineDays(3), Truth: []Span{span(2), span(4)},
		Incidents: []Incident{{Start: span(2).From, End: span(2).To}},
	}}})
	if n := strings.Count(text, "<figcaption>Close up of what was not told"); n != 1 {
		t.Errorf("%d close-ups of what was not told, want 1", n)
	}
	if n := strings.Count(text, `<rect class="truth"`); n != 4 {
		t.Errorf("the truth is marked %d times, want twice in the whole time and once in each close-up", n)
	}
}

func TestAPageOfTablesNeedsNoChart(t *testing.T) {
	if err := Write(io.Discard, Page{Tables: []Table{{Head: []string{"a"}, Rows: [][]string{{"b"}}}}}); err != nil {
		t.Error(err)
	}
}
