package logparser

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
)

// written is a bucket.
type written struct {
	objects map[string][]byte
	puts    int
	err     error
}

func (w *written) Put(_ context.Context, key string, data []byte, _ map[string]string) error {
	w.puts++
	if w.err != nil && w.puts > 1 {
		return w.err
	}
	w.objects[key] = data
	return nil
}

// batch is a batch of a distributed Map, with the log files' names and the order.
func batch(order string, keys ...string) []byte {
	var items []string
	for _, k := range keys {
		items = append(items, fmt.Sprintf(`{"Etag":"\"e\"","Key":%q,"LastModified":1704164645,"Size":1,"StorageClass":"STANDARD"}`, k))
	}
	return fmt.Appendf(nil, `{"BatchInput":{"bucket":"logs","warmStart":%s},"Items":[%s]}`, order, strings.Join(items, ","))
}

const order = `{"run":"r","started":"2024-01-10T00:00:00.000Z","places":"warm/r/places/","ask":{"days":9}}`

func TestABatchOfAWarmStartWritesTalliesByPlaceAndDayAndNothingElse(t *testing.T) {
	later := strings.ReplaceAll(record("b"), "2024-01-02T03", "2024-01-03T03")
	elsewhere := strings.ReplaceAll(record("c"), "us-east-1", "eu/west")
	file := gz(t, `{"Records":[`+strings.Join([]string{record("a"), later, elsewhere, record("d"), record("a")}, ",")+`]}`)
	old := strings.ReplaceAll(key("old"), "2024", "2023")
	q := &queue{}
	h, _ := newHandler(store{key("x"): file}, q, nil)
	bucket := &written{objects: map[string][]byte{}}
	w := &warmStarter{handler: h, bucket: bucket, prefix: "warm/"}
	for range 2 { // reading it again writes the same objects
		answer, err := w.Invoke(t.Context(), batch(order, key("x"), old, "AWSLogs/111122223333/CloudTrail/", "elsewhere.json.gz"))
		if err != nil || !strings.Contains(string(answer), `"files":1`) {
			t.Fatalf("%s, %v", answer, err)
		}
	}
	got := map[string]int{}
	for k, body := range bucket.objects {
		name, _, _ := strings.Cut(k, ".ndjson")
		got[name[:min(len(name), strings.LastIndexByte(name, '/')+1)]] += counted(t, body)
	}
	want := map[string]int{
		"warm/r/tallies/111122223333/us-east-1/2024-01-02/": 2, "warm/r/tallies/111122223333/us-east-1/2024-01-03/": 1,
		"warm/r/tallies/111122223333/eu%2Fwest/2024-01-02/": 1, "warm/r/places/111122223333/": 0,
	}
	if !maps.Equal(got, want) {
		t.Errorf("calls by key %v, want %v", got, want)
	}
	if keys := slices.Sorted(maps.Keys(bucket.objects)); len(keys) != 5 || !slices.Contains(keys, "warm/r/places/111122223333/eu%2Fwest") {
		t.Errorf("objects %q", keys)
	}
	if len(q.batches) > 0 {
		t.Errorf("the detector's queue took %+v", q.batches)
	}
}

func TestTalliesOfAWarmStartCarryEventIDsWhenAsked(t *testing.T) {
	for asked, want := range map[string]bool{"": false, "true": true} {
		h, _ := newHandler(store{key("x"): logFile(t, "a")}, &queue{}, nil)
		w := newWarmStarter(h, nil, map[string]string{}, asked == "true")
		bucket := &written{objects: map[string][]byte{}}
		w.bucket = bucket
		if answer, err := w.Invoke(t.Context(), batch(order, key("x"))); err != nil {
			t.Fatalf("%s, %v", answer, err)
		}
		zr, err := zstd.NewReader(nil)
		if err != nil {
			t.Fatal(err)
		}
		defer zr.Close()
		var text []byte
		for _, body := range bucket.objects {
			if text, err = zr.DecodeAll(body, text); err != nil {
				t.Fatal(err)
			}
		}
		if got := bytes.Contains(text, []byte(`"eventIds":"`)); got != want {
			t.Errorf("EVENT_IDS=%q: %s", asked, text)
		}
	}
}

// counted is the calls in an object of tallies.
func counted(t *testing.T, body []byte) (calls int) {
	t.Helper()
	if len(body) == 0 {
		return 0
	}
	zr, err := zstd.NewReader(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer zr.Close()
	lines, err := zr.DecodeAll(body, nil)
	if err != nil {
		t.Fatal(err)
	}
	for line := range bytes.Lines(lines) {
		_, after, _ := bytes.Cut(line, []byte(`"count":`))
		var n int
		if _, err := fmt.Sscanf(string(after), "%d", &n); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		calls += n
	}
	return calls
}

func TestOtherPayloadsAreReadAsBefore(t *testing.T) {
	for name, payload := range map[string][]byte{
		"a backfill":          batch(`{}`, key("x")),
		"a batch of old":      []byte(`{"BatchInput":{"bucket":"logs"},"Items":[{"Key":"` + key("x") + `"}]}`),
		"the queue":           sqsEvent(notice(key("x"))),
		"a null in its place": batch(`null`, key("x")),
	} {
		q := &queue{}
		h, _ := newHandler(store{key("x"): logFile(t, "a")}, q, nil)
		if answer, err := (&warmStarter{handler: h}).Invoke(t.Context(), payload); err != nil || len(q.batches) != 1 {
			t.Errorf("%s: %s, %v, sent %+v", name, answer, err, q.batches)
		}
	}
}

func TestAWarmStartThatFailsSaysSo(t *testing.T) {
	for name, test := range map[string]struct {
		order string
		w     *written
		want  string
	}{
		"the order is none":      {`{"run":""}`, &written{objects: map[string][]byte{}}, "is no name of an execution"},
		"there is no bucket":     {order, nil, "WARM_START_BUCKET"},
		"the place is not noted": {order, &written{objects: map[string][]byte{}, err: fmt.Errorf("SlowDown")}, "SlowDown"},
	} {
		h, _ := newHandler(store{key("x"): logFile(t, "a")}, &queue{}, nil)
		w := &warmStarter{handler: h}
		if test.w != nil {
			w.bucket = test.w
		}
		if answer, err := w.Invoke(t.Context(), batch(test.order, key("x"))); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %s, %v", name, answer, err)
		}
	}
}

func TestTheAnswerToABatchIsLittleEnoughForAState(t *testing.T) {
	var records []string
	for n := range 5000 {
		records = append(records, strings.Replace(record(fmt.Sprint(n)), "DeleteBucket", fmt.Sprintf("%060d", n), 1))
	}
	h, _ := newHandler(store{key("x"): gz(t, `{"Records":[`+strings.Join(records, ",")+`]}`)}, &queue{}, nil)
	for name, order := range map[string]string{"a backfill": `{}`, "a warm start": order} {
		w := &warmStarter{handler: h, bucket: &written{objects: map[string][]byte{}}}
		answer, err := w.Invoke(t.Context(), batch(order, key("x")))
		if err != nil || len(answer) > maxAnswer || !strings.Contains(string(answer), `"files":1`) || !strings.Contains(string(answer), `"records":5000`) {
			t.Errorf("%s: %d bytes, %v", name, len(answer), err)
		}
	}
}
