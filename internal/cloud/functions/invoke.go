package functions

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"sync"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/google/uuid"

	"github.com/trailhand/trailhand/internal/cloud/template"
)

// unreserved is how many environments a function may have where the template
// reserves no concurrency: enough for a laptop.
const unreserved = 10

// function is one function with its execution environments.
type function struct {
	template.Function
	env    map[string]string
	create Function
	slots  chan struct{} // one for each environment at work

	mu   sync.Mutex
	idle []lambda.Handler
}

func newFunction(t template.Function, env map[string]string, create Function) *function {
	n := t.Concurrency
	if n == 0 {
		n = unreserved
	}
	return &function{Function: t, env: env, create: create, slots: make(chan struct{}, n)}
}

// warm makes a first environment, so that a function that cannot start says so
// at once.
func (f *function) warm(ctx context.Context) error {
	handler, err := f.start(ctx)
	if err == nil {
		f.release(handler)
	}
	return err
}

func (f *function) start(ctx context.Context) (handler lambda.Handler, err error) {
	defer recovered(&err)
	handler, err = f.create(ctx, f.env)
	if err != nil {
		return nil, fmt.Errorf("starting function %s: %w", f.LogicalID, err)
	}
	return handler, nil
}

func (f *function) acquire(ctx context.Context) (lambda.Handler, error) {
	f.mu.Lock()
	if n := len(f.idle); n > 0 {
		handler := f.idle[n-1]
		f.idle = f.idle[:n-1]
		f.mu.Unlock()
		return handler, nil
	}
	f.mu.Unlock()
	return f.start(ctx)
}

func (f *function) release(handler lambda.Handler) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.idle = append(f.idle, handler)
}

// close ends the environments that are idle.
func (f *function) close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	var problems []error
	for _, handler := range f.idle {
		problems = append(problems, end(handler))
	}
	f.idle = nil
	return errors.Join(problems...)
}

func end(handler lambda.Handler) error {
	if c, ok := handler.(io.Closer); ok {
		return c.Close()
	}
	return nil
}

// Invoke runs a function (by logical id, name or ARN) and returns its answer.
func (h *Host) Invoke(ctx context.Context, function string, payload []byte) ([]byte, error) {
	f, err := h.find(function)
	if err != nil {
		return nil, err
	}
	h.work.begin()
	defer h.work.end()
	return h.run(ctx, f, uuid.NewString(), payload)
}

func (h *Host) find(name string) (*function, error) {
	if f := h.functions[name]; f != nil {
		return f, nil
	}
	return nil, fmt.Errorf("%w: %s", ErrNoFunction, name)
}

// run waits for a free environment and invokes it once. It returns when the
// function has answered or its time is up.
func (h *Host) run(ctx context.Context, f *function, requestID string, payload []byte) ([]byte, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(h.running, cancel)()
	for _, free := range []func() bool{
		func() bool { return receives(ctx, h.ready) },
		func() bool { return sends(ctx, f.slots) },
	} {
		if !free() {
			return nil, fmt.Errorf("function %s: %w", f.LogicalID, ctx.Err())
		}
	}
	return h.execute(ctx, f, requestID, payload)
}

func receives(ctx context.Context, c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	case <-ctx.Done():
		return false
	}
}

func sends(ctx context.Context, c chan<- struct{}) bool {
	select {
	case c <- struct{}{}:
		return true
	case <-ctx.Done():
		return false
	}
}

type answer struct {
	payload []byte
	err     error
}

// execute runs one invocation in an environment, with a slot taken. The slot is
// given back when the handler has returned, which may be after its timeout.
func (h *Host) execute(ctx context.Context, f *function, requestID string, payload []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, f.Timeout)
	ctx = lambdacontext.NewContext(ctx, &lambdacontext.LambdaContext{AwsRequestID: requestID, InvokedFunctionArn: f.ARN})
	answers := make(chan answer, 1)
	h.work.begin()
	go func() {
		defer h.work.end()
		defer cancel()
		out, err := f.handle(ctx, payload)
		<-f.slots
		answers <- answer{out, err}
	}()
	select {
	case a := <-answers:
		return a.payload, a.err
	case <-ctx.Done():
	}
	select { // an answer that came together with the end of ctx
	case a := <-answers:
		return a.payload, a.err
	default:
	}
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return nil, fmt.Errorf("function %s: request %s: task timed out after %.2f seconds", f.LogicalID, requestID, f.Timeout.Seconds())
	}
	return nil, fmt.Errorf("function %s: request %s: %w", f.LogicalID, requestID, ctx.Err())
}

// handle invokes a handler. An environment that panicked or ran out of time is
// not used again, as with Lambda.
func (f *function) handle(ctx context.Context, payload []byte) (out []byte, err error) {
	handler, err := f.acquire(ctx)
	if err != nil {
		return nil, err
	}
	defer func() {
		if ctx.Err() != nil || errors.Is(err, errPanic) {
			err = errors.Join(err, end(handler))
			return
		}
		f.release(handler)
	}()
	defer recovered(&err)
	if out, err = handler.Invoke(ctx, payload); err != nil {
		return nil, fmt.Errorf("function %s: %w", f.LogicalID, err)
	}
	return bytes.Clone(out), nil // the handler's next answer may be in the same place
}

var errPanic = errors.New("panic")

// recovered turns a panic into an error.
func recovered(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("%w: %v\n%s", errPanic, p, debug.Stack())
	}
}

// retryAfter is the pause after a failed attempt of an asynchronous event.
func (h *Host) retryAfter(attempt int) time.Duration {
	if h.cfg.RetryAfter != nil {
		return h.cfg.RetryAfter(attempt)
	}
	return time.Duration(attempt) * time.Minute
}
