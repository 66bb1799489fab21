package bus

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/google/go-cmp/cmp"

	"github.com/trailhand/trailhand/internal/cloud/functions"
	"github.com/trailhand/trailhand/internal/cloud/template"
)

const (
	reconciler = "arn:aws:lambda:eu-west-1:111122223333:function:reconciler"
	orders     = "arn:aws:sqs:eu-west-1:111122223333:orders"
	dead       = "arn:aws:sqs:eu-west-1:111122223333:dead"
	ledger     = "arn:aws:sqs:eu-west-1:111122223333:ledger.fifo"
)

// targets stands for functions and queues: it keeps what they were given, and
// fails as often as told.
type targets struct {
	mu    sync.Mutex
	got   []string // "arn payload", or "arn group payload"
	fails map[string][]error
}

func (s *targets) take(arn, what string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if errs := s.fails[arn]; len(errs) > 0 {
		s.fails[arn] = errs[1:]
		if errs[0] != nil {
			return errs[0]
		}
	}
	s.got = append(s.got, what)
	return nil
}

func (s *targets) InvokeAsync(arn string, payload []byte) error {
	return s.take(arn, arn+" "+string(payload))
}

func (s *targets) SendTo(arn, body, group string) error {
	return s.take(arn, strings.Join(strings.Fields(arn+" "+group), " ")+" "+body)
}

func newBus(s *targets) (*Bus, *bytes.Buffer) {
	log := &bytes.Buffer{}
	return New(Config{
		AccountID: "111122223333", Region: "eu-west-1", Functions: s, Queues: s,
		Now: func() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) }, Log: slog.New(slog.NewTextHandler(log, nil)),
	}), log
}

func put(t *testing.T, b *Bus, rules ...template.Rule) {
	t.Helper()
	if err := b.Wire(rules); err != nil {
		t.Fatal(err)
	}
}

func call(name, detail string) []byte {
	return []byte(fmt.Sprintf(`{"version":"0","id":"1","detail-type":"AWS API Call via CloudTrail","source":"aws.cloudtrail","account":"111122223333",`+
		`"time":"2026-03-01T12:00:00Z","region":"eu-west-1","resources":[],"detail":{"eventSource":"cloudtrail.amazonaws.com","eventName":%q%s}}`, name, detail))
}

const trailCalls = `{"source":["aws.cloudtrail"],"detail":{"eventName":["StopLogging","GetTrail"],"errorCode":[{"exists":false}]}}`

func TestAnEventReachesTheTargetsOfTheRulesThatHearIt(t *testing.T) {
	const read, write = `,"readOnly":true,"managementEvent":true`, `,"readOnly":false,"managementEvent":true`
	for name, tc := range map[string]struct {
		state string
		event []byte
		want  int
	}{
		"a write call":                                  {"ENABLED", call("StopLogging", write), 1},
		"a write call, disabled":                        {"DISABLED", call("StopLogging", write), 0},
		"another call":                                  {"ENABLED", call("UpdateTrail", write), 0},
		"a failed call":                                 {"ENABLED", call("StopLogging", write+`,"errorCode":"AccessDenied"`), 0},
		"a read-only management call":                   {"ENABLED", call("GetTrail", read), 0},
		"a read-only management call, where all are":    {"ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS", call("GetTrail", read), 1},
		"a write call, where all management events are": {"ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS", call("StopLogging", write), 1},
		"a read-only data call":                         {"ENABLED", call("GetTrail", `,"readOnly":true,"managementEvent":false`), 1},
		"a readonly of another case is no readOnly":     {"ENABLED", call("GetTrail", `,"readonly":true,"managementEvent":true`), 1},
	} {
		t.Run(name, func(t *testing.T) {
			s := &targets{}
			b, _ := newBus(s)
			defer b.Close()
			put(t, b, template.Rule{Name: "r", Pattern: trailCalls, State: tc.state, Targets: []template.Target{{ID: "f", ARN: reconciler}}})
			if err := b.Publish(t.Context(), tc.event); err != nil {
				t.Fatal(err)
			}
			if len(s.got) != tc.want {
				t.Errorf("delivered %q, want %d", s.got, tc.want)
			}
			if tc.want == 1 && s.got[0] != reconciler+" "+string(tc.event) {
				t.Errorf("delivered %s, want the event's own bytes", s.got[0])
			}
		})
	}
}

func TestOneEventGoesToEveryTargetOfEveryRule(t *testing.T) {
	s := &targets{}
	b, _ := newBus(s)
	defer b.Close()
	put(t, b,
		template.Rule{Name: "a", Pattern: trailCalls, State: "ENABLED", Targets: []template.Target{
			{ID: "1", ARN: reconciler, Input: `{"trailhand":"sweep"}`}, {ID: "2", ARN: ledger, InputPath: "$.detail.eventName", MessageGroupID: "g"},
		}},
		template.Rule{Name: "b", Pattern: `{"account":["111122223333"]}`, State: "ENABLED", Targets: []template.Target{{ID: "1", ARN: orders, InputPath: "$.time"}}},
	)
	if err := b.Publish(t.Context(), call("StopLogging", "")); err != nil {
		t.Fatal(err)
	}
	want := []string{reconciler + ` {"trailhand":"sweep"}`, ledger + ` g "StopLogging"`, orders + ` "2026-03-01T12:00:00Z"`}
	if diff := cmp.Diff(want, s.got); diff != "" {
		t.Errorf("delivered (-want +got):\n%s", diff)
	}
}

func TestAnEventThatIsNotAnObjectIsAnErrorAndReachesNobody(t *testing.T) {
	s := &targets{}
	b, _ := newBus(s)
	defer b.Close()
	put(t, b, template.Rule{Name: "r", Pattern: `{"source":[{"prefix":""}]}`, State: "ENABLED", Targets: []template.Target{{ID: "f", ARN: reconciler}}})
	for _, event := range []string{"", "null!", `"text"`, `[]`, `{"source":"a"`, `{"detail-type":"x via CloudTrail","detail":3}`} {
		if err := b.Publish(t.Context(), []byte(event)); err == nil {
			t.Errorf("Publish(%q) succeeds", event)
		}
	}
	if len(s.got) > 0 {
		t.Errorf("delivered %q", s.got)
	}
}

func TestADeliveryThatFails(t *testing.T) {
	busy := errors.New("busy")
	event := call("StopLogging", "")
	for name, tc := range map[string]struct {
		fails  []error
		policy *types.RetryPolicy
		want   string // arn of who has it in the end
		after  time.Duration
	}{
		"once is made a second later":                  {[]error{busy}, nil, reconciler, time.Second},
		"four times is made after pauses that double":  {[]error{busy, busy, busy, busy}, nil, reconciler, 15 * time.Second},
		"for want of the function is given up at once": {[]error{functions.ErrNoFunction}, nil, dead, 0},
		"as often as its policy allows is given up":    {[]error{busy, busy, busy}, &types.RetryPolicy{MaximumRetryAttempts: new(int32(2))}, dead, 3 * time.Second},
		"until the event is too old is given up":       {[]error{busy, busy, busy, busy, busy, busy}, &types.RetryPolicy{MaximumEventAgeInSeconds: new(int32(10))}, dead, 15 * time.Second},
		"and then is refused for good, is given up":    {[]error{busy, functions.ErrClosed}, nil, dead, time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				begun := time.Now()
				s := &targets{fails: map[string][]error{reconciler: tc.fails}}
				b, _ := newBus(s)
				defer b.Close()
				put(t, b, template.Rule{Name: "r", Pattern: trailCalls, State: "ENABLED"})
				target := types.Target{Id: new("f"), Arn: new(reconciler), RetryPolicy: tc.policy, DeadLetterConfig: &types.DeadLetterConfig{Arn: new(dead)}}
				if err := b.putTargets("r", []types.Target{target}); err != nil {
					t.Fatal(err)
				}
				if err := b.Publish(t.Context(), event); err != nil {
					t.Fatal(err)
				}
				if quiet := b.Quiet(); quiet != (tc.after == 0) {
					t.Errorf("Quiet() is %v", quiet)
				}
				if err := b.Idle(t.Context()); err != nil {
					t.Fatal(err)
				}
				if want := []string{tc.want + " " + string(event)}; !cmp.Equal(want, s.got) {
					t.Errorf("delivered %q, want %q", s.got, want)
				}
				if took := time.Since(begun); took != tc.after {
					t.Errorf("after %v, want %v", took, tc.after)
				}
			})
		})
	}
}

func TestCloseGivesUpWhatIsBeingRetried(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &targets{fails: map[string][]error{reconciler: {errors.New("busy")}}}
		b, log := newBus(s)
		put(t, b, template.Rule{Name: "r", Pattern: trailCalls, State: "ENABLED", Targets: []template.Target{{ID: "f", ARN: reconciler, DeadLetter: dead}}})
		if err := b.Publish(t.Context(), call("StopLogging", "")); err != nil {
			t.Fatal(err)
		}
		b.Close()
		if len(s.got) != 1 || !strings.HasPrefix(s.got[0], dead) {
			t.Errorf("delivered %q, want the dead letter", s.got)
		}
		if !strings.Contains(log.String(), "was not delivered") {
			t.Errorf("the log does not say so:\n%s", log)
		}
	})
}

func TestIdleEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &targets{fails: map[string][]error{reconciler: {errors.New("busy"), errors.New("busy")}}}
		b, _ := newBus(s)
		defer b.Close()
		put(t, b, template.Rule{Name: "r", Pattern: trailCalls, State: "ENABLED", Targets: []template.Target{{ID: "f", ARN: reconciler}}})
		if err := b.Publish(t.Context(), call("StopLogging", "")); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		if err := b.Idle(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Idle answers %v", err)
		}
	})
}

func TestASnapshotRestoresRulesWithTheirTargets(t *testing.T) {
	b, _ := newBus(&targets{})
	defer b.Close()
	put(t, b,
		template.Rule{Name: "a", Pattern: trailCalls, State: "DISABLED", Targets: []template.Target{{ID: "f", ARN: reconciler, DeadLetter: dead}}},
		template.Rule{Name: "b", Pattern: trailCalls, State: "ENABLED"},
	)
	snapshot, err := b.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	s := &targets{}
	restarted, _ := newBus(s)
	defer restarted.Close()
	put(t, restarted, template.Rule{Name: "c", Pattern: trailCalls, State: "ENABLED", Targets: []template.Target{{ID: "f", ARN: orders}}})
	if err := restarted.Restore(snapshot); err != nil {
		t.Fatal(err)
	}
	again, err := restarted.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(snapshot), string(again)); diff != "" {
		t.Errorf("restored (-want +got):\n%s", diff)
	}
	if err := restarted.Publish(t.Context(), call("StopLogging", "")); err != nil || len(s.got) != 0 {
		t.Errorf("delivered %q, %v; want nothing: the rule is disabled", s.got, err)
	}
	if err := restarted.Restore([]byte(`[{"name":"x","pattern":"{","state":"ENABLED"}]`)); err == nil || !strings.HasPrefix(err.Error(), `restoring rule "x"`) {
		t.Errorf("Restore of a bad pattern answers %v", err)
	}
}
