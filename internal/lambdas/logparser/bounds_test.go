package logparser

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"
)

// principals is a log file of n calls, each of a principal of its own.
func principals(t *testing.T, file string, n int) []byte {
	t.Helper()
	records := make([]string, n)
	for i := range records {
		records[i] = fmt.Sprintf(`{"userIdentity":{"arn":"%s-%d"}}`, file, i)
	}
	return gz(t, `{"Records":[`+strings.Join(records, ",")+`]}`)
}

func TestWhatABatchHoldsDoesNotGrowWithItsFiles(t *testing.T) {
	s := store{}
	var notices []string
	for n := range 8 {
		k := key(fmt.Sprint(n))
		s[k] = principals(t, k, 50_000)
		notices = append(notices, notice(k))
	}
	// held is what is in memory when the last line is written.
	held := func(notices []string) (bytes int64) {
		h, _ := newHandler(s, &queue{}, nil)
		h.pipeline.Sinks = nil
		clock := h.now
		h.now = func() time.Time {
			runtime.GC()
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			bytes = int64(m.HeapAlloc)
			return clock()
		}
		if answer, err := h.Invoke(t.Context(), sqsEvent(notices...)); err != nil || failures(t, answer) != "" {
			t.Fatalf("%s, %v", answer, err)
		}
		return bytes
	}
	if one, all := held(notices[:1]), held(notices); all-one > 3<<20 {
		t.Errorf("%d KB with a file, %d KB with eight", one>>10, all>>10)
	}
}
