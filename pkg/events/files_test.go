package events

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// numbered gives n files; the i-th has i records, and is damaged when i is in bad.
func numbered(t testing.TB, n int, bad ...int) iter.Seq[File] {
	return func(yield func(File) bool) {
		for i := range n {
			packed := gz(t, `{"Records":[`+strings.TrimSuffix(strings.Repeat(`{"a":1},`, i), ",")+`]}`)
			for _, b := range bad {
				if b == i {
					packed = packed[:len(packed)-1]
				}
			}
			open := func(context.Context) (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(packed)), nil }
			if !yield(File{Name: fmt.Sprintf("file %d", i), Open: open}) {
				return
			}
		}
	}
}

// countRecords counts, and leaves out what is wrong with the file.
func countRecords(_ context.Context, _ string, r *Reader) (int, error) {
	n := 0
	for _, err := range r.All() {
		if err == nil {
			n++
		}
	}
	return n, nil
}

func TestReadFilesGivesResultsInOrderWhateverTheParallelism(t *testing.T) {
	for _, parallel := range []int{0, 1, 2, 4, 100} {
		i := 0
		for res := range ReadFiles(t.Context(), numbered(t, 60), parallel, Limits{}, countRecords) {
			if res.Name != fmt.Sprintf("file %d", i) || res.Value != i || res.Err != nil {
				t.Fatalf("%d at once: result %d is %+v", parallel, i, res)
			}
			i++
		}
		if i != 60 {
			t.Errorf("%d at once: %d results", parallel, i)
		}
	}
}

func TestReadFilesNamesADamagedFileAndReadsTheOthers(t *testing.T) {
	failed := 0
	for res := range ReadFiles(t.Context(), numbered(t, 20, 7, 8), 3, Limits{}, countRecords) {
		if bad := res.Name == "file 7" || res.Name == "file 8"; bad != (res.Err != nil) {
			t.Errorf("%s: %v", res.Name, res.Err)
		}
		var fe *FileError
		if res.Err != nil {
			failed++
			if !errors.As(res.Err, &fe) || fe.Fault != CutShort || !strings.Contains(res.Err.Error(), fmt.Sprintf("parsing %q", res.Name)) {
				t.Errorf("%s: %v", res.Name, res.Err)
			}
		}
	}
	if failed != 2 {
		t.Errorf("%d failed", failed)
	}
}

func TestReadFilesNamesAFileThatCannotBeOpened(t *testing.T) {
	cause := errors.New("no such key")
	files := func(yield func(File) bool) {
		yield(File{Name: "gone", Open: func(context.Context) (io.ReadCloser, error) { return nil, cause }})
	}
	for res := range ReadFiles(t.Context(), files, 2, Limits{}, countRecords) {
		if !errors.Is(res.Err, cause) || !strings.Contains(res.Err.Error(), `opening "gone"`) {
			t.Errorf("error %v", res.Err)
		}
	}
}

func TestReadFilesKeepsToItsParallelism(t *testing.T) {
	var now, most atomic.Int32
	read := func(ctx context.Context, name string, r *Reader) (int, error) {
		if n := now.Add(1); n > most.Load() {
			most.Store(n)
		}
		defer now.Add(-1)
		runtime.Gosched()
		return countRecords(ctx, name, r)
	}
	for range ReadFiles(t.Context(), numbered(t, 50), 3, Limits{}, read) {
	}
	if most.Load() > 3 {
		t.Errorf("%d files at once, want at most 3", most.Load())
	}
}

func TestReadFilesWaitsForItsReader(t *testing.T) {
	var begun atomic.Int32
	files := func(yield func(File) bool) {
		for f := range numbered(t, 100) {
			begun.Add(1)
			if !yield(f) {
				return
			}
		}
	}
	for range ReadFiles(t.Context(), files, 4, Limits{}, countRecords) {
		time.Sleep(20 * time.Millisecond) // the others go on as far as they may
		break
	}
	if n := begun.Load(); n > 2*4+2 {
		t.Errorf("%d files were begun before the second was asked for", n)
	}
}

func TestReadFilesLeavesNoGoroutine(t *testing.T) {
	before := runtime.NumGoroutine()
	for range ReadFiles(t.Context(), numbered(t, 50), 4, Limits{}, countRecords) {
		break
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	n := 0
	for range ReadFiles(ctx, numbered(t, 50), 4, Limits{}, countRecords) {
		if n++; n == 2 {
			cancel()
		}
	}
	if n == 50 {
		t.Error("files were begun though the context was done")
	}
	wantGoroutines(t, before)
}
