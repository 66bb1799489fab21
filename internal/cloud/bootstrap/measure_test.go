package bootstrap

import (
	"fmt"
	"os"
	"runtime"
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

// steady is what the logparser may hold while it streams, in MB, and a quarter
// more: when garbage is collected is not ours to say.
const steady = 64 * 1.25

func TestTheLogparserHoldsLittleOfALargeLogFile(t *testing.T) {
	linux(t)
	a, seen := deployed(t, built(t, moduleRoot(t), runtime.GOARCH))
	const records = 260_000
	file, err := flows.NewLogFile(records)
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Read(t.Context(), "large00000000000", file, records); err != nil {
		t.Fatal(err)
	}
	peak := seen["Logparser"].peak(t)
	t.Logf("%d records, %.1f MB compressed: peak %.0f MB", records, float64(len(file))/1e6, peak)
	if peak > steady {
		t.Errorf("peak %.0f MB", peak)
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
