package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"

	"github.com/trailhand/trailhand/internal/genlogs"
)

// peaked is trailhand, which at its end prints how much memory was resident at
// most: "VmHWM: 15012 kB" of Linux's /proc/self/status.
func peaked() {
	code := run(context.Background(), os.Args[1:], os.Environ(), os.Stdin, os.Stdout, io.Discard)
	status, _ := os.ReadFile("/proc/self/status")
	for line := range strings.Lines(string(status)) {
		if strings.HasPrefix(line, "VmHWM:") {
			fmt.Fprint(os.Stderr, line)
		}
	}
	os.Exit(code)
}

// packed is the size of the large file as it is stored.
const packed = 50 << 20

// writeLarge writes a log file of that size: generated records again and again.
func writeLarge(t *testing.T, path string) {
	t.Helper()
	var some bytes.Buffer
	if err := genlogs.WriteJSON(&some, 1, 5000, genlogs.High); err != nil {
		t.Fatal(err)
	}
	records := bytes.TrimSuffix(bytes.TrimPrefix(some.Bytes(), []byte(`{"Records":[`)), []byte(`]}`))
	gz, err := gzip.NewWriterLevel(io.Discard, gzip.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	gz.Reset(f)
	text := []byte(`{"Records":[`)
	for size := int64(0); size < packed; {
		if _, err := gz.Write(append(text, records...)); err != nil {
			t.Fatal(err)
		}
		text = []byte(",")
		if size, err = f.Seek(0, io.SeekCurrent); err != nil {
			t.Fatal(err)
		}
	}
	_, err = gz.Write([]byte("]}"))
	for _, err := range []error{err, gz.Close(), f.Close()} {
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestALargeFileIsParsedInLittleMemory(t *testing.T) {
	if runtime.GOOS != "linux" || testing.Short() {
		t.Skip("skipped: peak memory is read from Linux's /proc, of a file of 50 MiB")
	}
	path := filepath.Join(t.TempDir(), "large.json.gz")
	writeLarge(t, path)
	small := filepath.Join(t.TempDir(), "small.json")
	if err := os.WriteFile(small, []byte(`{"Records":[{"eventName":"A"}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	base := peakOf(t, "summary", small)
	for format, most := range largeBounds() {
		peak := peakOf(t, format, path)
		t.Logf("%s: %.1f MiB, of which %.1f without the file", format, peak, base)
		if peak-base > most {
			t.Errorf("%s: the file took %.1f MiB, want %.0f at most", format, peak-base, most)
		}
	}
}

// largeBounds is what a file may take beside the program itself, in MiB: windows
// and an inflater for totals, output that waits for its turn for records, a row
// group for Parquet.
func largeBounds() map[string]float64 {
	return map[string]float64{"summary": 8, "rates": 8, "ndjson": 16, "csv": 48, "ocsf": 24, "parquet": 64}
}

// peakOf gives the resident memory of a process that parses one file, in MiB.
func peakOf(t *testing.T, format, path string) float64 {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "trailhand-peak", "parse", "--jobs", "1", "--format", format, path)
	var said bytes.Buffer
	cmd.Stderr = &said
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v: %s", err, said.String())
	}
	var kB float64
	if _, err := fmt.Sscanf(said.String(), "VmHWM: %g kB", &kB); err != nil {
		t.Fatal(err)
	}
	return kB / 1024
}
