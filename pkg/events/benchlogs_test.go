package events

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/klauspost/compress/gzip"
	"golang.org/x/sync/errgroup"

	"github.com/trailhand/trailhand/internal/genlogs"
)

// logSet is gzipped log files that a job reads.
type logSet struct {
	files   [][]byte
	records int
	bytes   int64 // inflated
}

// generatedLogs are made once for all benchmarks: the same records as one file
// and as many.
type generatedLogs struct{ one, many logSet }

// manyFiles is how many files there are in generatedLogs.many.
const manyFiles = 40

// benchRecords is how many records a set has: TRAILHAND_BENCH_RECORDS, which
// `make bench` sets to 200,000.
func benchRecords() int {
	if n, err := strconv.Atoi(os.Getenv("TRAILHAND_BENCH_RECORDS")); err == nil {
		return n
	}
	return 20_000
}

var benchLogs = map[genlogs.Entropy]func() (generatedLogs, error){
	genlogs.Low:  sync.OnceValues(func() (generatedLogs, error) { return generateAll(genlogs.Low) }),
	genlogs.High: sync.OnceValues(func() (generatedLogs, error) { return generateAll(genlogs.High) }),
}

func generateAll(e genlogs.Entropy) (generatedLogs, error) {
	total := benchRecords()
	one, err := generate(e, 1, total)
	if err != nil {
		return generatedLogs{}, err
	}
	many, err := generate(e, manyFiles, total/manyFiles)
	return generatedLogs{one, many}, err
}

// generate makes files of so many records each, each from a seed of its own.
func generate(e genlogs.Entropy, files, records int) (logSet, error) {
	s := logSet{files: make([][]byte, files), records: files * records}
	var all errgroup.Group
	for i := range s.files {
		all.Go(func() error {
			var b bytes.Buffer
			err := genlogs.WriteFile(&b, uint64(i+1), records, e)
			s.files[i] = b.Bytes()
			return err
		})
	}
	if err := all.Wait(); err != nil {
		return s, err
	}
	return s, s.measure()
}

// measure finds the inflated size.
func (s *logSet) measure() error {
	for _, packed := range s.files {
		gz, err := gzip.NewReader(bytes.NewReader(packed))
		if err != nil {
			return err
		}
		n, err := io.Copy(io.Discard, gz)
		if err != nil {
			return err
		}
		s.bytes += n
	}
	return nil
}

// inflated gives a set's files as text.
func (s logSet) inflated(b *testing.B) [][]byte {
	b.Helper()
	var texts [][]byte
	for _, packed := range s.files {
		gz, err := gzip.NewReader(bytes.NewReader(packed))
		if err != nil {
			b.Fatal(err)
		}
		text, err := io.ReadAll(gz)
		if err != nil {
			b.Fatal(err)
		}
		texts = append(texts, text)
	}
	return texts
}

// part gives the first n of many equal files.
func (s logSet) part(n int) logSet {
	all := int64(len(s.files))
	return logSet{files: s.files[:n], records: s.records * n / len(s.files), bytes: s.bytes * int64(n) / all}
}

// ownSamples are the samples of this repository.
const ownSamples = "../../examples/logs"

// sampleLogs reads the log files in a folder's AWSLogs. How many records they
// have is counted by encoding/json.
func sampleLogs(tb testing.TB, folder string) logSet {
	tb.Helper()
	var s logSet
	err := filepath.WalkDir(filepath.Join(filepath.FromSlash(folder), "AWSLogs"), func(path string, _ os.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".json.gz") {
			return err
		}
		packed, err := os.ReadFile(path)
		s.files = append(s.files, packed)
		return err
	})
	if err != nil {
		tb.Fatal(err)
	}
	if s.records, err = countStandard(s); err != nil {
		tb.Fatal(err)
	}
	if err := s.measure(); err != nil {
		tb.Fatal(err)
	}
	return s
}
