//go:build !noparquet

package sinks

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"
)

func TestEveryColumnOfParquetIsInTheGuide(t *testing.T) {
	guide, err := os.ReadFile("../../docs/records.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(guide), "## Columns of Parquet")
	section, _, _ = strings.Cut(section, "\n## ")
	var told, columns []string
	for _, m := range regexp.MustCompile("(?m)^\\| `([^`]+)` \\|").FindAllStringSubmatch(section, -1) {
		told = append(told, m[1])
	}
	for _, path := range parquet.SchemaOf(row{}).Columns() {
		columns = append(columns, strings.Join(path, "."))
	}
	slices.Sort(columns)
	slices.Sort(told)
	if !slices.Equal(columns, told) {
		t.Errorf("columns %q\nthe guide has %q", columns, told)
	}
}
