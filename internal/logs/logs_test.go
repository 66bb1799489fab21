package logs

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/trailhand/trailhand/pkg/events"
)

// file is a log file in memory.
func file(name string, stored []byte) File {
	return File{Name: name, Size: int64(len(stored)), Open: func(context.Context) (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(stored)), nil
	}}
}

func zipped(t *testing.T, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	gz, err := gzip.NewWriterLevel(&b, gzip.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := gz.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := gz.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func zstandard(t *testing.T, text string) []byte {
	t.Helper()
	zw, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	return zw.EncodeAll([]byte(text), nil)
}

// printed reads files and gives what a format prints.
func printed(t *testing.T, f Format, jobs int, files ...File) (text string, failed []string, bad int) {
	t.Helper()
	var out bytes.Buffer
	r := Reading{Format: &f, Jobs: jobs}
	sum, err := r.Run(t.Context(), slices.Values(files), &out)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range sum.Failed {
		failed = append(failed, f.Error)
	}
	return out.String(), failed, sum.Bad
}

func TestEveryShapeOfAFileGivesItsRecords(t *testing.T) {
	const one, two = `{"eventName":"A"}`, `{"eventName":"B"}`
	lines, log := one+"\n"+two+"\n", `{"Records":[`+one+","+two+`]}`
	wrapped := `{"EventId":"1","CloudTrailEvent":"{\"eventName\":\"A\"}"}` + "\n" + two
	tests := []struct {
		name   string
		file   File
		want   string
		failed string
		bad    int
	}{
		{"a delivered log file", file("f.json.gz", zipped(t, log)), lines, "", 0},
		{"a plain log file", file("f.json", []byte(log)), lines, "", 0},
		{"a log file on standard input", file("-", []byte(log)), lines, "", 0},
		{"a gzipped log file on standard input", file("-", zipped(t, log)), lines, "", 0},
		{"a log file under zstd", file("f.json.zst", zstandard(t, log)), lines, "", 0},
		{"lines", file("f.jsonl", []byte(lines)), lines, "", 0},
		{"lines without a name", file("-", []byte(lines)), lines, "", 0},
		{"one line without its end", file("-", []byte(one)), one + "\n", "", 0},
		{"lines under gzip", file("f.ndjson.gz", zipped(t, lines)), lines, "", 0},
		{"lines under gzip on standard input", file("-", zipped(t, lines)), lines, "", 0},
		{"lines under zstd, as the ndjson sink writes them", file("f.ndjson.zst", zstandard(t, lines)), lines, "", 0},
		{"lines with a byte order mark, empty ones and carriage returns", file("f.jsonl", []byte("\xef\xbb\xbf"+one+"\r\n\r\n\n"+two)), lines, "", 0},
		{"the output of lookup-events, one a line", file("f.jsonl", []byte(wrapped)), lines, "", 0},
		{"a line that is no record", file("f.jsonl", []byte(one+"\n]}{\n"+two)), lines, "", 1},
		{"a line that would close the array", file("f.jsonl", []byte(one+"\n"+one+","+one+"]}\n"+two)), lines, "", 1},
		{"a line whose CloudTrailEvent is no record", file("f.jsonl", []byte(one+"\n"+`{"CloudTrailEvent":"x"}`+"\n"+two)), lines, "", 1},
		{"no lines at all", file("f.jsonl", nil), "", "", 0},
		{"an empty log file", file("f.json", nil), "", "empty", 0},
		{"gzip that is none", file("f.json.gz", []byte(log)), "", "not gzip", 0},
		{"gzip that is cut", file("f.json.gz", zipped(t, log)[:30]), "", "cut short", 0},
		{"lines under gzip that are cut", file("f.jsonl.gz", zipped(t, lines)[:20]), "", "unreadable", 0},
		{"zstd that is cut", file("f.json.zst", zstandard(t, log)[:20]), "", "unreadable", 0},
		{"something else", file("f.json", []byte(`[1,2]`)), "", "not a log file", 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, failed, bad := printed(t, Records(), 1, test.file)
			if got != test.want || bad != test.bad {
				t.Errorf("got %q with %d bad records, want %q with %d", got, bad, test.want, test.bad)
			}
			if msg := strings.Join(failed, ""); (msg == "") != (test.failed == "") || !strings.Contains(msg, test.failed) {
				t.Errorf("failed with %q, want %q", msg, test.failed)
			}
		})
	}
}

// large is a log file of n records of a kilobyte, each naming the file.
func large(t *testing.T, name string, n int, end string) File {
	var b strings.Builder
	b.WriteString(`{"Records":[`)
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"eventName":%q,"n":%d,"x":%q}`, name, i, strings.Repeat("x", 1000))
	}
	b.WriteString(end)
	return file(name+".json.gz", zipped(t, b.String()))
}

func TestTheOrderIsThatOfTheFilesHoweverManyAreReadAtOnce(t *testing.T) {
	var files []File
	for i := range 12 {
		files = append(files, large(t, fmt.Sprint("file", i), 1+(i*7919)%4000, "]}"))
	}
	for _, format := range []Format{Records(), NDJSON(nil)} {
		want, _, _ := printed(t, format, 1, files...)
		got, _, _ := printed(t, format, 8, files...)
		if got != want {
			t.Errorf("%d bytes in another order than %d", len(got), len(want))
		}
		if strings.Index(want, "file2") < strings.Index(want, "file1") {
			t.Error("not in the order of the files")
		}
	}
}

func TestNothingOfADamagedFileIsPrintedHoweverLargeItIs(t *testing.T) {
	good, cut := large(t, "good", 10, "]}"), large(t, "cut", 6000, `,{"eve`)
	got, failed, _ := printed(t, Records(), 2, cut, good)
	if strings.Contains(got, `"cut"`) || strings.Count(got, "\n") != 10 || len(failed) != 1 {
		t.Errorf("%d lines, %q failed", strings.Count(got, "\n"), failed)
	}
	got, _, _ = printed(t, Records(), 2, large(t, "big", 6000, "]}"))
	if strings.Count(got, "\n") != 6000 {
		t.Errorf("%d lines of a file that does not fit in memory, want 6000", strings.Count(got, "\n"))
	}
}

// failing is a writer that takes nothing.
type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errors.New("no space left") }

func TestARunEndsWhenNothingCanBeWritten(t *testing.T) {
	var files []File
	for i := range 8 {
		files = append(files, large(t, fmt.Sprint(i), 3000, "]}"))
	}
	f := NDJSON(nil)
	r := Reading{Format: &f, Jobs: 4}
	if _, err := r.Run(t.Context(), slices.Values(files), failing{}); err == nil || !strings.Contains(err.Error(), "no space left") {
		t.Errorf("got %v", err)
	}
}

func TestARunEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	blocked, _ := io.Pipe() // nobody ever writes
	s := Sources{Paths: []string{"-"}, Stdin: blocked}
	f := NDJSON(nil)
	r := Reading{Format: &f, Jobs: 1}
	time.AfterFunc(10*time.Millisecond, cancel)
	if _, err := r.Run(ctx, s.Files(ctx), io.Discard); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestWhatCouldDoHarmIsVisible(t *testing.T) {
	tests := []struct{ name, text, visible, cell string }{
		{"plain text", "Aws-Cli/2 ü 日本", "Aws-Cli/2 ü 日本", "Aws-Cli/2 ü 日本"},
		{"an escape sequence", "\x1b]0;title\x07", `\u001b]0;title\u0007`, `\u001b]0;title\u0007`},
		{"a line break", "a\r\nb", `a\u000d\u000ab`, `a\u000d\u000ab`},
		{"an eight-bit control", "\u009b31m", `\u009b31m`, `\u009b31m`},
		{"a turn of direction", "a\u202eb", `a\u202eb`, `a\u202eb`},
		{"a character beyond 16 bits that cannot be seen", "\U000e0041", `\udb40\udc41`, `\udb40\udc41`},
		{"bytes that are not UTF-8", "a\xffb", "a\uFFFDb", "a\uFFFDb"},
		{"a formula", "=cmd|' /C calc'!A0", "=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"},
		{"a formula behind spaces and quotes", ` "@SUM(A1)`, ` "@SUM(A1)`, `' "@SUM(A1)`},
		{"a wide sign", "＝1+1", "＝1+1", "'＝1+1"},
		{"a minus", "-1", "-1", "'-1"},
		{"nothing", "", "", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := Visible(test.text); got != test.visible {
				t.Errorf("visible: %q, want %q", got, test.visible)
			}
			if got := cell(test.text); got != test.cell {
				t.Errorf("cell: %q, want %q", got, test.cell)
			}
		})
	}
}

func TestJSONOnATerminalKeepsItsValue(t *testing.T) {
	var out bytes.Buffer
	if _, err := JSONTerminal(&out).Write([]byte("{\"a\":\"\u009b31m\u202e\"}\n")); err != nil {
		t.Fatal(err)
	}
	if got, want := out.String(), `{"a":"\u009b31m\u202e"}`+"\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestPathsFindValuesByTheirExactNames(t *testing.T) {
	r, err := events.Parse([]byte(`{"eventName":"A","EventName":"B","n":9007199254740993,"o":{"p":{"q":"x\u0041"}},"z":null,"userIdentity":{"arn":"r"},"userAgent":{"odd":1}}`))
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"eventName": "A", "EventName": "B", "eventname": "", "n": "9007199254740993", "o.p.q": "xA", "o.p": `{"q":"x\u0041"}`,
		"o.missing.q": "", "eventName.x": "", "z": "", "userIdentity.arn": "r", "userAgent": `{"odd":1}`,
	} {
		paths, err := ParsePaths(path)
		if err != nil {
			t.Fatal(err)
		}
		if got := paths[0].Text(&r); got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
}
