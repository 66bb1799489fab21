// Package bootstrap runs the binary of a Lambda function as Lambda runs it: a
// process for each execution environment, which asks a Runtime API for work.
// Unlike Lambda it bounds no memory: a process that holds more than its
// function's MemorySize runs on here, and is ended there.
//
// Source: AWS Lambda Developer Guide, "Using the Lambda runtime API for custom
// runtimes" and "Using Lambda environment variables".
package bootstrap

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"sync"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
)

// initTimeout is how long Lambda lets a process start.
const initTimeout = 10 * time.Second

// Config says what is run.
type Config struct {
	Path   string    // of the binary; its folder is the function's LAMBDA_TASK_ROOT
	Output io.Writer // takes what the processes print, in whole lines; nil drops it
	// Started is told of each process that asked for its first work, and how
	// long after its start. May be nil.
	Started func(pid int, init time.Duration)
}

// Program is the binary of one function.
type Program struct {
	cfg     Config
	command []string // the binary, behind an emulator where it is of another machine
	output  sync.Mutex
}

// New finds out how the binary can be run here. Its error says why it cannot.
func New(cfg Config) (*Program, error) {
	path, err := filepath.Abs(cfg.Path)
	if err != nil {
		return nil, fmt.Errorf("bootstrap %q: %w", cfg.Path, err)
	}
	cfg.Path = path
	if cfg.Output == nil {
		cfg.Output = io.Discard
	}
	command, err := commandOf(path)
	if err != nil {
		return nil, fmt.Errorf("bootstrap %q: %w", path, err)
	}
	return &Program{cfg: cfg, command: command}, nil
}

// Start starts an execution environment. It is the functions.Function of the
// binary: env is what the function's configuration and its role put there. The
// handler is also an io.Closer, which ends the process.
func (p *Program) Start(ctx context.Context, env map[string]string) (lambda.Handler, error) {
	e := &environment{program: p, env: env}
	if _, err := e.living(ctx); err != nil {
		return nil, err
	}
	return e, nil
}

// environment is one execution environment: it runs one invocation at a time,
// and starts its process anew when that has ended.
type environment struct {
	program *Program
	env     map[string]string

	mu      sync.Mutex
	process *process
}

// Invoke implements lambda.Handler. When ctx ends, so does the process.
func (e *environment) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	work := newInvocation(ctx, payload)
	for {
		p, err := e.living(ctx)
		if err != nil {
			return nil, err
		}
		answer, err := p.do(ctx, work)
		if !errors.Is(err, errNotTaken) {
			return answer, err
		}
	}
}

// living returns the process, a new one if it has ended.
func (e *environment) living(ctx context.Context) (*process, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.process != nil && !e.process.hasEnded() {
		return e.process, nil
	}
	p, err := e.program.start(ctx, e.env)
	if err != nil {
		return nil, err
	}
	e.process = p
	return p, nil
}

// Close ends the process.
func (e *environment) Close() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.process.kill()
	return nil
}

// FunctionError is what a function reported, or what Lambda reports about its process.
type FunctionError struct {
	Type    string `json:"errorType"`
	Message string `json:"errorMessage"`
}

func (e *FunctionError) Error() string { return e.Type + ": " + e.Message }
