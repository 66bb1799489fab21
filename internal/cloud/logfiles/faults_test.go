package logfiles

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/trailhand/trailhand/pkg/events"
)

var errFault = errors.New("fault injected")

// full is a file on a disk that is full now and then: it takes part of what is
// written, and may not let that be taken back.
type full struct {
	*os.File
	r   *rand.Rand
	now bool
}

func (f *full) WriteAt(p []byte, offset int64) (int, error) {
	if f.now = f.r.IntN(4) == 0; !f.now {
		return f.File.WriteAt(p, offset)
	}
	n, err := f.File.WriteAt(p[:f.r.IntN(len(p))], offset)
	return n, errors.Join(errFault, err)
}

func (f *full) Truncate(size int64) error {
	if f.now && f.r.IntN(2) == 0 {
		return errFault
	}
	return f.File.Truncate(size)
}

// world is two trails, one with a log group, in which everything fails now and
// then and the process dies.
type world struct {
	t       *testing.T
	r       *rand.Rand
	cfg     Config
	files   *Files
	calm    bool
	objects map[string]map[string][]byte // by bucket
	group   map[string]int               // how often an event was sent
	told    map[string]int               // how often a file was told
	put     map[string]bool              // files that this process has put
}

func (w *world) fails() bool { return !w.calm && w.r.IntN(4) == 0 }

func (w *world) fault() error {
	if w.fails() {
		return errFault
	}
	return nil
}

func (w *world) store(ctx context.Context, f File, gz []byte) error {
	err := w.tryStore(ctx, f, gz)
	if w.put[f.Key] && !f.Destination.LogGroup {
		w.t.Errorf("%s is put again, though that had been done", f.Key)
	}
	w.put[f.Key] = err == nil
	return err
}

func (w *world) tryStore(_ context.Context, f File, gz []byte) error {
	if err := w.fault(); err != nil {
		return err
	}
	if f.Destination.LogGroup {
		return w.send(f, gz)
	}
	if _, exists := w.objects[f.Destination.Bucket][f.Key]; exists && !f.Again {
		w.t.Errorf("%s is there, and nothing says that it may be", f.Key)
	}
	w.objects[f.Destination.Bucket][f.Key] = gz
	return w.fault() // failed, but applied
}

// send sends the events of a file to the log group, one by one.
func (w *world) send(f File, gz []byte) error {
	n := 0
	for rec, err := range events.OpenGzip(bytes.NewReader(gz), events.Limits{}).All() {
		if err != nil {
			return err
		}
		if n++; n <= f.Sent {
			continue
		}
		if err := w.fault(); err != nil {
			return err
		}
		w.group[rec.String(events.EventID)]++
		f.Progress(n)
	}
	return w.fault()
}

func (w *world) tell(_ context.Context, f File, _ []byte) error {
	if err := w.fault(); err != nil {
		return err
	}
	if w.told[f.Key]++; w.told[f.Key] > 1 && !f.Destination.LogGroup {
		w.t.Errorf("%s was told %d times", f.Key, w.told[f.Key])
	}
	return nil
}

func (w *world) start() {
	clear(w.put)
	w.files = open(w.t, w.cfg)
	w.files.newFile = func(path string) (file, error) {
		f, err := newFile(path)
		if err != nil || w.calm {
			return f, err
		}
		return &full{File: f.(*os.File), r: w.r}, nil
	}
}

func newWorld(t *testing.T, seed uint64) *world {
	w := &world{t: t, r: rand.New(rand.NewPCG(seed, 1)), objects: map[string]map[string][]byte{"logs": {}, "audit": {}}, group: map[string]int{}, told: map[string]int{}, put: map[string]bool{}}
	w.cfg = config(t.TempDir(), &bucket{}, newClock())
	w.cfg.MaxBytes = 1500
	w.cfg.Put, w.cfg.Settle = w.store, w.fault
	w.cfg.After = []func(context.Context, File, []byte) error{w.tell, func(context.Context, File, []byte) error { return w.fault() }}
	w.start()
	return w
}

// ways are a trail, another one with its log group, and both.
func ways() [][]Destination {
	one, two := destination("us-east-1"), destination("us-east-1")
	two.TrailARN, two.Bucket = "arn:aws:cloudtrail:us-east-1:123456789012:trail/audit", "audit"
	group := two
	group.Bucket, group.LogGroup = "", true
	return [][]Destination{{one}, {two, group}, {one, two, group}}
}

// Whatever fails, and wherever the process dies, each record that was taken is
// delivered exactly once to each place in the end, and one that was refused to none.
func TestEveryRecordIsDeliveredOnceEverywhereWhateverFails(t *testing.T) {
	for seed := range uint64(100) {
		w := newWorld(t, seed)
		type sent struct {
			way   int
			taken bool
		}
		var all []sent
		for range 60 {
			switch w.r.IntN(10) {
			case 0:
				_ = w.files.Flush(t.Context()) // may fail: what it kept must not be lost
			case 1:
				w.start() // the process died: no Close
			default:
				way := w.r.IntN(3)
				rec, err := events.Parse(fmt.Appendf(nil, `{"eventID":"%d","text":"%0*d"}`, len(all), w.r.IntN(80), 0))
				if err != nil {
					t.Fatal(err)
				}
				all = append(all, sent{way, w.files.Append(&rec, ways()[way], w.fault) == nil})
			}
		}
		w.calm = true
		w.start()
		if err := w.files.Flush(t.Context()); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if waiting, lost := w.files.Waiting(); waiting != (Counts{}) || lost != (Counts{}) {
			t.Fatalf("seed %d: %+v wait, and %+v are lost", seed, waiting, lost)
		}
		if left, err := os.ReadDir(w.cfg.Dir); err != nil || len(left) > 0 && !damagedOnly(left) {
			t.Fatalf("seed %d: %q are left, %v", seed, left, err)
		}
		one, two := delivered(t, &bucket{objects: w.objects["logs"]}), delivered(t, &bucket{objects: w.objects["audit"]})
		for i, s := range all {
			id := fmt.Sprint(i)
			want := [2]int{}
			if s.taken {
				want = [2]int{[]int{1, 0, 1}[s.way], []int{0, 1, 1}[s.way]}
			}
			if got := [2]int{one[id], two[id]}; got != want {
				t.Fatalf("seed %d: record %d (%+v) was delivered %v times, want %v", seed, i, s, got, want)
			}
			if w.group[id] != want[1] {
				t.Fatalf("seed %d: record %d (%+v) was sent %d times to the log group", seed, i, s, w.group[id])
			}
		}
	}
}

func damagedOnly(left []os.DirEntry) bool {
	for _, e := range left {
		if len(e.Name()) < 8 || e.Name()[len(e.Name())-8:] != ".damaged" {
			return false
		}
	}
	return true
}
