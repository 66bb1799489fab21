package bootstrap

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/google/uuid"
)

const (
	maxAnswer  = 6 << 20 // bytes, of a synchronous invocation
	maxTimeout = 15 * time.Minute
)

// invocation is one piece of work.
type invocation struct {
	id, arn  string
	deadline time.Time
	payload  []byte
	answers  chan answer // takes one
}

type answer struct {
	payload []byte
	err     error
}

func newInvocation(ctx context.Context, payload []byte) *invocation {
	w := &invocation{payload: payload, answers: make(chan answer, 1)}
	if lc, ok := lambdacontext.FromContext(ctx); ok {
		w.id, w.arn = lc.AwsRequestID, lc.InvokedFunctionArn
	}
	if w.id == "" {
		w.id = uuid.NewString()
	}
	var limited bool
	if w.deadline, limited = ctx.Deadline(); !limited {
		w.deadline = time.Now().Add(maxTimeout)
	}
	return w
}

// runtimeAPI is the Runtime API of one process.
type runtimeAPI struct {
	work       chan *invocation
	asked      chan struct{} // closed when the process asks for work the first time
	initErrors chan error    // takes one
	first      sync.Once

	mu      sync.Mutex
	current *invocation // what the process works on
}

func newRuntimeAPI() *runtimeAPI {
	return &runtimeAPI{work: make(chan *invocation), asked: make(chan struct{}), initErrors: make(chan error, 1)}
}

func (a *runtimeAPI) routes() http.Handler {
	const root = "/2018-06-01/runtime/"
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+root+"invocation/next", a.next)
	mux.HandleFunc("POST "+root+"invocation/{id}/response", a.response)
	mux.HandleFunc("POST "+root+"invocation/{id}/error", a.failure)
	mux.HandleFunc("POST "+root+"init/error", a.initError)
	return mux
}

// next waits for work, for as long as the process does.
func (a *runtimeAPI) next(w http.ResponseWriter, r *http.Request) {
	a.first.Do(func() { close(a.asked) })
	var work *invocation
	select {
	case work = <-a.work:
	case <-r.Context().Done():
		return
	}
	a.mu.Lock()
	a.current = work
	a.mu.Unlock()
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Lambda-Runtime-Aws-Request-Id", work.id)
	h.Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(work.deadline.UnixMilli(), 10))
	h.Set("Lambda-Runtime-Invoked-Function-Arn", work.arn)
	h.Set("Lambda-Runtime-Trace-Id", traceID())
	_, _ = w.Write(work.payload) // a process that is gone has ended, which is seen there
}

// traceID names a trace that nobody samples.
func traceID() string {
	id := strings.ReplaceAll(uuid.NewString(), "-", "")
	return fmt.Sprintf("Root=1-%08x-%s;Parent=%s;Sampled=0", time.Now().Unix(), id[:24], id[16:])
}

// response takes the answer to the current work.
func (a *runtimeAPI) response(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxAnswer+1))
	if err != nil {
		refuse(w, http.StatusBadRequest, "InvalidRequest", err.Error())
		return
	}
	given := answer{payload: body}
	if len(body) > maxAnswer {
		given = answer{err: &FunctionError{"Function.ResponseSizeTooLarge", fmt.Sprintf("the answer exceeds %d bytes", maxAnswer)}}
	}
	if !a.settle(r.PathValue("id"), given) {
		refuse(w, http.StatusBadRequest, "InvalidRequestID", "Invalid request ID")
		return
	}
	if given.err != nil {
		refuse(w, http.StatusRequestEntityTooLarge, "RequestEntityTooLarge", given.err.Error())
		return
	}
	accept(w)
}

// failure takes the error of the current work.
func (a *runtimeAPI) failure(w http.ResponseWriter, r *http.Request) {
	if !a.settle(r.PathValue("id"), answer{err: reported(r)}) {
		refuse(w, http.StatusBadRequest, "InvalidRequestID", "Invalid request ID")
		return
	}
	accept(w)
}

func (a *runtimeAPI) initError(w http.ResponseWriter, r *http.Request) {
	select {
	case a.initErrors <- reported(r):
		accept(w)
	default:
		refuse(w, http.StatusForbidden, "InvalidStateTransition", "the error was reported before")
	}
}

// settle answers the current work; it returns false if id is not the current work.
func (a *runtimeAPI) settle(id string, given answer) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.current == nil || a.current.id != id {
		return false
	}
	a.current.answers <- given
	a.current = nil
	return true
}

// reported reads an error that the process reports: its body, or where that
// says nothing, its header.
func reported(r *http.Request) error {
	e := &FunctionError{}
	body, _ := io.ReadAll(io.LimitReader(r.Body, maxAnswer)) // what came of it is what is known
	if json.Unmarshal(body, e) != nil || e.Type == "" {
		e.Type = r.Header.Get("Lambda-Runtime-Function-Error-Type")
	}
	if e.Type == "" {
		e.Type = "Runtime.Unknown"
	}
	return e
}

func accept(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusAccepted)
	_, _ = io.WriteString(w, `{"status":"OK"}`)
}

func refuse(w http.ResponseWriter, status int, kind, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(FunctionError{kind, message})
}
