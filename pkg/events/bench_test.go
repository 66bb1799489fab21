package events

import (
	"bytes"
	"cmp"
	"os"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/trailhand/trailhand/internal/genlogs"
)

// Ratios of one run are what counts; speeds are of the machine and the moment.
// docs/performance.md says what each figure means.

// pair is two jobs over the same logs. They are done by turns, so that both
// see the same machine.
type pair struct {
	base, ours job
	baseCores  int
	ourCores   int
	units      map[string]float64 // what the ratio, base's time over ours, is in each of them
}

// ratio does both jobs once, and gives base's time over ours, and ours in
// seconds.
func (p pair) ratio(tb testing.TB, s logSet) (quotient, seconds float64) {
	tb.Helper()
	base := timed(tb, p.base, s, p.baseCores)
	seconds = timed(tb, p.ours, s, p.ourCores)
	return base / seconds, seconds
}

// timed gives the seconds that a job takes on so many cores.
func timed(tb testing.TB, j job, s logSet, cores int) float64 {
	tb.Helper()
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(cores))
	runtime.GC()
	start := time.Now()
	n, err := j(s)
	if err != nil || n != s.records {
		tb.Fatalf("%d records of %d: %v", n, s.records, err)
	}
	return time.Since(start).Seconds()
}

// run reports the median of the ratio, and our speed.
func (p pair) run(b *testing.B, s logSet) {
	b.Helper()
	var ratios, seconds []float64
	for b.Loop() {
		q, t := p.ratio(b, s)
		ratios, seconds = append(ratios, q), append(seconds, t)
	}
	b.ReportMetric(0, "ns/op") // of both jobs together: it would say nothing
	b.ReportMetric(float64(s.bytes)/1e6/median(seconds), "MB/s")
	for unit, factor := range p.units {
		b.ReportMetric(median(ratios)*factor, unit)
	}
}

func median(v []float64) float64 {
	slices.Sort(v)
	return v[len(v)/2]
}

// eachEntropy runs a benchmark over the generated logs of both entropies.
func eachEntropy(b *testing.B, run func(*testing.B, generatedLogs)) {
	for _, e := range []struct {
		name string
		genlogs.Entropy
	}{{"low", genlogs.Low}, {"high", genlogs.High}} {
		b.Run(e.name, func(b *testing.B) {
			logs, err := benchLogs[e.Entropy]()
			if err != nil {
				b.Fatal(err)
			}
			run(b, logs)
		})
	}
}

func percentOfInflating() map[string]float64 { return map[string]float64{"%inflating": 100} }

func timesOneCore() map[string]float64 { return map[string]float64{"×one-core": 1} }

// oneCoreToInflating is what the check of TestReadingKeepsUpWithInflating holds.
func oneCoreToInflating() pair {
	return pair{base: inflating, baseCores: 1, ours: counting(1), ourCores: 1, units: percentOfInflating()}
}

func BenchmarkOneCore(b *testing.B) {
	eachEntropy(b, func(b *testing.B, logs generatedLogs) { oneCoreToInflating().run(b, logs.one) })
	b.Run("samples", func(b *testing.B) {
		folder := cmp.Or(os.Getenv("TRAILHAND_SAMPLES"), ownSamples)
		oneCoreToInflating().run(b, sampleLogs(b, folder))
	})
}

func BenchmarkTwoCoresOneFile(b *testing.B) {
	p := pair{base: inflating, baseCores: 1, ours: countingAhead, ourCores: 2, units: percentOfInflating()}
	eachEntropy(b, func(b *testing.B, logs generatedLogs) { p.run(b, logs.one) })
}

// BenchmarkFourCores reads the files one after another on one core, and four
// at once on four.
func BenchmarkFourCores(b *testing.B) {
	if runtime.NumCPU() < 4 {
		b.Skip("this machine has fewer than four cores")
	}
	p := pair{base: counting(1), baseCores: 1, ours: counting(4), ourCores: 4, units: timesOneCore()}
	eachEntropy(b, func(b *testing.B, logs generatedLogs) { p.run(b, logs.many) })
}

// inflatingAtOnce is inflating, each file in a goroutine of its own.
func inflatingAtOnce(s logSet) (int, error) {
	failed := make(chan error, len(s.files))
	for _, packed := range s.files {
		go func() {
			_, err := inflating(logSet{files: [][]byte{packed}})
			failed <- err
		}()
	}
	for range s.files {
		if err := <-failed; err != nil {
			return 0, err
		}
	}
	return s.records, nil
}

// BenchmarkFourCoresInflating is what four cores of this machine are worth: no
// reader can scale better than inflating alone does.
func BenchmarkFourCoresInflating(b *testing.B) {
	if runtime.NumCPU() < 4 {
		b.Skip("this machine has fewer than four cores")
	}
	p := pair{base: inflating, baseCores: 1, ours: inflatingAtOnce, ourCores: 4, units: timesOneCore()}
	eachEntropy(b, func(b *testing.B, logs generatedLogs) { p.run(b, logs.many) })
}

// BenchmarkStandardLibrary compares with compress/gzip and encoding/json. The
// ratios to the paths of falco's plugin and of OpenTelemetry's receiver are
// derived: another machine measured gzip + encoding/json at 69 MB/s, falco's
// path at 90 and OpenTelemetry's at 97 in one run of this very job.
func BenchmarkStandardLibrary(b *testing.B) {
	p := pair{base: countStandard, baseCores: 1, ours: counting(1), ourCores: 1, units: map[string]float64{
		"×encoding/json": 1, "×falco-derived": 69. / 90, "×opentelemetry-derived": 69. / 97,
	}}
	eachEntropy(b, func(b *testing.B, logs generatedLogs) { p.run(b, logs.many.part(4)) })
}

// BenchmarkScan reads text that is inflated already.
func BenchmarkScan(b *testing.B) {
	eachEntropy(b, func(b *testing.B, logs generatedLogs) {
		s := logs.many.part(4)
		texts := s.inflated(b)
		b.SetBytes(s.bytes)
		b.ReportAllocs()
		for b.Loop() {
			for _, text := range texts {
				if _, err := newTally().read(NewReader(bytes.NewReader(text), Limits{})); err != nil {
					b.Fatal(err)
				}
			}
		}
	})
}

// BenchmarkAllocations counts allocations behind the first fifth of a file: by
// then the shapes of its records are known.
func BenchmarkAllocations(b *testing.B) {
	eachEntropy(b, func(b *testing.B, logs generatedLogs) {
		s := logs.many.part(1)
		var before, after runtime.MemStats
		for b.Loop() {
			r := OpenGzip(bytes.NewReader(s.files[0]), Limits{})
			readFields(b, r, s.records/5)
			runtime.ReadMemStats(&before)
			readFields(b, r, s.records*4/5)
			runtime.ReadMemStats(&after)
		}
		b.ReportMetric(0, "ns/op")
		b.ReportMetric(float64(after.Mallocs-before.Mallocs)/float64(s.records*4/5), "allocs/record")
	})
}

// readFields reads n records, and asks for each of their fields.
func readFields(b *testing.B, r *Reader, n int) {
	for range n {
		rec, err := r.Next()
		if err != nil {
			b.Fatal(err)
		}
		for f := range numFields {
			rec.Text(f)
		}
	}
}
