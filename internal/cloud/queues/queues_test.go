package queues

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/trailhand/trailhand/internal/cloud/wire"
)

const dlq = `{"deadLetterTargetArn":"arn:aws:sqs:eu-west-1:111122223333:dead","maxReceiveCount":2}`

func newQueues(t *testing.T, made map[string]map[string]string) *Queues {
	t.Helper()
	q := New(Config{AccountID: "111122223333", Region: "eu-west-1", Endpoint: "http://127.0.0.1:4566", Now: time.Now})
	for name, attributes := range made {
		if err := q.Create(name, attributes); err != nil {
			t.Fatal(err)
		}
	}
	return q
}

func fifo(more ...string) map[string]string {
	out := map[string]string{"FifoQueue": "true", "ContentBasedDeduplication": "true"}
	for i := 0; i < len(more); i += 2 {
		out[more[i]] = more[i+1]
	}
	return out
}

func send(t *testing.T, q *Queues, queue string, ms ...Outgoing) {
	t.Helper()
	for _, m := range ms {
		if _, err := q.Send(queue, m); err != nil {
			t.Fatal(err)
		}
	}
}

func receive(t *testing.T, q *Queues, queue string, wait time.Duration) []Message {
	t.Helper()
	messages, err := q.Receive(t.Context(), queue, 10, wait)
	if err != nil {
		t.Fatal(err)
	}
	return messages
}

func bodies(messages []Message) string {
	var out []string
	for _, m := range messages {
		out = append(out, m.Body)
	}
	return strings.Join(out, " ")
}

func TestAMessageIsHiddenForItsVisibilityTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueues(t, map[string]map[string]string{"orders": {"VisibilityTimeout": "60"}})
		send(t, q, "orders", Outgoing{Body: "a"})
		first := receive(t, q, "orders", 0)
		if bodies(first) != "a" {
			t.Fatalf("received %q", bodies(first))
		}
		time.Sleep(59 * time.Second)
		if got := receive(t, q, "orders", 0); len(got) != 0 {
			t.Errorf("received %q after 59 s", bodies(got))
		}
		time.Sleep(time.Second)
		second := receive(t, q, "orders", 0)
		if len(second) != 1 || second[0].Attributes["ApproximateReceiveCount"] != "2" || second[0].ID != first[0].ID {
			t.Fatalf("received %+v after 60 s, want the message for the second time", second)
		}
		if err := q.Delete("orders", first[0].ReceiptHandle); err != nil {
			t.Errorf("deleting by an old receipt: %v, want success", err)
		}
		if d, _ := q.depth("orders"); d != (depth{InFlight: 1}) {
			t.Errorf("%+v after that, want the message still in flight", d)
		}
		if err := q.Delete("orders", second[0].ReceiptHandle); err != nil {
			t.Error(err)
		}
		if d, _ := q.depth("orders"); d != (depth{}) {
			t.Errorf("%+v after deleting by the last receipt, want nothing", d)
		}
	})
}

func TestALongPollWakes(t *testing.T) {
	for name, tc := range map[string]struct {
		happens func(t *testing.T, q *Queues)
		after   time.Duration
		want    string
	}{
		"when a message is sent": {
			func(t *testing.T, q *Queues) {
				time.Sleep(3 * time.Second)
				send(t, q, "orders", Outgoing{Body: "new"})
			}, 3 * time.Second, "new",
		},
		"when a delayed message becomes visible": {
			func(t *testing.T, q *Queues) {
				send(t, q, "orders", Outgoing{Body: "late", Delay: new(5 * time.Second)})
			},
			5 * time.Second, "late",
		},
		"when a message comes back": {
			func(t *testing.T, q *Queues) {
				send(t, q, "orders", Outgoing{Body: "back"})
				receive(t, q, "orders", 0)
			}, 10 * time.Second, "back",
		},
		"when a message in flight is shown again": {
			func(t *testing.T, q *Queues) {
				send(t, q, "orders", Outgoing{Body: "shown"})
				m := receive(t, q, "orders", 0)[0]
				time.Sleep(2 * time.Second)
				if err := q.ChangeVisibility("orders", m.ReceiptHandle, 0); err != nil {
					t.Error(err)
				}
			}, 2 * time.Second, "shown",
		},
		"at its end with nothing": {func(*testing.T, *Queues) {}, 20 * time.Second, ""},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				q := newQueues(t, map[string]map[string]string{"orders": {"VisibilityTimeout": "10"}})
				begun := time.Now()
				if strings.HasPrefix(name, "when a message comes back") || strings.HasPrefix(name, "when a delayed") {
					tc.happens(t, q)
				} else {
					done := make(chan struct{})
					defer func() { <-done }()
					go func() { defer close(done); tc.happens(t, q) }()
					synctest.Wait()
				}
				if got := bodies(receive(t, q, "orders", 20*time.Second)); got != tc.want {
					t.Errorf("received %q, want %q", got, tc.want)
				}
				if took := time.Since(begun); took != tc.after {
					t.Errorf("after %v, want %v", took, tc.after)
				}
			})
		})
	}
}

func TestALongPollEndsWithItsContextAndWithItsQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueues(t, map[string]map[string]string{"orders": nil})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := q.Receive(ctx, "orders", 1, 20*time.Second); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Receive answers %v, want the end of its context", err)
		}
		go func() {
			time.Sleep(time.Second)
			if err := q.remove("orders"); err != nil {
				t.Error(err)
			}
		}()
		if _, err := q.Receive(t.Context(), "orders", 1, 20*time.Second); !wire.IsFault(err, codeNoQueue) {
			t.Errorf("Receive answers %v, want that the queue is gone", err)
		}
	})
}

func TestAfterItsLastReceiveAMessageMovesToTheDeadLetterQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueues(t, map[string]map[string]string{"orders": {"RedrivePolicy": dlq}, "dead": nil})
		send(t, q, "orders", Outgoing{Body: "poison"}, Outgoing{Body: "good"})
		id := ""
		for range 2 {
			for _, m := range receive(t, q, "orders", 0) {
				if m.Body == "good" {
					if err := q.Delete("orders", m.ReceiptHandle); err != nil {
						t.Fatal(err)
					}
					continue
				}
				id = m.ID
			}
			time.Sleep(30 * time.Second)
		}
		if got := receive(t, q, "orders", 0); len(got) != 0 {
			t.Errorf("received %q for the third time", bodies(got))
		}
		dead := receive(t, q, "dead", 0)
		if len(dead) != 1 || dead[0].ID != id || dead[0].Attributes["DeadLetterQueueSourceArn"] != q.arn("orders") {
			t.Errorf("dead letters %+v, want the poison with its id and source", dead)
		}
	})
}

func TestAMessageOlderThanTheRetentionPeriodIsGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueues(t, map[string]map[string]string{"orders": {"MessageRetentionPeriod": "60"}})
		send(t, q, "orders", Outgoing{Body: "old"})
		time.Sleep(59 * time.Second)
		send(t, q, "orders", Outgoing{Body: "young"})
		time.Sleep(time.Second)
		if got := bodies(receive(t, q, "orders", 0)); got != "young" {
			t.Errorf("received %q", got)
		}
	})
}

func TestASnapshotRestoresMessagesReceiptsAndDeduplication(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueues(t, map[string]map[string]string{"ledger.fifo": fifo(), "orders": {"RedrivePolicy": dlq}, "dead": nil})
		send(t, q, "ledger.fifo", Outgoing{Body: "a1", GroupID: "a"}, Outgoing{Body: "a2", GroupID: "a"})
		send(t, q, "orders", Outgoing{Body: "later", Delay: new(time.Minute)})
		held, err := q.Receive(t.Context(), "ledger.fifo", 1, 0)
		if err != nil {
			t.Fatal(err)
		}
		snapshot, err := q.Snapshot()
		if err != nil {
			t.Fatal(err)
		}
		restarted := newQueues(t, nil)
		if err := restarted.Restore(snapshot); err != nil {
			t.Fatal(err)
		}
		again, err := restarted.Snapshot()
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(snapshot), string(again)); diff != "" {
			t.Errorf("a snapshot of what was restored (-want +got):\n%s", diff)
		}
		if got := receive(t, restarted, "ledger.fifo", 0); len(got) != 0 {
			t.Errorf("received %q while a1 is in flight", bodies(got))
		}
		if err := restarted.Delete("ledger.fifo", held[0].ReceiptHandle); err != nil {
			t.Error(err)
		}
		send(t, restarted, "ledger.fifo", Outgoing{Body: "a1", GroupID: "a"})
		if got := bodies(receive(t, restarted, "ledger.fifo", 0)); got != "a2" {
			t.Errorf("received %q, want only what was not yet handled", got)
		}
	})
}

func TestASnapshotThatIsDamagedIsRefused(t *testing.T) {
	q := newQueues(t, map[string]map[string]string{"orders": nil})
	for _, snapshot := range []string{"", "{", `{"name":"orders"}`, `[{"name":"bad name","attributes":{}}]`} {
		if err := q.Restore([]byte(snapshot)); err == nil || !strings.HasPrefix(err.Error(), "restoring queue") {
			t.Errorf("Restore(%q) answers %v", snapshot, err)
		}
	}
	if _, err := q.depth("orders"); err != nil {
		t.Errorf("a refused snapshot changed the queues: %v", err)
	}
}

func TestAQueueIsFoundByNameURLAndARN(t *testing.T) {
	q := newQueues(t, map[string]map[string]string{"orders": nil})
	for _, name := range []string{
		"orders", "http://127.0.0.1:4566/111122223333/orders", "https://sqs.eu-west-1.amazonaws.com/111122223333/orders",
		"arn:aws:sqs:eu-west-1:111122223333:orders",
	} {
		if _, err := q.depth(name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, name := range []string{"", "order", "arn:aws:sqs:eu-west-1:111122223333:", "http://127.0.0.1:4566/"} {
		if _, err := q.depth(name); !wire.IsFault(err, codeNoQueue) {
			t.Errorf("%q: %v, want %s", name, err, codeNoQueue)
		}
	}
}

// depth counts the messages of a queue.
func (q *Queues) depth(queue string) (depth, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	qu, err := q.find(queue)
	if err != nil {
		return depth{}, err
	}
	return qu.depth(q.cfg.Now()), nil
}
