package events

import (
	"bytes"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/trailhand/trailhand/internal/genlogs"
)

func TestReadingARecordAllocatesNothing(t *testing.T) {
	for _, e := range []genlogs.Entropy{genlogs.Low, genlogs.High} {
		var text bytes.Buffer
		if err := genlogs.WriteJSON(&text, 1, 4000, e); err != nil {
			t.Fatal(err)
		}
		r := NewReader(&text, Limits{})
		next := func() {
			rec, err := r.Next()
			if err != nil {
				t.Fatal(err)
			}
			for f := range numFields {
				rec.Text(f)
			}
			rec.Category()
			rec.EachResource(func(typ, arn []byte) bool { return true })
		}
		for range 1000 {
			next()
		}
		if n := testing.AllocsPerRun(2000, next); n != 0 {
			t.Errorf("%v allocations a record", n)
		}
	}
}

// TestMemoryDoesNotGrowWithTheFile counts all that is ever allocated while a
// file of 200 MB is read, garbage included.
func TestMemoryDoesNotGrowWithTheFile(t *testing.T) {
	const records = 100_000
	one := `{"eventName":"A","requestParameters":{"n":"` + strings.Repeat("0123456789", 200) + `"}}`
	packed := packedRecords(t, one, records)
	for name, open := range map[string]func(io.Reader, Limits) *Reader{"in turn": OpenGzip, "ahead": OpenGzipAhead} {
		n := 0
		used := allocated(func() {
			r := open(bytes.NewReader(packed), Limits{Ratio: -1})
			defer r.Close()
			for _, err := range r.All() {
				if err != nil {
					t.Fatal(err)
				}
				n++
			}
		})
		if n != records || used > 2<<20 {
			t.Errorf("%s: %d records with %d bytes allocated", name, n, used)
		}
	}
}

// TestALargeRecordTakesMemoryInProportion reads a record of 30 MB: windows of
// all sizes up to its own, garbage included, are no more than it and 32 MiB.
func TestALargeRecordTakesMemoryInProportion(t *testing.T) {
	const size = 30 << 20
	packed := packedRecords(t, `{"a":"`+strings.Repeat("x", size)+`"}`, 1)
	used := allocated(func() {
		r := OpenGzip(bytes.NewReader(packed), Limits{Ratio: -1})
		if rec, err := r.Next(); err != nil || len(rec.Raw()) < size {
			t.Fatal(err)
		}
	})
	if used > size+32<<20 {
		t.Errorf("%d bytes allocated for a record of %d", used, size)
	}
}

func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// packedRecords gives a gzipped log file of n equal records.
func packedRecords(t *testing.T, record string, n int) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(w, `{"Records":[`+record)
	for range n - 1 {
		io.WriteString(w, ","+record)
	}
	io.WriteString(w, "]}")
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
