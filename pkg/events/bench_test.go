package events

import (
	"bufio"
	"bytes"
	stdgzip "compress/gzip"
	"context"
	"encoding/json"
	"io"
	"iter"
	"os"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/trailhand/trailhand/internal/genlogs"
)

// The job of every benchmark: count by eventSource, eventName, errorCode and
// minute. Ratios of one run are what counts; the speeds are of this machine.

// logFile is a generated log file, made once for all benchmarks. How many
// records it has is in TRAILHAND_BENCH_RECORDS.
type logFile struct{ packed, text []byte }

var benchLogs = sync.OnceValue(func() map[string]logFile {
	records := 20_000 // the full job has 200,000
	if n, err := strconv.Atoi(os.Getenv("TRAILHAND_BENCH_RECORDS")); err == nil {
		records = n
	}
	logs := map[string]logFile{}
	for name, e := range map[string]genlogs.Entropy{"low": genlogs.Low, "high": genlogs.High} {
		var packed, text bytes.Buffer
		if err := genlogs.WriteFile(&packed, 1, records, e); err != nil {
			panic(err)
		}
		if err := genlogs.WriteJSON(&text, 1, records, e); err != nil {
			panic(err)
		}
		logs[name] = logFile{packed.Bytes(), text.Bytes()}
	}
	return logs
})

// eachLog runs one benchmark for each entropy.
func eachLog(b *testing.B, read func(b *testing.B, l logFile) int) {
	for _, name := range []string{"low", "high"} {
		l := benchLogs()[name]
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(l.text)))
			b.ReportAllocs()
			records := 0
			for b.Loop() {
				records += read(b, l)
			}
			b.ReportMetric(float64(records)/b.Elapsed().Seconds(), "records/s")
		})
	}
}

// tally counts records by the key of the job.
type tally struct {
	counts map[string]*int
	key    []byte
}

func (t *tally) add(r *Record) {
	t.key = append(append(t.key[:0], r.Text(EventSource)...), 0)
	t.key = append(append(t.key, r.Text(EventName)...), 0)
	t.key = append(append(t.key, r.Text(ErrorCode)...), 0)
	minute := r.Text(EventTime)
	t.key = append(t.key, minute[:min(len(minute), 16)]...)
	n := t.counts[string(t.key)]
	if n == nil {
		n = new(int)
		t.counts[string(t.key)] = n
	}
	*n++
}

func count(b *testing.B, r *Reader) int {
	b.Helper()
	n, err := countAll(r)
	if err != nil {
		b.Fatal(err)
	}
	return n
}

func countAll(r *Reader) (int, error) {
	t := tally{counts: map[string]*int{}}
	for n := 0; ; n++ {
		rec, err := r.Next()
		if err == io.EOF {
			return n, nil
		}
		if err != nil {
			return n, err
		}
		t.add(rec)
	}
}

// inflate is the yardstick: klauspost's reader over a stream, as a file or an
// S3 object is one, into nothing.
func inflate(b *testing.B, l logFile) int {
	r, err := gzip.NewReader(bufio.NewReaderSize(stream{bytes.NewReader(l.packed)}, 64<<10))
	if err != nil {
		b.Fatal(err)
	}
	if _, err := io.CopyBuffer(stream{io.Discard}, r, make([]byte, 32<<10)); err != nil {
		b.Fatal(err)
	}
	return 0
}

// stream hides everything but Read and Write.
type stream struct{ any }

func (s stream) Read(p []byte) (int, error)  { return s.any.(io.Reader).Read(p) }
func (s stream) Write(p []byte) (int, error) { return s.any.(io.Writer).Write(p) }

func openGzip(b *testing.B, l logFile) int {
	return count(b, OpenGzip(stream{bytes.NewReader(l.packed)}, Limits{}))
}

func openGzipAhead(b *testing.B, l logFile) int {
	r := OpenGzipAhead(stream{bytes.NewReader(l.packed)}, Limits{})
	defer r.Close()
	return count(b, r)
}

func standardLibrary(b *testing.B, l logFile) int {
	n, err := countStandard(l.packed)
	if err != nil {
		b.Fatal(err)
	}
	return n
}

// BenchmarkRatio does two jobs by turns, so that both see the same machine,
// and reports the median of the quotient of their times.
func BenchmarkRatio(b *testing.B) {
	type job = func(*testing.B, logFile) int
	for _, c := range []struct {
		name, unit string
		cores      int
		base, ours job
	}{
		{"OneCoreToInflating", "×inflating", 1, inflate, openGzip},
		{"TwoCoresToInflating", "×inflating", 2, inflate, openGzipAhead},
		{"OneCoreToStandardLibrary", "×stdlib", 1, standardLibrary, openGzip},
	} {
		for _, log := range []string{"low", "high"} {
			l := benchLogs()[log]
			b.Run(c.name+"/"+log, func(b *testing.B) {
				defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(c.cores))
				var ratios []float64
				for b.Loop() {
					start := time.Now()
					c.base(b, l)
					middle := time.Now()
					c.ours(b, l)
					ratios = append(ratios, middle.Sub(start).Seconds()/time.Since(middle).Seconds())
				}
				slices.Sort(ratios)
				b.ReportMetric(ratios[len(ratios)/2], c.unit)
			})
		}
	}
}

func BenchmarkInflateOnly(b *testing.B) { eachLog(b, inflate) }

func BenchmarkOpenGzip(b *testing.B) { eachLog(b, openGzip) }

func BenchmarkOpenGzipAhead(b *testing.B) { eachLog(b, openGzipAhead) }

// BenchmarkStandardLibrary is the way most Go programs go: compress/gzip and
// encoding/json, one record at a time.
func BenchmarkStandardLibrary(b *testing.B) { eachLog(b, standardLibrary) }

func BenchmarkScanOnly(b *testing.B) {
	eachLog(b, func(b *testing.B, l logFile) int {
		return count(b, NewReader(bytes.NewReader(l.text), Limits{}))
	})
}

type standardKey struct{ EventSource, EventName, ErrorCode, Minute string }

func countStandard(packed []byte) (int, error) {
	gz, err := stdgzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return 0, err
	}
	dec := json.NewDecoder(gz)
	for range 3 { // { "Records" [
		if _, err := dec.Token(); err != nil {
			return 0, err
		}
	}
	counts := map[standardKey]int{}
	n := 0
	for ; dec.More(); n++ {
		var e struct{ EventTime, EventSource, EventName, ErrorCode string }
		if err := dec.Decode(&e); err != nil {
			return n, err
		}
		counts[standardKey{e.EventSource, e.EventName, e.ErrorCode, e.EventTime[:16]}]++
	}
	return n, nil
}

// BenchmarkFiles reads 40 files of 5,000 records on one core, two and four.
// It also reports how much faster than one core that is, in the same run.
func BenchmarkFiles(b *testing.B) {
	var packed bytes.Buffer
	if err := genlogs.WriteFile(&packed, 1, 5000, genlogs.High); err != nil {
		b.Fatal(err)
	}
	files := func(yield func(File) bool) {
		for range 40 {
			open := func(context.Context) (io.ReadCloser, error) {
				return io.NopCloser(stream{bytes.NewReader(packed.Bytes())}), nil
			}
			if !yield(File{Name: "file", Open: open}) {
				return
			}
		}
	}
	for _, cores := range []int{1, 2, 4} {
		b.Run(strconv.Itoa(cores)+"cores", func(b *testing.B) {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(cores))
			var ratios []float64
			for b.Loop() {
				alone := timeFiles(b, files, 1)
				ratios = append(ratios, alone/timeFiles(b, files, cores))
			}
			slices.Sort(ratios)
			b.ReportMetric(ratios[len(ratios)/2], "×one")
		})
	}
}

// timeFiles gives the seconds that reading files takes.
func timeFiles(b *testing.B, files iter.Seq[File], parallel int) float64 {
	start := time.Now()
	read := func(_ context.Context, _ string, r *Reader) (int, error) { return countAll(r) }
	for res := range ReadFiles(b.Context(), files, parallel, Limits{}, read) {
		if res.Err != nil || res.Value != 5000 {
			b.Fatal(res)
		}
	}
	return time.Since(start).Seconds()
}
