package wire

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
)

// A Version is a version of the AWS JSON protocol.
type Version string

// The versions of the AWS JSON protocol.
const (
	JSON10 Version = "1.0" // SQS
	JSON11 Version = "1.1" // CloudTrail, EventBridge
)

// MaxBody is the greatest size of a request in bytes. The largest legitimate
// one is an SQS batch: 1 MiB of messages, escaped.
const MaxBody = 8 << 20

// An Operation is one operation of a Service. Op makes one.
type Operation interface {
	run(ctx context.Context, c Caller, body []byte) (request, response any, err error)
}

// A Service answers the operations of one AWS service.
type Service struct {
	Source     string // eventSource, such as cloudtrail.amazonaws.com
	Version    Version
	Operations map[string]Operation

	// Unsupported names the operations that the service has at AWS and not
	// here. They are answered with UnsupportedOperationException.
	Unsupported []string

	Now func() time.Time // time.Now if nil
}

// Serve answers one request of a caller who is already known, and returns what
// happened. The operation is the text after the last dot of X-Amz-Target:
// clients put different texts before it.
func (s *Service) Serve(w http.ResponseWriter, r *http.Request, c Caller) Call {
	call := Call{
		Time: s.now(), Caller: c, EventSource: s.Source, RequestID: uuid.NewString(), TLS: tlsOf(r),
	}
	var err error
	call.Request, call.Response, err = s.dispatch(r, c, &call)
	if err != nil {
		call.Response = nil
		call.Fault, call.Err = faultOf(err)
	}
	s.answer(w, r, &call)
	return call
}

func (s *Service) now() time.Time {
	if s.Now == nil {
		return time.Now()
	}
	return s.Now()
}

func (s *Service) dispatch(r *http.Request, c Caller, call *Call) (request, response any, err error) {
	name := target(r)
	op, found := s.Operations[name]
	switch {
	case r.Method != http.MethodPost:
		return nil, nil, &Fault{Code: "UnknownOperationException", Message: r.Method + " is not supported; use POST"}
	case found:
		call.EventName = name
	case slices.Contains(s.Unsupported, name):
		call.EventName = name
		return nil, nil, &Fault{Code: "UnsupportedOperationException", Message: "The requested operation is not supported: " + name + "."}
	default:
		return nil, nil, &Fault{Code: "UnknownOperationException", Message: "Unknown operation: " + name}
	}
	body, err := readBody(r)
	if err != nil {
		return nil, nil, err
	}
	return guarded(op, r.Context(), c, body)
}

// target gives the operation that a request names, or "".
func target(r *http.Request) string {
	t := r.Header.Get("X-Amz-Target")
	return t[strings.LastIndexByte(t, '.')+1:]
}

func readBody(r *http.Request) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(r.Body, MaxBody+1))
	if err != nil {
		return nil, &Fault{Code: "SerializationException", Message: "The request body could not be read."}
	}
	if len(body) > MaxBody {
		return nil, &Fault{
			Code:    "RequestEntityTooLargeException",
			Message: fmt.Sprintf("Request body exceeds %d bytes.", MaxBody),
			Status:  http.StatusRequestEntityTooLarge,
		}
	}
	return body, nil
}

// guarded runs an operation. A panic in it costs this call alone.
func guarded(op Operation, ctx context.Context, c Caller, body []byte) (request, response any, err error) {
	defer func() {
		if p := recover(); p != nil {
			response, err = nil, fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return op.run(ctx, c, body)
}

// faultOf gives the fault to answer with, and the defect if err is not a fault.
func faultOf(err error) (*Fault, error) {
	var f *Fault
	if errors.As(err, &f) {
		return f, nil
	}
	return &Fault{
		Code: "InternalFailure", Message: "The request processing has failed because of an unknown error.",
		Status: http.StatusInternalServerError,
	}, err
}

func (s *Service) answer(w http.ResponseWriter, r *http.Request, call *Call) {
	body := []byte("{}")
	if call.Fault == nil {
		encoded, err := Marshal(call.Response)
		if err == nil {
			body = encoded
		} else {
			call.Response = nil
			call.Fault, call.Err = faultOf(fmt.Errorf("encoding the answer of %s: %w", call.EventName, err))
		}
	}
	h := w.Header()
	h.Set("Content-Type", "application/x-amz-json-"+string(s.Version))
	h.Set("X-Amzn-Requestid", call.RequestID)
	status := http.StatusOK
	if f := call.Fault; f != nil {
		status, body = f.status(), faultBody(f)
		h.Set("X-Amzn-Errortype", f.Code)
		if f.QueryCode != "" && r.Header.Get("X-Amzn-Query-Mode") == "true" {
			h.Set("X-Amzn-Query-Error", f.QueryCode+";"+blame(status))
		}
	}
	w.WriteHeader(status)
	w.Write(body) //nolint:errcheck // a client that went away cannot be told
}

// blame says whose fault a status is, in the query protocol's words.
func blame(status int) string {
	if status >= http.StatusInternalServerError {
		return "Receiver"
	}
	return "Sender"
}

func faultBody(f *Fault) []byte {
	b, _ := json.Marshal(struct { // strings always encode
		Type    string `json:"__type"`
		Message string `json:"message"`
	}{f.Code, f.Message})
	return b
}
