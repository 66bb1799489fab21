package logs

import (
	"encoding/csv"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/trailhand/trailhand/pkg/delivery"
	"github.com/trailhand/trailhand/pkg/events"
)

// columns gives what was asked for, or else the usual ones.
func columns(asked []Path, usual ...string) []Path {
	if asked != nil {
		return asked
	}
	paths := make([]Path, len(usual))
	for i, name := range usual {
		paths[i] = newPath(name)
	}
	return paths
}

// CSV prints a line of names and then a line a record (RFC 4180). Cells that a
// spreadsheet would take for a formula begin with an apostrophe.
func CSV(asked []Path) Format {
	paths := columns(asked, "eventTime", "eventCategory", "awsRegion", "recipientAccountId", "eventSource", "eventName", "readOnly",
		"errorCode", "userIdentity.type", "userIdentity.arn", "sourceIPAddress", "userAgent", "eventID")
	return Format{
		Head: func(w io.Writer) error {
			names := make([]string, len(paths))
			for i, p := range paths {
				names[i] = cell(p.name)
			}
			return writeCSV(csv.NewWriter(w), names)
		},
		Begin: func(w io.Writer, _ delivery.File) Printer {
			return &csvRows{paths: paths, w: csv.NewWriter(w), row: make([]string, len(paths))}
		},
	}
}

func writeCSV(w *csv.Writer, row []string) error {
	if err := w.Write(row); err != nil {
		return err
	}
	w.Flush()
	return w.Error()
}

type csvRows struct {
	paths []Path
	w     *csv.Writer
	row   []string
}

// Print implements Printer.
func (c *csvRows) Print(r *events.Record) error {
	for i, p := range c.paths {
		c.row[i] = cell(p.Text(r))
	}
	return c.w.Write(c.row)
}

// End implements Printer.
func (c *csvRows) End() error {
	c.w.Flush()
	return c.w.Error()
}

// Table prints columns for people to read. A text that is too long for its
// column is cut; the last column is never cut.
func Table(asked []Path) Format {
	paths := columns(asked, "eventTime", "awsRegion", "eventSource", "eventName", "errorCode", "sourceIPAddress", "userIdentity.arn")
	return Format{
		Head: func(w io.Writer) error {
			names := make([]string, len(paths))
			for i, p := range paths {
				names[i] = p.name
			}
			return writeRow(w, paths, names)
		},
		Begin: func(w io.Writer, _ delivery.File) Printer { return &tableRows{paths: paths, w: w} },
	}
}

type tableRows struct {
	paths []Path
	w     io.Writer
}

// Print implements Printer.
func (t *tableRows) Print(r *events.Record) error {
	row := make([]string, len(t.paths))
	for i, p := range t.paths {
		row[i] = p.Text(r)
	}
	return writeRow(t.w, t.paths, row)
}

// End implements Printer.
func (t *tableRows) End() error { return nil }

func writeRow(w io.Writer, paths []Path, row []string) error {
	var b strings.Builder
	for i, text := range row {
		text = Visible(text)
		if i < len(row)-1 {
			text = fit(text, paths[i].width()) + "  "
		}
		b.WriteString(text)
	}
	_, err := io.WriteString(w, strings.TrimRight(b.String(), " ")+"\n")
	return err
}

// width gives the characters of a column of the table.
func (p Path) width() int {
	switch p.name {
	case "eventTime":
		return 20
	case "awsRegion":
		return 14
	case "recipientAccountId", "userIdentity.accountId":
		return 12
	case "sourceIPAddress":
		return 15
	case "eventID", "sharedEventID":
		return 36
	case "userAgent", "userIdentity.arn":
		return 60
	case "errorCode":
		return 20
	}
	return 26
}

// fit makes a text n characters long.
func fit(text string, n int) string {
	have := utf8.RuneCountInString(text)
	if have <= n {
		return text + strings.Repeat(" ", n-have)
	}
	runes := []rune(text)
	return string(runes[:n-1]) + "…"
}
