package events

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"

	"github.com/trailhand/trailhand/internal/genlogs"
)

// Some figures are those of whole processes. This test binary is one when
// countVariable names a log file: it counts, on one core.
const countVariable = "TRAILHAND_COUNT"

func TestMain(m *testing.M) {
	if path := os.Getenv(countVariable); path != "" {
		os.Exit(countProcess(path))
	}
	os.Exit(m.Run())
}

// countProcess prints the counts as `sort | uniq -c` would, and its peak
// memory to standard error.
func countProcess(path string) int {
	f, err := os.Open(path)
	if err == nil {
		defer f.Close()
		t := newTally()
		if _, err = t.read(OpenGzip(f, Limits{})); err == nil {
			t.print(os.Stdout)
			fmt.Fprint(os.Stderr, peakOfThisProcess())
			return 0
		}
	}
	fmt.Fprintln(os.Stderr, err)
	return 1
}

func (t *tally) print(w io.Writer) {
	for key, n := range t.counts {
		fmt.Fprintf(w, "%7d %s\n", *n, key)
	}
}

// peakOfThisProcess gives the line of Linux's /proc/self/status that says how
// much memory was resident at most, "VmHWM: 15012 kB", or nothing elsewhere.
func peakOfThisProcess() string {
	status, _ := os.ReadFile("/proc/self/status")
	for line := range strings.Lines(string(status)) {
		if strings.HasPrefix(line, "VmHWM:") {
			return line
		}
	}
	return ""
}

// countInProcess gives what a process counted, and its peak in bytes.
func countInProcess(b *testing.B, path string) (counts []string, peak float64) {
	b.Helper()
	self, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), countVariable+"="+path, "GOMAXPROCS=1")
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	if err := cmd.Run(); err != nil {
		b.Fatalf("%v: %s", err, said.String())
	}
	fmt.Sscanf(said.String(), "VmHWM: %g kB", &peak)
	return countLines(out.String()), peak * 1024
}

// countLines gives lines of counts in one form and order.
func countLines(out string) []string {
	var lines []string
	for line := range strings.Lines(out) {
		lines = append(lines, strings.Join(strings.Fields(line), " "))
	}
	slices.Sort(lines)
	return lines
}

const jqPipeline = `gunzip -c "$1" | jq -r '.Records[] | [.eventSource, .eventName, .errorCode, .eventTime[:16]] | @tsv' | sort | uniq -c`

// BenchmarkJQ compares whole processes: ours on one core with a pipeline that
// has as many as it can use. Both count the same.
func BenchmarkJQ(b *testing.B) {
	for _, tool := range []string{"sh", "gunzip", "jq", "sort", "uniq"} {
		if _, err := exec.LookPath(tool); err != nil {
			b.Skipf("skipped: %v", err)
		}
	}
	eachEntropy(b, func(b *testing.B, logs generatedLogs) {
		path := filepath.Join(b.TempDir(), "log.json.gz")
		if err := os.WriteFile(path, logs.many.files[0], 0o600); err != nil {
			b.Fatal(err)
		}
		var ratios []float64
		for b.Loop() {
			start := time.Now()
			out, err := exec.Command("sh", "-c", jqPipeline, "sh", path).Output()
			if err != nil {
				b.Fatal(err)
			}
			middle := time.Now()
			counts, _ := countInProcess(b, path)
			ratios = append(ratios, middle.Sub(start).Seconds()/time.Since(middle).Seconds())
			if want := countLines(string(out)); !slices.Equal(counts, want) {
				b.Fatalf("%d lines, jq has %d", len(counts), len(want))
			}
		}
		b.ReportMetric(0, "ns/op")
		b.ReportMetric(median(ratios), "×jq")
	})
}

// BenchmarkPeakMemory is the resident memory of a process that reads one file,
// at most.
func BenchmarkPeakMemory(b *testing.B) {
	if runtime.GOOS != "linux" {
		b.Skip("skipped: peak memory is read from /proc")
	}
	for _, c := range []struct {
		name  string
		write func(*testing.B, io.Writer)
	}{
		{"50MB-compressed", writeLargeFile},
		{"30MB-record", writeLargeRecord},
	} {
		b.Run(c.name, func(b *testing.B) {
			path := filepath.Join(b.TempDir(), "log.json.gz")
			f, err := os.Create(path)
			if err != nil {
				b.Fatal(err)
			}
			defer f.Close()
			c.write(b, f)
			var peak float64
			for b.Loop() {
				_, p := countInProcess(b, path)
				peak = max(peak, p)
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(peak/1e6, "peak-MB")
		})
	}
}

// writeLargeFile writes generated records until 50 MB are compressed.
func writeLargeFile(b *testing.B, w io.Writer) {
	logs, err := benchLogs[genlogs.High]()
	if err != nil {
		b.Fatal(err)
	}
	one := logs.many.part(1).inflated(b)[0]
	records := bytes.TrimSuffix(bytes.TrimPrefix(one, []byte(`{"Records":[`)), []byte(`]}`))
	packed := &countingWriter{w: w}
	gz, err := gzip.NewWriterLevel(packed, gzip.BestSpeed)
	if err != nil {
		b.Fatal(err)
	}
	io.WriteString(gz, `{"Records":[`)
	for packed.n < 50e6 {
		gz.Write(records)
		io.WriteString(gz, ",")
	}
	io.WriteString(gz, "{}]}")
	if err := gz.Close(); err != nil {
		b.Fatal(err)
	}
}

type countingWriter struct {
	w io.Writer
	n int
}

func (c *countingWriter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += n
	return n, err
}

// writeLargeRecord writes one record of 30 MB that does not compress well.
func writeLargeRecord(b *testing.B, w io.Writer) {
	const size = 30e6
	text := []byte(`{"Records":[{"eventName":"PutObject","requestParameters":{"body":"`)
	random := rand.New(rand.NewPCG(1, 2))
	for len(text) < size {
		text = fmt.Appendf(text, "%016x", random.Uint64())
	}
	gz := gzip.NewWriter(w)
	gz.Write(append(text, `"}}]}`...))
	if err := gz.Close(); err != nil {
		b.Fatal(err)
	}
}
