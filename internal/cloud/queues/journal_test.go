package queues

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func opened(t *testing.T, dir string) *Queues {
	t.Helper()
	q, err := Open(Config{AccountID: "111122223333", Region: "eu-west-1", Now: time.Now}, dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = q.Close() }) // Windows removes no open file
	return q
}

func state(t *testing.T, q *Queues) string {
	t.Helper()
	text, err := q.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// A process that dies leaves the files as they are, and the next one finds each
// message as it was: those that were sent, received, hidden, moved and deleted.
func TestWhateverHappensToMessagesIsThereAfterAKill(t *testing.T) {
	for seed := range uint64(20) {
		synctest.Test(t, func(t *testing.T) {
			r, dir := rand.New(rand.NewPCG(seed, 7)), t.TempDir()
			q := opened(t, dir)
			for name, attributes := range map[string]map[string]string{
				"orders": {"RedrivePolicy": dlq, "MessageRetentionPeriod": "600"}, "dead": nil, "first.fifo": {"FifoQueue": "true"},
			} {
				if err := q.Create(name, attributes); err != nil {
					t.Fatal(err)
				}
			}
			if err := q.Keep(); err != nil {
				t.Fatal(err)
			}
			for range 200 {
				happen(t, q, r)
			}
			want := state(t, q) // and no Close: it was killed
			if got := state(t, opened(t, dir)); got != want {
				t.Fatalf("seed %d: (-before +after)\n%s", seed, cmp.Diff(want, got))
			}
		})
	}
}

// happen does something to a queue.
func happen(t *testing.T, q *Queues, r *rand.Rand) {
	t.Helper()
	queue, group := "orders", ""
	if r.IntN(3) == 0 {
		queue, group = "first.fifo", fmt.Sprint(r.IntN(3))
	}
	var err error
	switch n := r.IntN(100); {
	case n < 40:
		err = q.SendTo(queue, fmt.Sprint(r.IntN(50)), group)
	case n < 80:
		for _, m := range receive(t, q, queue, 0) {
			switch r.IntN(3) {
			case 0:
				err = q.Delete(queue, m.ReceiptHandle)
			case 1:
				err = q.ChangeVisibility(queue, m.ReceiptHandle, time.Duration(r.IntN(60))*time.Second)
			}
		}
	case n < 81:
		err = q.purge(queue)
	case n < 84:
		q.mu.Lock()
		q.journal.dirty = true
		q.mu.Unlock()
		err = q.Keep()
	default:
		time.Sleep(time.Duration(r.IntN(20)) * time.Second)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestAJournalThatIsFoldedIsGone(t *testing.T) {
	dir := t.TempDir()
	q := opened(t, dir)
	if err := q.Create("orders", nil); err != nil {
		t.Fatal(err)
	}
	for range maxJournal / (200 << 10) * 2 {
		send(t, q, "orders", Outgoing{Body: fmt.Sprintf("%0204800d", 1)})
	}
	for range 2 {
		if err := q.Keep(); err != nil {
			t.Fatal(err)
		}
	}
	names, err := filepath.Glob(filepath.Join(dir, "*.journal"))
	if err != nil || len(names) != 1 {
		t.Fatalf("journals %q, %v", names, err)
	}
	if info, err := os.Stat(names[0]); err != nil || info.Size() != 0 {
		t.Errorf("the journal has %d bytes, %v", info.Size(), err)
	}
	if got := state(t, opened(t, dir)); got != state(t, q) {
		t.Error("something is lost")
	}
}

func TestWhatTheJournalDoesNotTakeIsInTheSnapshot(t *testing.T) {
	dir := t.TempDir()
	q := opened(t, dir)
	if err := q.Create("orders", nil); err != nil {
		t.Fatal(err)
	}
	if err := q.Keep(); err != nil {
		t.Fatal(err)
	}
	if err := q.Close(); err != nil { // nothing can be written any more
		t.Fatal(err)
	}
	send(t, q, "orders", Outgoing{Body: "a"})
	if err := q.Keep(); err != nil {
		t.Fatal(err)
	}
	if got := bodies(receive(t, opened(t, dir), "orders", 0)); got != "a" {
		t.Errorf("received %q", got)
	}
}
