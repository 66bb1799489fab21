package bootstrap

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os/exec"
	"path/filepath"
	"time"
)

// errNotTaken says that the process ended before it took the work.
var errNotTaken = errors.New("the process ended before it took the work")

// process is a running binary and the Runtime API that it alone talks to.
type process struct {
	cmd    *exec.Cmd
	api    *runtimeAPI
	server *http.Server
	last   *lastLine
	ended  chan struct{} // closed when the process has ended
}

// start starts a process and waits until it asks for work.
func (p *Program) start(ctx context.Context, env map[string]string) (*process, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("runtime API: %w", err)
	}
	api := newRuntimeAPI()
	r := &process{api: api, server: &http.Server{Handler: api.routes(), ReadHeaderTimeout: initTimeout}, ended: make(chan struct{})}
	r.last = &lastLine{to: p.cfg.Output, mu: &p.output}
	r.cmd = exec.Command(p.command[0], p.command[1:]...) //nolint:gosec // running this binary is the purpose
	r.cmd.Dir = filepath.Dir(p.cfg.Path)
	r.cmd.Env = environ(env, r.cmd.Dir, listener.Addr().String())
	r.cmd.Stdout, r.cmd.Stderr = r.last, r.last
	r.cmd.WaitDelay = time.Second
	begin := time.Now()
	if err := r.cmd.Start(); err != nil {
		return nil, errors.Join(fmt.Errorf("starting %s: %w", p.cfg.Path, err), listener.Close())
	}
	go func() { _ = r.server.Serve(listener) }() // ends when the process has
	go r.wait()
	if err := r.initialized(ctx); err != nil {
		r.kill()
		return nil, fmt.Errorf("starting %s: %w", p.cfg.Path, err)
	}
	if p.cfg.Started != nil {
		p.cfg.Started(r.cmd.Process.Pid, time.Since(begin))
	}
	return r, nil
}

// wait closes ended when the process has ended, and nothing of it is left.
func (r *process) wait() {
	_ = r.cmd.Wait() // how it ended stands in ProcessState
	_ = r.server.Close()
	r.last.flush()
	close(r.ended)
}

// initialized waits until the process asks for work the first time.
func (r *process) initialized(ctx context.Context) error {
	limit := time.NewTimer(initTimeout)
	defer limit.Stop()
	select {
	case <-r.api.asked:
		return nil
	case err := <-r.api.initErrors:
		return err
	case <-r.ended:
		return r.exit()
	case <-limit.C:
		return &FunctionError{"Sandbox.Timedout", fmt.Sprintf("it does not ask for work within %v", initTimeout)}
	case <-ctx.Done():
		return ctx.Err()
	}
}

// do hands work to the process and waits for its answer.
func (r *process) do(ctx context.Context, work *invocation) ([]byte, error) {
	select {
	case r.api.work <- work:
	case <-r.ended:
		return nil, errNotTaken
	case <-ctx.Done():
		r.kill()
		return nil, ctx.Err()
	}
	select {
	case a := <-work.answers:
		return a.payload, a.err
	case <-ctx.Done():
		r.kill()
		return nil, ctx.Err()
	case <-r.ended:
	}
	select { // an answer that came together with the end
	case a := <-work.answers:
		return a.payload, a.err
	default:
		return nil, r.exit()
	}
}

// exit is what Lambda says of a process that ended of itself.
func (r *process) exit() error {
	message := fmt.Sprintf("the process ended: %v", r.cmd.ProcessState)
	if line := r.last.text(); line != "" {
		message += "; it last said: " + line
	}
	return &FunctionError{"Runtime.ExitError", message}
}

func (r *process) hasEnded() bool {
	select {
	case <-r.ended:
		return true
	default:
		return false
	}
}

// kill ends the process and waits for its end.
func (r *process) kill() {
	_ = r.cmd.Process.Kill() // fails only if it has ended
	<-r.ended
}
