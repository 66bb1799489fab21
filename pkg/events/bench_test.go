package events

import (
	"bytes"
	stdgzip "compress/gzip"
	"encoding/json"
	"io"
	"sync"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/trailhand/trailhand/internal/genlogs"
)

// The job of every benchmark: count by eventSource, eventName, errorCode and
// minute. Ratios of one run are what counts; the speeds are of this machine.

// logFile is a generated log file, made once for all benchmarks.
type logFile struct{ packed, text []byte }

var benchLogs = sync.OnceValue(func() map[string]logFile {
	logs := map[string]logFile{}
	for name, e := range map[string]genlogs.Entropy{"low": genlogs.Low, "high": genlogs.High} {
		var packed, text bytes.Buffer
		if err := genlogs.WriteFile(&packed, 1, 20000, e); err != nil {
			panic(err)
		}
		if err := genlogs.WriteJSON(&text, 1, 20000, e); err != nil {
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
	t := tally{counts: map[string]*int{}}
	n := 0
	for {
		rec, err := r.Next()
		if err == io.EOF {
			return n
		}
		if err != nil {
			b.Fatal(err)
		}
		t.add(rec)
		n++
	}
}

func BenchmarkInflateOnly(b *testing.B) {
	eachLog(b, func(b *testing.B, l logFile) int {
		r, err := gzip.NewReader(bytes.NewReader(l.packed))
		if err != nil {
			b.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, r); err != nil {
			b.Fatal(err)
		}
		return 0
	})
}

func BenchmarkScanOnly(b *testing.B) {
	eachLog(b, func(b *testing.B, l logFile) int {
		return count(b, NewReader(bytes.NewReader(l.text)))
	})
}

func BenchmarkOpenGzip(b *testing.B) {
	eachLog(b, func(b *testing.B, l logFile) int {
		return count(b, OpenGzip(bytes.NewReader(l.packed), Limits{}))
	})
}

func BenchmarkOpenGzipAhead(b *testing.B) {
	eachLog(b, func(b *testing.B, l logFile) int {
		r := OpenGzipAhead(bytes.NewReader(l.packed), Limits{})
		defer r.Close()
		return count(b, r)
	})
}

// BenchmarkStandardLibrary is the way most Go programs go: compress/gzip and
// encoding/json, one record at a time.
func BenchmarkStandardLibrary(b *testing.B) {
	eachLog(b, func(b *testing.B, l logFile) int {
		n, err := countStandard(l.packed)
		if err != nil {
			b.Fatal(err)
		}
		return n
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
