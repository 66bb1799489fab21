package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/trailhand/trailhand/internal/logs"
	"github.com/trailhand/trailhand/pkg/delivery"
)

// output is where records and totals go.
type output struct {
	format *logs.Format // nil for a format of totals alone
	w      io.Writer
	end    func(*delivery.Summary) error
}

// newOutput gives the output of a format's name. JSON that somebody looks at is
// escaped so that it cannot command the terminal.
func newOutput(format, fields string, stdout io.Writer) (output, error) {
	var paths []logs.Path
	if fields != "" {
		var err error
		if paths, err = logs.ParsePaths(fields); err != nil {
			return output{}, fmt.Errorf("--fields: %w", err)
		}
	}
	w := stdout
	if isTerminal(stdout) {
		w = logs.JSONTerminal(stdout)
	}
	nothing := func(*delivery.Summary) error { return nil }
	var f logs.Format
	switch format {
	case "ndjson":
		f = logs.NDJSON(paths)
	case "csv":
		f, w = logs.CSV(paths), stdout
	case "table":
		f, w = logs.Table(paths), stdout
	case "rates":
		f = logs.Rates()
	case "ocsf":
		f = logs.OCSF()
	case "parquet":
		return parquetOutput(stdout, paths)
	case "summary":
		return output{w: stdout, end: func(total *delivery.Summary) error { return printJSON(stdout, total, "  ") }}, onlyWith(paths, format)
	default:
		return output{}, fmt.Errorf("--format %q is none of ndjson, csv, table, summary, rates, parquet, ocsf", format)
	}
	if format == "rates" || format == "ocsf" {
		return output{format: &f, w: w, end: nothing}, onlyWith(paths, format)
	}
	return output{format: &f, w: w, end: nothing}, nil
}

// beside gives where a progress bar may be: not between the records of a terminal.
func (o output) beside(stdout, stderr io.Writer) io.Writer {
	if o.format != nil && isTerminal(stdout) {
		return io.Discard
	}
	return stderr
}

// onlyWith refuses fields of a format that has its own.
func onlyWith(paths []logs.Path, format string) error {
	if paths != nil {
		return fmt.Errorf("--fields: the fields of %s are fixed", format)
	}
	return nil
}

func parquetOutput(stdout io.Writer, paths []logs.Path) (output, error) {
	err := onlyWith(paths, "parquet")
	if isTerminal(stdout) {
		err = errors.Join(err, errors.New("--format parquet is not for a terminal: redirect it to a file"))
	}
	f := logs.Records()
	w := logs.NewParquet(stdout)
	return output{format: &f, w: w, end: func(*delivery.Summary) error { return w.Close() }}, err
}

// printJSON prints a value and a line break: names are as they are, but for
// characters that could command a terminal.
func printJSON(w io.Writer, value any, indent string) error {
	enc := json.NewEncoder(logs.JSONTerminal(w))
	enc.SetEscapeHTML(false)
	enc.SetIndent("", indent)
	if err := enc.Encode(value); err != nil {
		return fmt.Errorf("printing JSON: %w", err)
	}
	return nil
}
