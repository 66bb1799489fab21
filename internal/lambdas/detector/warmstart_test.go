package detector

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"log/slog"
	"maps"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/trailhand/trailhand/internal/lambdas/warmstart"
	"github.com/trailhand/trailhand/internal/replay"
	"github.com/trailhand/trailhand/pkg/insights"
)

// tallied is the bucket of a warm start.
type tallied map[string][]byte

func (b tallied) Keys(_ context.Context, prefix string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for _, key := range slices.Sorted(maps.Keys(b)) {
			if strings.HasPrefix(key, prefix) && !yield(key, nil) {
				return
			}
		}
	}
}

func (b tallied) Get(_ context.Context, key string) ([]byte, string, error) {
	return b[key], "v", nil
}

const (
	order = `{"run":"r","started":"2026-03-11T12:00:00.000Z","places":"w/r/places/","ask":{"days":9}}`
	input = `{"trailhand":"baseline","place":"w/r/places/111122223333/us-east-1","warmStart":` + order + `}`
)

func until() time.Time { return time.Date(2026, 3, 11, 12, 0, 0, 0, time.UTC) }

// nineDays puts a call every seven minutes into the bucket, and gives the state
// that trailhand baseline makes of them.
func nineDays(t *testing.T, b tallied) []byte {
	t.Helper()
	o, err := warmstart.Parse([]byte(order))
	if err != nil {
		t.Fatal(err)
	}
	place := replay.Place{AccountID: "111122223333", Region: "us-east-1"}
	zw, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1))
	if err != nil {
		t.Fatal(err)
	}
	defer zw.Close()
	log := replay.NewLog()
	for at, n := until().AddDate(0, 0, -10), 0; at.Before(until().Add(-time.Hour)); at, n = at.Add(7*time.Minute), n+1 {
		tally := insights.Tally{AccountID: place.AccountID, Region: place.Region, Minute: at, EventSource: "ec2.amazonaws.com",
			EventName: "RunInstances", Category: insights.Management, Count: 1 + n%3, UserAgents: map[string]int{fmt.Sprint(n % 9): 1}}
		for call := range tally.Count {
			tally.EventIDs = fmt.Appendf(tally.EventIDs, "%07d%d", n, call)
		}
		if err := log.Add(&tally); err != nil {
			t.Fatal(err)
		}
		line, err := json.Marshal(tally)
		if err != nil {
			t.Fatal(err)
		}
		b["w/"+o.Tallies(place, at)+fmt.Sprintf("%05d.ndjson.zst", n)] = zw.EncodeAll(append(line, '\n'), nil)
	}
	var want []byte
	err = replay.Baseline(insights.DefaultConfig(), until(), log.End(), 9).States(t.Context(), log, func(_ replay.Place, s *insights.State) (err error) {
		want, err = s.Encode()
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return want
}

func newTestLearner(t *testing.T, b tallied) (*learner, replay.Folder) {
	states, partial := replay.Folder(t.TempDir()), replay.Folder(t.TempDir())
	return &learner{
		bucket: b, prefix: "w/", states: states, config: insights.DefaultConfig(), now: time.Now,
		partial: func(string) insights.Store { return partial }, log: slog.New(slog.DiscardHandler),
	}, states
}

// learn invokes until it is done, and counts the invocations.
func learn(t *testing.T, l *learner, ctx context.Context) (answer learned, invocations int) {
	t.Helper()
	for !answer.Done && invocations < 100 {
		text, err := l.Invoke(ctx, []byte(input))
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(text, &answer); err != nil {
			t.Fatal(err)
		}
		invocations++
	}
	return answer, invocations
}

func TestALearnedStateIsThatOfTrailhandBaseline(t *testing.T) {
	short, cancel := context.WithTimeout(t.Context(), time.Hour)
	defer cancel()
	for name, test := range map[string]struct {
		ctx  context.Context
		tick time.Duration // that the clock goes on whenever it is asked
		want int           // invocations
	}{
		"in one invocation":               {t.Context(), 0, 1},
		"in one, where there is time":     {short, time.Second, 1},
		"in an invocation a day at worst": {short, time.Hour, 10},
	} {
		t.Run(name, func(t *testing.T) {
			b := tallied{}
			want := nineDays(t, b)
			l, states := newTestLearner(t, b)
			clock := time.Now()
			l.now = func() time.Time {
				clock = clock.Add(test.tick)
				return clock
			}
			answer, n := learn(t, l, test.ctx)
			if n != test.want || answer.State != "saved" || answer.Rates != 1 {
				t.Errorf("after %d invocations %+v, want %d", n, answer, test.want)
			}
			if got, _, err := states.Load(t.Context(), "111122223333", "us-east-1"); err != nil || !bytes.Equal(got, want) {
				t.Errorf("the state has %d bytes, %v; that of trailhand baseline has %d", len(got), err, len(want))
			}
			if again, n := learn(t, l, test.ctx); n != 1 || again.State != "kept" {
				t.Errorf("a second run: %+v after %d invocations", again, n)
			}
		})
	}
}

func TestWhatTwoTrailsDeliveredIsLearnedOnce(t *testing.T) {
	b := tallied{}
	want := nineDays(t, b)
	for key, body := range maps.Clone(b) {
		b[key+"-of-another-trail"] = body
	}
	l, states := newTestLearner(t, b)
	learn(t, l, t.Context())
	if got, _, err := states.Load(t.Context(), "111122223333", "us-east-1"); err != nil || !bytes.Equal(got, want) {
		t.Errorf("the state has %d bytes, %v; that of one trail has %d", len(got), err, len(want))
	}
}

func TestAStateThatIsThereIsKeptUnlessItIsToBeReplaced(t *testing.T) {
	for ask, want := range map[string]string{`{"days":9}`: "kept", `{"days":9,"replace":false}`: "kept", `{"days":9,"replace":true}`: "saved"} {
		b := tallied{}
		nineDays(t, b)
		l, states := newTestLearner(t, b)
		if _, err := states.Save(t.Context(), "111122223333", "us-east-1", []byte("live"), ""); err != nil {
			t.Fatal(err)
		}
		text, err := l.Invoke(t.Context(), []byte(strings.Replace(input, `{"days":9}`, ask, 1)))
		if err != nil || !strings.Contains(string(text), `"state":"`+want+`"`) {
			t.Errorf("%s: %s, %v", ask, text, err)
		}
		if got, _, _ := states.Load(t.Context(), "111122223333", "us-east-1"); (string(got) == "live") != (want == "kept") {
			t.Errorf("%s: the state is %q", ask, got)
		}
	}
}

func TestAWarmStartSaysWhatIsWrong(t *testing.T) {
	b := tallied{"w/r/tallies/111122223333/us-east-1/2026-03-10/damaged.ndjson.zst": []byte("no zstd")}
	l, _ := newTestLearner(t, b)
	for payload, want := range map[string]string{
		input: "damaged.ndjson.zst",
		strings.Replace(input, "w/r/", "w/other/", 1):                                "names no place",
		strings.Replace(input, `"days":9`, `"days":61`, 1):                           "days: 61",
		strings.Replace(input, `"days"`, `"Dayz"`, 1):                                "Dayz",
		strings.Replace(input, `"started":"2026-03-11T12:00:00.000Z",`, ``, 1):       "started",
		`{"trailhand":"baseline"}`:                                                   "warmStart",
		strings.Replace(input, `111122223333/us-east-1"`, `111122223333%2Fus-1"`, 1): "names no place",
	} {
		if answer, err := l.Invoke(t.Context(), []byte(payload)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %s, %v", payload, answer, err)
		}
	}
	var none *learner
	if _, err := none.Invoke(t.Context(), []byte(input)); err == nil || !strings.Contains(err.Error(), "WARM_START_BUCKET") {
		t.Errorf("without a bucket: %v", err)
	}
}

func TestAPlaceWithoutCallsInTheDaysHasNoState(t *testing.T) {
	l, states := newTestLearner(t, tallied{})
	answer, _ := learn(t, l, t.Context())
	if data, version, _ := states.Load(t.Context(), "111122223333", "us-east-1"); answer.State != "nothing" || data != nil || version != "" {
		t.Errorf("%+v, and a state %q", answer, data)
	}
}

func TestTalliesAreLearnedInLessMemoryThanTheirText(t *testing.T) {
	if testing.Short() {
		t.Skip("skipped: the race detector, which runs the short tests, empties pools at random")
	}
	agents := map[string]int{}
	for n := range 20 {
		agents[fmt.Sprint(n, strings.Repeat("x", 4<<10))] = 1
	}
	line, err := json.Marshal(insights.Tally{AccountID: "111122223333", Region: "us-east-1", Minute: until(), EventSource: "ec2.amazonaws.com", EventName: "RunInstances", Count: 1, UserAgents: agents})
	if err != nil {
		t.Fatal(err)
	}
	zw, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer zw.Close()
	body := zw.EncodeAll(bytes.Repeat(append(line, '\n'), 50), nil) // 4 MB
	b := tallied{}
	for n := range 40 {
		b[fmt.Sprintf("w/%02d", n)] = body
	}
	l, _ := newTestLearner(t, b)
	log := replay.NewLog()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	err = l.read(t.Context(), slices.Sorted(maps.Keys(b)), log)
	runtime.ReadMemStats(&after)
	if took := after.TotalAlloc - before.TotalAlloc; err != nil || log.Len() != 2000 || took > 40<<20 {
		t.Errorf("%d tallies took %d MB, %v", log.Len(), took>>20, err)
	}
}
