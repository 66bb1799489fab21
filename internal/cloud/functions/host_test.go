package functions

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/trailhand/trailhand/internal/cloud/queues"
	"github.com/trailhand/trailhand/internal/cloud/template"
)

const account, region = "111122223333", "eu-west-1"

// stage is a host over testdata/template.yaml whose functions a test writes.
// It runs within a synctest bubble: its clock is the bubble's, and a goroutine
// that Close leaves behind fails the test.
type stage struct {
	*Host
	t      *testing.T
	queues *queues.Queues
	log    *bytes.Buffer
}

type handlers map[string]func(ctx context.Context, payload []byte) ([]byte, error)

// handlerFunc is a lambda.Handler of a func.
type handlerFunc func(ctx context.Context, payload []byte) ([]byte, error)

func (f handlerFunc) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	return f(ctx, payload)
}

func (hs handlers) functions() map[string]Function {
	out := map[string]Function{}
	for _, id := range []string{"Worker", "Seller", "Clerk"} {
		f := hs[id]
		if f == nil {
			f = func(context.Context, []byte) ([]byte, error) { return nil, nil }
		}
		out[id] = func(context.Context, map[string]string) (lambda.Handler, error) { return handlerFunc(f), nil }
	}
	return out
}

func wiring(t *testing.T) *template.Wiring {
	t.Helper()
	source, err := os.ReadFile("testdata/template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	w, err := template.Read(source, template.Place{AccountID: account, Region: region, StackName: "test", Endpoint: "http://127.0.0.1:4566"})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func start(t *testing.T, fs map[string]Function, change func(*Config)) *stage {
	t.Helper()
	w := wiring(t)
	qs := queues.New(queues.Config{AccountID: account, Region: region, Endpoint: "http://127.0.0.1:4566", Now: time.Now})
	if err := qs.Wire(w.Queues); err != nil {
		t.Fatal(err)
	}
	s := &stage{t: t, queues: qs, log: &bytes.Buffer{}}
	cfg := Config{Wiring: w, Functions: fs, Queues: qs, Log: slog.New(slog.NewTextHandler(s.log, nil))}
	if change != nil {
		change(&cfg)
	}
	host, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	s.Host = host
	if err := host.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *stage) idle() {
	s.t.Helper()
	if err := s.Idle(s.t.Context()); err != nil {
		s.t.Fatal("waiting for idle:", err)
	}
}

func (s *stage) close() {
	s.t.Helper()
	if err := s.Close(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
}

func (s *stage) send(queue string, m queues.Outgoing) {
	s.t.Helper()
	if _, err := s.queues.Send("test-"+queue, m); err != nil {
		s.t.Fatal(err)
	}
}

func (s *stage) failures() []queues.Message {
	s.t.Helper()
	messages, err := s.queues.Receive(s.t.Context(), "test-Failures", 10, 0)
	if err != nil {
		s.t.Fatal(err)
	}
	return messages
}

// journal collects what handlers saw, in order.
type journal struct {
	mu    sync.Mutex
	lines []string
}

func (j *journal) add(line string) int {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.lines = append(j.lines, line)
	return len(j.lines)
}

func (j *journal) all() []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Clone(j.lines)
}

func TestAFailedEventIsTriedThreeTimesAndThenSentToTheDeadLetterQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		var j journal
		s := start(t, handlers{"Worker": func(ctx context.Context, _ []byte) ([]byte, error) {
			lc, _ := lambdacontext.FromContext(ctx)
			j.add(time.Since(begun).String() + " " + lc.AwsRequestID)
			return nil, errors.New("no such trail")
		}}.functions(), nil)
		defer s.close()
		if err := s.InvokeAsync("Worker", []byte(`{"n":1}`)); err != nil {
			t.Fatal(err)
		}
		s.idle()

		var when, ids []string
		for _, line := range j.all() {
			at, id, _ := strings.Cut(line, " ")
			when, ids = append(when, at), append(ids, id)
		}
		if want := []string{"0s", "1m0s", "3m0s"}; !slices.Equal(when, want) {
			t.Errorf("attempts at %v, want %v", when, want)
		}
		if len(slices.Compact(ids)) != 1 {
			t.Errorf("the attempts have different request ids: %v", ids)
		}
		dead := s.failures()
		if len(dead) != 1 || dead[0].Body != `{"n":1}` {
			t.Fatalf("dead letters: %+v, want the event", dead)
		}
		if cause := *dead[0].MessageAttributes["ErrorMessage"].StringValue; !strings.Contains(cause, "no such trail") {
			t.Errorf("ErrorMessage %q does not say why", cause)
		}
	})
}

func TestAnEventThatSucceedsAtTheSecondAttemptIsDone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var j journal
		s := start(t, handlers{"Worker": func(context.Context, []byte) ([]byte, error) {
			if j.add("attempt") == 1 {
				return nil, errors.New("throttled")
			}
			return nil, nil
		}}.functions(), nil)
		defer s.close()
		if err := s.InvokeAsync("Worker", []byte(`{}`)); err != nil {
			t.Fatal(err)
		}
		s.idle()
		if n := len(j.all()); n != 2 {
			t.Errorf("%d attempts, want 2", n)
		}
		if dead := s.failures(); len(dead) != 0 {
			t.Errorf("dead letters: %+v, want none", dead)
		}
	})
}

func TestNoMoreRunAtOnceThanAreReserved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		running, most := 0, 0
		s := start(t, handlers{"Worker": func(context.Context, []byte) ([]byte, error) {
			mu.Lock()
			running++
			most = max(most, running)
			mu.Unlock()
			time.Sleep(time.Second)
			mu.Lock()
			running--
			mu.Unlock()
			return nil, nil
		}}.functions(), nil)
		defer s.close()
		for range 7 {
			if err := s.InvokeAsync("Worker", nil); err != nil {
				t.Fatal(err)
			}
		}
		s.idle()
		if most != 2 {
			t.Errorf("%d ran at once, want the 2 that are reserved", most)
		}
	})
}

func TestAFunctionGetsTheTemplatesEnvironmentAndLambdasOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var got map[string]string
		fs := handlers{}.functions()
		fs["Worker"] = func(_ context.Context, env map[string]string) (lambda.Handler, error) {
			got = env
			return handlerFunc(nil), nil
		}
		s := start(t, fs, func(cfg *Config) {
			cfg.Environment = func(f template.Function) map[string]string {
				return map[string]string{"AWS_REGION": region, "ROLE": f.RoleName}
			}
		})
		s.close()
		for name, want := range map[string]string{
			"QUEUE_URL": "http://127.0.0.1:4566/111122223333/test-Orders", "AWS_REGION": region,
			"ROLE": "test-WorkerRole", "AWS_LAMBDA_FUNCTION_NAME": "test-Worker",
		} {
			if got[name] != want {
				t.Errorf("%s is %q, want %q", name, got[name], want)
			}
		}
	})
}
