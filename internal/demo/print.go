package demo

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// line is a row of the closing table.
type line struct {
	Act      string
	Happened string
	Err      error // why the act did not end as it should; nil when it did
}

// stage prints what happens, a line each.
type stage struct{ out io.Writer }

func (s stage) title(format string, args ...any) { fmt.Fprintf(s.out, "\n"+format+"\n", args...) }
func (s stage) say(format string, args ...any)   { fmt.Fprintf(s.out, "  "+format+"\n", args...) }

// table prints rows in columns, indented.
func (s stage) table(rows [][]string) {
	w := tabwriter.NewWriter(s.out, 0, 0, 3, ' ', 0)
	for _, row := range rows {
		fmt.Fprintln(w, "  "+strings.Join(row, "\t"))
	}
	_ = w.Flush()
}

// closing prints the table of all acts.
func (s stage) closing(lines []line) {
	s.title("The three acts")
	var rows [][]string
	for _, l := range lines {
		verdict := "as it should"
		if l.Err != nil {
			verdict = "NOT as it should: " + l.Err.Error()
		}
		rows = append(rows, []string{l.Act, l.Happened, verdict})
	}
	s.table(rows)
}
