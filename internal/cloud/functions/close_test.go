package functions

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/trailhand/trailhand/internal/cloud/queues"
)

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
