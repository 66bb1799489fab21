package queues

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestADuplicateWithinFiveMinutesIsNotSentTwice(t *testing.T) {
	for name, tc := range map[string]struct {
		attributes map[string]string
		first      Outgoing
		second     Outgoing
		wait       time.Duration
		want       string
	}{
		"of the same deduplication id": {
			fifo(), Outgoing{Body: "a", GroupID: "g", DeduplicationID: "1"}, Outgoing{Body: "b", GroupID: "g", DeduplicationID: "1"}, 0, "a",
		},
		"of the same body, by content": {fifo(), Outgoing{Body: "a", GroupID: "g"}, Outgoing{Body: "a", GroupID: "g"}, 0, "a"},
		"in another group of the queue": {
			fifo(), Outgoing{Body: "a", GroupID: "g"}, Outgoing{Body: "a", GroupID: "h"}, 0, "a",
		},
		"but twice in two groups that are deduplicated apart": {
			fifo("DeduplicationScope", "messageGroup"), Outgoing{Body: "a", GroupID: "g"}, Outgoing{Body: "a", GroupID: "h"}, 0, "a a",
		},
		"just before their end": {
			fifo(), Outgoing{Body: "a", GroupID: "g"}, Outgoing{Body: "a", GroupID: "g"}, 5*time.Minute - time.Second, "a",
		},
		"but is after them": {fifo(), Outgoing{Body: "a", GroupID: "g"}, Outgoing{Body: "a", GroupID: "g"}, 5 * time.Minute, "a a"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				q := newQueues(t, map[string]map[string]string{"ledger.fifo": tc.attributes})
				first, err := q.send("ledger.fifo", tc.first)
				if err != nil {
					t.Fatal(err)
				}
				time.Sleep(tc.wait)
				second, err := q.send("ledger.fifo", tc.second)
				if err != nil {
					t.Fatal(err)
				}
				if same := first.id == second.id && first.sequence == second.sequence; same != (tc.want == "a") {
					t.Errorf("sent %+v, then %+v", first, second)
				}
				if got := bodies(receive(t, q, "ledger.fifo", 0)); got != tc.want {
					t.Errorf("received %q, want %q", got, tc.want)
				}
			})
		})
	}
}

func TestADeletedMessageIsStillADuplicate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueues(t, map[string]map[string]string{"ledger.fifo": fifo()})
		send(t, q, "ledger.fifo", Outgoing{Body: "a", GroupID: "g"})
		if err := q.Delete("ledger.fifo", receive(t, q, "ledger.fifo", 0)[0].ReceiptHandle); err != nil {
			t.Fatal(err)
		}
		send(t, q, "ledger.fifo", Outgoing{Body: "a", GroupID: "g"})
		if got := receive(t, q, "ledger.fifo", 0); len(got) != 0 {
			t.Errorf("received %q again", bodies(got))
		}
	})
}

func TestAGroupWaitsForItsMessagesInFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueues(t, map[string]map[string]string{"ledger.fifo": fifo()})
		for _, body := range []string{"a1", "a2", "b1", "a3", "b2"} {
			send(t, q, "ledger.fifo", Outgoing{Body: body, GroupID: body[:1]})
		}
		one, err := q.Receive(t.Context(), "ledger.fifo", 2, 0)
		if err != nil || bodies(one) != "a1 a2" {
			t.Fatalf("received %q, %v", bodies(one), err)
		}
		if got := bodies(receive(t, q, "ledger.fifo", 0)); got != "b1 b2" {
			t.Errorf("received %q while a waits, want only b", got)
		}
		if err := q.Delete("ledger.fifo", one[0].ReceiptHandle); err != nil {
			t.Fatal(err)
		}
		if got := receive(t, q, "ledger.fifo", 0); len(got) != 0 {
			t.Errorf("received %q while a2 is in flight", bodies(got))
		}
		if err := q.ChangeVisibility("ledger.fifo", one[1].ReceiptHandle, 0); err != nil {
			t.Fatal(err)
		}
		if got := bodies(receive(t, q, "ledger.fifo", 0)); got != "a2 a3" {
			t.Errorf("received %q, want the rest of a in order", got)
		}
		time.Sleep(time.Minute)
		if err := q.Delete("ledger.fifo", one[1].ReceiptHandle); err != nil {
			t.Errorf("deleting by an old receipt: %v", err)
		}
	})
}

// Whatever receivers do, a group is handled in its order and each message is
// handled once: deletion by a receipt that still holds is what counts.
func TestEveryGroupIsHandledInOrderAndOnceWhateverReceiversDo(t *testing.T) {
	for seed := range uint64(20) {
		synctest.Test(t, func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 1))
			q := newQueues(t, map[string]map[string]string{"ledger.fifo": fifo("VisibilityTimeout", "30")})
			want := map[string][]string{}
			handled := map[string][]string{}
			total := 0
			for total < 60 || len(slices.Concat(handled["a"], handled["b"], handled["c"])) < 60 {
				if total < 60 {
					g := string("abc"[random.IntN(3)])
					body := fmt.Sprint(g, total)
					send(t, q, "ledger.fifo", Outgoing{Body: body, GroupID: g})
					want[g] = append(want[g], body)
					total++
				}
				messages, err := q.Receive(t.Context(), "ledger.fifo", 1+random.IntN(10), 0)
				if err != nil {
					t.Fatal(err)
				}
				stopped := map[string]bool{}
				for _, m := range messages {
					g := m.Attributes["MessageGroupId"]
					if stopped[g] = stopped[g] || random.IntN(4) == 0; stopped[g] {
						continue
					}
					if err := q.Delete("ledger.fifo", m.ReceiptHandle); err != nil {
						t.Fatal(err)
					}
					handled[g] = append(handled[g], m.Body)
				}
				time.Sleep(time.Duration(random.IntN(20)) * time.Second)
			}
			if diff := cmp.Diff(want, handled); diff != "" {
				t.Errorf("seed %d (-sent +handled):\n%s", seed, diff)
			}
		})
	}
}
