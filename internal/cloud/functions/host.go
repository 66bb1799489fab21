// Package functions runs Lambda functions in the process: asynchronous
// invocations with retries, SQS event source mappings and schedules, with the
// payloads exactly as Lambda hands them over.
//
// Source: AWS Lambda Developer Guide, "Invoking functions asynchronously" and
// "Using Lambda with Amazon SQS".
package functions

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"sync"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/trailhand/trailhand/internal/cloud/queues"
	"github.com/trailhand/trailhand/internal/cloud/template"
)

// Function makes the handler of a function from its environment, as the
// deployed main does. It is called for every execution environment, of which
// each handles one event at a time. A handler that is also an io.Closer is
// closed when its environment ends: a process behind the Runtime API can so be
// a Function.
type Function func(ctx context.Context, env map[string]string) (lambda.Handler, error)

// Config is what a host needs.
type Config struct {
	Wiring    *template.Wiring
	Functions map[string]Function // by the template's logical id
	// Environment adds to the template's variables what Lambda itself sets:
	// AWS_REGION, the credentials of the function's role, and AWS_ENDPOINT_URL.
	Environment func(template.Function) map[string]string
	Queues      *queues.Queues
	Timers      bool // schedules fire by themselves; else only by Fire
	// RetryAfter is the pause after the given failed attempt (1, 2, …). Nil: as
	// Lambda does, 1 and 2 minutes, and the visibility timeout of a queue.
	RetryAfter func(attempt int) time.Duration
	Log        *slog.Logger
}

// Host runs the functions of one template.
type Host struct {
	cfg       Config
	functions map[string]*function // by logical id, name and ARN
	schedules map[string]template.Schedule
	work      work

	ready   chan struct{}   // closed when every function has been made
	taking  context.Context // ends when no more work is taken
	stop    context.CancelFunc
	running context.Context // ends when invocations are cut off
	cut     context.CancelFunc
	loops   sync.WaitGroup // pollers and timers
}

// ErrNoFunction says that a function is not in the template.
var ErrNoFunction = errors.New("no such function")

// ErrClosed says that the host takes no more work.
var ErrClosed = errors.New("the function host is closed")

// New checks that wiring and functions fit each other. Nothing runs yet.
func New(cfg Config) (*Host, error) {
	h := &Host{cfg: cfg, functions: map[string]*function{}, schedules: map[string]template.Schedule{}, ready: make(chan struct{})}
	h.work.changed = make(chan struct{})
	h.taking, h.stop = context.WithCancel(context.Background())
	h.running, h.cut = context.WithCancel(context.Background())
	var problems []error
	for _, t := range cfg.Wiring.Functions {
		create, ok := cfg.Functions[t.LogicalID]
		if !ok {
			problems = append(problems, fmt.Errorf("function %s of the template has no code here", t.LogicalID))
			continue
		}
		f := newFunction(t, h.environment(t), create)
		h.functions[t.LogicalID], h.functions[t.Name], h.functions[t.ARN] = f, f, f
	}
	return h, errors.Join(append(problems, h.checkWiring()...)...)
}

// checkWiring finds what the wiring names and is not there.
func (h *Host) checkWiring() []error {
	var problems []error
	for id := range h.cfg.Functions {
		if h.functions[id] == nil {
			problems = append(problems, fmt.Errorf("function %s is not in the template", id))
		}
	}
	for _, m := range h.cfg.Wiring.Mappings {
		if _, err := h.cfg.Queues.Empty(m.QueueARN); err != nil {
			problems = append(problems, fmt.Errorf("event source mapping %s: queue %s: %w", m.LogicalID, m.QueueARN, err))
		}
		if h.functions[m.FunctionARN] == nil {
			problems = append(problems, fmt.Errorf("event source mapping %s: %w: %s", m.LogicalID, ErrNoFunction, m.FunctionARN))
		}
	}
	for _, s := range h.cfg.Wiring.Schedules {
		h.schedules[s.LogicalID] = s
		if h.functions[s.FunctionARN] == nil {
			problems = append(problems, fmt.Errorf("schedule %s: %w: %s", s.LogicalID, ErrNoFunction, s.FunctionARN))
		}
	}
	return problems
}

func (h *Host) environment(t template.Function) map[string]string {
	env := maps.Clone(t.Environment)
	if env == nil {
		env = map[string]string{}
	}
	env["AWS_LAMBDA_FUNCTION_NAME"] = t.Name
	env["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] = fmt.Sprint(t.MemoryMB)
	if h.cfg.Environment != nil {
		maps.Copy(env, h.cfg.Environment(t))
	}
	return env
}

// Start makes every function's first handler, and starts pollers and timers.
func (h *Host) Start(ctx context.Context) error {
	var problems []error
	for _, t := range h.cfg.Wiring.Functions {
		if err := h.functions[t.LogicalID].warm(ctx); err != nil {
			problems = append(problems, err)
		}
	}
	if err := errors.Join(problems...); err != nil {
		return err
	}
	close(h.ready)
	for _, m := range h.cfg.Wiring.Mappings {
		h.startPollers(m)
	}
	if h.cfg.Timers {
		h.startTimers()
	}
	return nil
}

// Close stops taking work, lets what runs finish until ctx ends, then cancels
// it, and returns when nothing of the host is running any more. A handler that
// does not heed its context is reported after a while.
func (h *Host) Close(ctx context.Context) error {
	h.stop()
	err := h.work.wait(ctx)
	h.cut()
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if h.work.wait(last) != nil {
		return fmt.Errorf("closing the function host: %d handlers do not stop", h.work.count())
	}
	h.loops.Wait()
	var problems []error
	for _, t := range h.cfg.Wiring.Functions {
		problems = append(problems, h.functions[t.LogicalID].close())
	}
	if err != nil {
		problems = append(problems, fmt.Errorf("closing the function host: work was cut off: %w", err))
	}
	return errors.Join(problems...)
}

// pause waits for d; it returns false if the host closes before.
func (h *Host) pause(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-h.taking.Done():
		return false
	}
}
