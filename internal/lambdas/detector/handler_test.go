package detector

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/trailhand/trailhand/pkg/insights"
)

// runs records what was run, and fails for some Regions.
type runs struct {
	mu     sync.Mutex
	done   []string
	broken string
}

func (r *runs) Run(_ context.Context, account, region string, batches []insights.Batch) (insights.Outcome, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if region == r.broken {
		return insights.Outcome{}, fmt.Errorf("rates of %s %s: throttled", account, region)
	}
	ids := account + "/" + region
	for _, b := range batches {
		ids += " " + b.ID
	}
	r.done = append(r.done, ids)
	return insights.Outcome{}, nil
}

type places [][2]string

func (p places) Known(context.Context) iter.Seq2[[2]string, error] {
	return func(yield func([2]string, error) bool) {
		for _, place := range p {
			if !yield(place, nil) {
				return
			}
		}
	}
}

type aside struct{ bodies []string }

func (a *aside) SetAside(_ context.Context, body, _ string) error {
	a.bodies = append(a.bodies, body)
	return nil
}

// event makes a payload of the queue: each message is "region:id", or "region:!" for a bad one.
func event(messages ...string) []byte {
	var records []map[string]any
	for i, m := range messages {
		region, id, _ := strings.Cut(m, ":")
		body, _ := json.Marshal(insights.Batch{ID: id, AccountID: "1", Region: region})
		if id == "!" {
			body = []byte("{")
		}
		records = append(records, map[string]any{
			"messageId": fmt.Sprintf("m%d", i), "eventSource": "aws:sqs", "body": string(body),
			"attributes": map[string]string{"MessageGroupId": "1/" + region},
		})
	}
	b, _ := json.Marshal(map[string]any{"Records": records})
	return b
}

func newHandler(r *runs, dead deadLetters, known places) *handler {
	return &handler{run: r, states: known, dead: dead, now: time.Now, log: slog.New(slog.NewTextHandler(io.Discard, nil))}
}

func returned(t *testing.T, answer []byte) string {
	t.Helper()
	var got struct {
		BatchItemFailures []struct{ ItemIdentifier string }
	}
	if err := json.Unmarshal(answer, &got); err != nil {
		t.Fatalf("answer %s: %v", answer, err)
	}
	var ids []string
	for _, f := range got.BatchItemFailures {
		ids = append(ids, f.ItemIdentifier)
	}
	return strings.Join(ids, " ")
}

func TestTheQueueIsAppliedGroupByGroup(t *testing.T) {
	tests := map[string]struct {
		messages     []string
		broken       string
		dead         bool
		want         []string
		wantReturned string
		wantAside    int
	}{
		"each group is one run, in order": {
			messages: []string{"us-east-1:a", "eu-west-1:b", "us-east-1:c"}, want: []string{"1/us-east-1 a c", "1/eu-west-1 b"}},
		"a failed group is returned whole, the others are not": {
			messages: []string{"us-east-1:a", "eu-west-1:b", "us-east-1:c"}, broken: "us-east-1",
			want: []string{"1/eu-west-1 b"}, wantReturned: "m0 m2"},
		"a bad message is set aside and its group goes on": {
			messages: []string{"us-east-1:a", "us-east-1:!", "us-east-1:c"}, dead: true,
			want: []string{"1/us-east-1 a c"}, wantAside: 1},
		"without a dead-letter queue a bad message is returned with what follows it": {
			messages: []string{"us-east-1:a", "us-east-1:!", "us-east-1:c", "eu-west-1:b"},
			want:     []string{"1/us-east-1 a", "1/eu-west-1 b"}, wantReturned: "m1 m2"},
		"a failed run returns also what comes before a bad message": {
			messages: []string{"us-east-1:a", "us-east-1:!"}, broken: "us-east-1", wantReturned: "m0 m1"},
		"a bad message that comes again with its group is not set aside yet": {
			messages: []string{"us-east-1:a", "us-east-1:!"}, broken: "us-east-1", dead: true, wantReturned: "m0 m1"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			r, dead := &runs{broken: test.broken}, &aside{}
			h := newHandler(r, nil, nil)
			if test.dead {
				h.dead = dead
			}
			answer, err := h.Invoke(t.Context(), event(test.messages...))
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(r.done, test.want) {
				t.Errorf("ran %q, want %q", r.done, test.want)
			}
			if got := returned(t, answer); got != test.wantReturned {
				t.Errorf("returned %q, want %q", got, test.wantReturned)
			}
			if len(dead.bodies) != test.wantAside {
				t.Errorf("set aside %q", dead.bodies)
			}
		})
	}
}

func TestTheClockRunsEveryKnownStateAndAFailureHoldsUpNone(t *testing.T) {
	r := &runs{broken: "eu-west-1"}
	h := newHandler(r, nil, places{{"1", "us-east-1"}, {"1", "eu-west-1"}, {"2", "us-east-1"}})
	_, err := h.Invoke(t.Context(), []byte(`{"trailhand":"clock"}`))
	if err == nil || !strings.Contains(err.Error(), "1 eu-west-1") {
		t.Errorf("got error %v", err)
	}
	slices.Sort(r.done)
	if want := []string{"1/us-east-1", "2/us-east-1"}; !slices.Equal(r.done, want) {
		t.Errorf("ran %q, want %q", r.done, want)
	}
}

func TestUnknownEventsAreErrorsThatNameWhatWasSeen(t *testing.T) {
	for payload, want := range map[string]string{
		`{"foo":1}`:             `"foo"`,
		`{"Trailhand":"clock"}`: `"Trailhand"`,
		`{"trailhand":"sweep"}`: `"trailhand"`,
		`[]`:                    "unknown event",
		`{"Records":[{"eventSource":"aws:s3","messageId":"1"}]}`: `"aws:s3"`,
	} {
		h := newHandler(&runs{}, &aside{}, nil)
		if answer, err := h.Invoke(t.Context(), []byte(payload)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %s, %v", payload, answer, err)
		}
	}
}

func TestEveryProblemOfTheEnvironmentIsReportedAtOnce(t *testing.T) {
	_, err := New(t.Context(), map[string]string{"AWS_REGION": "us-east-1", "DETECTOR": `{"nonsense":1}`}, time.Now, slog.Default())
	for _, want := range []string{"STATE_BUCKET", "INSIGHT_BUCKET", "nonsense"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not name %q", err, want)
		}
	}
}
