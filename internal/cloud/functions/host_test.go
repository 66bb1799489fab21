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

func TestAPanicIsAnErrorAndItsEnvironmentIsNotUsedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var made journal
		fs := handlers{}.functions()
		fs["Worker"] = func(context.Context, map[string]string) (lambda.Handler, error) {
			n := made.add("environment")
			return handlerFunc(func(context.Context, []byte) ([]byte, error) {
				if n == 1 {
					panic("index out of range")
				}
				return []byte(`"fine"`), nil
			}), nil
		}
		s := start(t, fs, nil)
		defer s.close()
		if _, err := s.Invoke(t.Context(), "Worker", nil); err == nil || !strings.Contains(err.Error(), "index out of range") {
			t.Errorf("Invoke answers %v, want the panic", err)
		}
		out, err := s.Invoke(t.Context(), "Worker", nil)
		if err != nil || string(out) != `"fine"` {
			t.Errorf("the next Invoke answers %s, %v", out, err)
		}
		if n := len(made.all()); n != 2 {
			t.Errorf("%d environments were made, want 2", n)
		}
	})
}

func TestAFunctionThatTakesTooLongTimesOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		s := start(t, handlers{"Worker": func(ctx context.Context, _ []byte) ([]byte, error) {
			time.Sleep(30 * time.Second) // does not heed its context
			return nil, nil
		}}.functions(), nil)
		_, err := s.Invoke(t.Context(), "Worker", nil)
		if err == nil || !strings.Contains(err.Error(), "task timed out after 10.00 seconds") {
			t.Errorf("Invoke answers %v, want a timeout", err)
		}
		if took := time.Since(begun); took != 10*time.Second {
			t.Errorf("it took %v, want 10s", took)
		}
		s.close()
		if took := time.Since(begun); took != 30*time.Second {
			t.Errorf("Close returned after %v, want it to wait for the handler", took)
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

func TestASchedule(t *testing.T) {
	for name, tc := range map[string]struct {
		timers bool
		want   int
	}{
		"fires at its rate":                         {timers: true, want: 3},
		"fires only when told while timers are off": {timers: false, want: 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var j journal
				s := start(t, handlers{"Worker": func(_ context.Context, payload []byte) ([]byte, error) {
					j.add(string(payload))
					return nil, nil
				}}.functions(), func(cfg *Config) { cfg.Timers = tc.timers })
				defer s.close()
				time.Sleep(3*time.Hour + time.Minute)
				if err := s.Fire("WorkerHourly"); err != nil {
					t.Fatal(err)
				}
				s.idle()
				if got := j.all(); len(got) != tc.want+1 || got[0] != `{"hour":true}` {
					t.Errorf("payloads %q, want %d of the schedule's input", got, tc.want+1)
				}
			})
		})
	}
}

func TestWhatTheWiringAndTheCodeDoNotShareIsAnError(t *testing.T) {
	fs := handlers{}.functions()
	delete(fs, "Clerk")
	fs["Butcher"] = fs["Seller"]
	w := wiring(t)
	qs := queues.New(queues.Config{Now: time.Now})
	_, err := New(Config{Wiring: w, Functions: fs, Queues: qs})
	if err == nil {
		t.Fatal("New succeeds")
	}
	for _, want := range []string{
		"function Clerk of the template has no code here", "function Butcher is not in the template",
		"event source mapping SellerOrders: queue arn:aws:sqs:eu-west-1:111122223333:test-Orders",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not say %q:\n%v", want, err)
		}
	}
}

func TestAFunctionThatCannotStartStopsTheHost(t *testing.T) {
	fs := handlers{}.functions()
	fs["Seller"] = func(context.Context, map[string]string) (lambda.Handler, error) {
		return nil, errors.New("TALLY_QUEUE_URL is not set")
	}
	w := wiring(t)
	qs := queues.New(queues.Config{AccountID: account, Region: region, Now: time.Now})
	if err := qs.Wire(w.Queues); err != nil {
		t.Fatal(err)
	}
	h, err := New(Config{Wiring: w, Functions: fs, Queues: qs, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Start(t.Context()); err == nil || err.Error() != "starting function Seller: TALLY_QUEUE_URL is not set" {
		t.Errorf("Start answers %v", err)
	}
	if err := h.Close(t.Context()); err != nil {
		t.Error(err)
	}
}

// closer is a handler with something to close, such as a process.
type closer struct {
	handlerFunc
	closed *journal
}

func (c closer) Close() error {
	c.closed.add("closed")
	return nil
}

func TestAHandlerThatCanBeClosedIsClosedWithTheHost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var j journal
		fs := handlers{}.functions()
		fs["Worker"] = func(context.Context, map[string]string) (lambda.Handler, error) {
			return closer{func(context.Context, []byte) ([]byte, error) { return nil, nil }, &j}, nil
		}
		s := start(t, fs, nil)
		s.close()
		if n := len(j.all()); n != 1 {
			t.Errorf("closed %d times, want once", n)
		}
	})
}

func TestCloseCutsOffWhatDoesNotEndInTimeAndKeepsTheEvent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := start(t, handlers{"Worker": func(ctx context.Context, _ []byte) ([]byte, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}}.functions(), nil)
		if err := s.InvokeAsync("Worker", []byte(`"unfinished"`)); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := s.Close(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Close answers %v, want that work was cut off", err)
		}
		if dead := s.failures(); len(dead) != 1 || dead[0].Body != `"unfinished"` {
			t.Errorf("dead letters %+v, want the event", dead)
		}
		if err := s.InvokeAsync("Worker", nil); !errors.Is(err, ErrClosed) {
			t.Errorf("InvokeAsync after Close answers %v, want ErrClosed", err)
		}
	})
}
