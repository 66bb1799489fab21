package bootstrap

import (
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/trailhand/trailhand/internal/cloud/flows"
)

// running notes the processes of a function.
type running struct {
	mu    sync.Mutex
	pids  []int
	inits []time.Duration
}

func (r *running) started(pid int, init time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.pids, r.inits = append(r.pids, pid), append(r.inits, init)
}

// each calls visit with a file of /proc of each process.
func (r *running) each(t testing.TB, name string, visit func(text string) error) {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, pid := range r.pids {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", pid, name))
		if err == nil {
			err = visit(string(text))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// peak is the most memory that one of the processes ever held, in MB: VmHWM of
// https://man7.org/linux/man-pages/man5/proc_pid_status.5.html
func (r *running) peak(t testing.TB) float64 {
	most := 0
	r.each(t, "status", func(text string) error {
		_, after, _ := strings.Cut(text, "VmHWM:")
		kB, err := strconv.Atoi(strings.Fields(after)[0])
		most = max(most, kB)
		return err
	})
	return float64(most) / 1024
}

// cpu is the processor time of all the processes: utime and stime, in ticks of
// 10 ms, of https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
func (r *running) cpu(t testing.TB) time.Duration {
	total := 0
	r.each(t, "stat", func(text string) error {
		fields := strings.Fields(text[strings.LastIndexByte(text, ')')+1:])
		user, err := strconv.Atoi(fields[11])
		if err != nil {
			return err
		}
		system, err := strconv.Atoi(fields[12])
		total += user + system
		return err
	})
	return time.Duration(total) * 10 * time.Millisecond
}

func linux(t testing.TB) {
	if runtime.GOOS != "linux" {
		t.Skip("skipped: Lambda's binaries run on linux")
	}
}

const (
	steady   = 64.0                  // MB that the logparser may hold while it streams
	coldest  = 60 * time.Millisecond // that a function may take to start
	attempts = 20                    // others may use the machine too: the best counts
)

// TestTheLogparserHoldsLittleOfALargeLogFile reads a file of 50 MB compressed and
// more in a process of its own.
func TestTheLogparserHoldsLittleOfALargeLogFile(t *testing.T) {
	linux(t)
	dir := built(t, moduleRoot(t), runtime.GOARCH)
	const records = 260_000
	file, err := flows.NewLogFile(records)
	if err != nil {
		t.Fatal(err)
	}
	if len(file) < 50e6 {
		t.Fatalf("the file has %d bytes only", len(file))
	}
	least := math.Inf(1)
	for n := 0; n < 3 && least > steady; n++ {
		t.Run(fmt.Sprint("attempt ", n+1), func(t *testing.T) {
			a, seen := deployed(t, dir)
			if err := a.Read(t.Context(), "large00000000000", file, records); err != nil {
				t.Fatal(err)
			}
			least = min(least, seen["Logparser"].peak(t))
		})
	}
	t.Logf("%d records, %.1f MB compressed: peak %.0f MB", records, float64(len(file))/1e6, least)
	if least > steady {
		t.Errorf("peak %.0f MB, more than %.0f", least, steady)
	}
}

// TestAFunctionStartsAtOnce starts the binaries until one start was fast enough.
func TestAFunctionStartsAtOnce(t *testing.T) {
	linux(t)
	dir := built(t, moduleRoot(t), runtime.GOARCH)
	a, _ := deployed(t, dir)
	for _, f := range a.Wiring().Functions {
		seen := &running{}
		p, err := New(Config{Path: filepath.Join(dir, f.LogicalID, "bootstrap"), Started: seen.started})
		if err != nil {
			t.Fatal(err)
		}
		env := maps.Clone(f.Environment)
		maps.Copy(env, map[string]string{"AWS_REGION": "us-east-1", "AWS_ENDPOINT_URL": a.URL(), "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": "any"})
		for len(seen.inits) < attempts && (len(seen.inits) == 0 || slices.Min(seen.inits) > coldest) {
			h, err := p.Start(t.Context(), env)
			if err != nil {
				t.Fatal(err)
			}
			if err := h.(*environment).Close(); err != nil {
				t.Error(err)
			}
		}
		best := slices.Min(seen.inits)
		t.Logf("%s: init %v, the best of %d", f.LogicalID, best.Round(time.Millisecond), len(seen.inits))
		if best > coldest {
			t.Errorf("%s takes %v to start at best, more than %v", f.LogicalID, best, coldest)
		}
	}
}

// BenchmarkTheDeployedLogparser gives the processor time of the real binary,
// for files of usual sizes: what docs/scale.md computes with.
func BenchmarkTheDeployedLogparser(b *testing.B) {
	linux(b)
	dir := built(b, moduleRoot(b), runtime.GOARCH)
	for _, records := range []int{100, 1000, 10_000, 100_000} {
		b.Run(fmt.Sprint(records), func(b *testing.B) {
			a, seen := deployed(b, dir)
			file, err := flows.NewLogFile(records)
			if err != nil {
				b.Fatal(err)
			}
			logparser, detector := seen["Logparser"].cpu(b), seen["Detector"].cpu(b)
			n := 0
			for b.Loop() {
				if err := a.Read(b.Context(), fmt.Sprintf("%016d", n), file, records); err != nil {
					b.Fatal(err)
				}
				n++
			}
			logparser, detector = seen["Logparser"].cpu(b)-logparser, seen["Detector"].cpu(b)-detector
			b.ReportMetric(float64(logparser.Milliseconds())/float64(n), "logparser-cpu-ms/file")
			b.ReportMetric(float64(detector.Milliseconds())/float64(n), "detector-cpu-ms/file")
			b.ReportMetric(logparser.Seconds()/float64(n*records)*1e6, "logparser-cpu-s/Mrecord")
			b.ReportMetric(seen["Logparser"].peak(b), "peak-MB")
		})
	}
}
