package logparser

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/trailhand/trailhand/pkg/delivery"
	"github.com/trailhand/trailhand/pkg/insights"
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

func TestAFileThatNoWarmStartCanTakeIsPassedOverAndNamed(t *testing.T) {
	calls := func(n int, change string) []byte {
		records := make([]string, n)
		for i := range records {
			from, to, _ := strings.Cut(change, ">")
			records[i] = strings.Replace(record(fmt.Sprint(i)), from, fmt.Sprintf("%s%d", to, i), 1)
		}
		return gz(t, `{"Records":[`+strings.Join(records, ",")+`]}`)
	}
	for name, test := range map[string]struct {
		file []byte
		says string
	}{
		"damaged":                {file: logFile(t, "a")[:100], says: "cut short"},
		"of too many tallies":    {file: calls(mostTallies+1, "DeleteBucket>N"), says: "100000 APIs and minutes"},
		"of made-up accounts":    {file: calls(mostObjects+1, `"recipientAccountId":"1>"recipientAccountId":"`), says: "places and days"},
		"of as many as it takes": {file: calls(mostObjects, `"recipientAccountId":"1>"recipientAccountId":"`)},
	} {
		t.Run(name, func(t *testing.T) {
			dead := &aside{}
			h, log := newHandler(store{key("x"): test.file, key("good"): logFile(t, "a")}, &queue{}, dead)
			bucket := &written{objects: map[string][]byte{}}
			w := &warmStarter{handler: h, bucket: bucket}
			answer, err := w.Invoke(t.Context(), batch(order, key("x"), key("good")))
			if err != nil || len(dead.bodies) > 0 || !strings.Contains(log.String(), `"SetAside":0`) {
				t.Fatalf("%s, %v, set aside %q\n%s", answer, err, dead.bodies, log)
			}
			if test.says == "" {
				if len(bucket.objects) < 2*mostObjects || !strings.Contains(string(answer), `"files":2`) {
					t.Errorf("%d objects, %s", len(bucket.objects), answer)
				}
				return
			}
			if len(bucket.objects) != 2 || !strings.Contains(string(answer), test.says) || !strings.Contains(string(answer), `"files":1`) || !strings.Contains(log.String(), "not readable") {
				t.Errorf("%d objects, %s\n%s", len(bucket.objects), answer, log)
			}
		})
	}
}

func TestAWarmStartThatMayReadNothingFails(t *testing.T) {
	dead := &aside{}
	h, _ := newHandler(store{key("x"): delivery.ErrDenied}, &queue{}, dead)
	w := &warmStarter{handler: h, bucket: &written{objects: map[string][]byte{}}}
	if answer, err := w.Invoke(t.Context(), batch(order, key("x"))); !errors.Is(err, delivery.ErrDenied) || len(dead.bodies) > 0 {
		t.Errorf("%s, %v, set aside %q", answer, err, dead.bodies)
	}
}

func TestTalliesAreWrittenInLessMemoryThanTheirText(t *testing.T) {
	if testing.Short() {
		t.Skip("skipped: the race detector, which runs the short tests, empties pools at random")
	}
	agents := map[string]int{}
	for n := range 20 {
		agents[fmt.Sprint(n, strings.Repeat("x", 4<<10))] = 1
	}
	tallies := make([]insights.Tally, 1000) // 80 MB
	for i := range tallies {
		tallies[i] = insights.Tally{EventName: fmt.Sprint(i), UserAgents: agents, Count: 1}
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	body, err := ndjson(tallies)
	runtime.ReadMemStats(&after)
	if err != nil || counted(t, body) != len(tallies) {
		t.Fatalf("%d bytes, %v", len(body), err)
	}
	if took := after.TotalAlloc - before.TotalAlloc; took > 20<<20 {
		t.Errorf("it took %d MB", took>>20)
	}
}
