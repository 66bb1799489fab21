package upstream

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/trailhand/trailhand/internal/cloud/operations"
	"github.com/trailhand/trailhand/internal/cloud/wire"
)

// maxKept is how many bytes of a body are kept for the record. CloudTrail
// leaves out what is over 100 KB.
const maxKept = 1 << 20

// exchange is one request that is passed on.
type exchange struct {
	*Upstream
	r         *http.Request
	caller    wire.Caller
	time      time.Time
	operation operations.Operation
	request   body
	form      url.Values // of the query protocol

	requestID string
	response  *body
	status    int    // 0 until the other endpoint has answered
	errorType string // X-Amzn-Errortype
	err       error  // why it has not
}

// body is the beginning of a body.
type body struct {
	contentType string
	kept        bytes.Buffer
	cut         bool // there was more
}

// Write keeps what there is room for.
func (b *body) Write(p []byte) (int, error) {
	room := maxKept - b.kept.Len()
	if room < len(p) {
		b.cut = true
	}
	b.kept.Write(p[:min(len(p), room)])
	return len(p), nil
}

// newExchange reads the beginning of the body, by which requests of the query
// protocol are named, and puts it back.
func newExchange(u *Upstream, r *http.Request, caller wire.Caller) *exchange {
	x := &exchange{Upstream: u, r: r, caller: caller, time: u.cfg.Now(), requestID: uuid.NewString()}
	x.request.contentType = r.Header.Get("Content-Type")
	head, err := io.ReadAll(io.LimitReader(r.Body, maxKept+1))
	x.request.Write(head) //nolint:errcheck // never fails
	r.Body = rest{io.MultiReader(bytes.NewReader(head), failing(r.Body, err)), r.Body}
	if strings.HasPrefix(x.request.contentType, "application/x-www-form-urlencoded") || r.Method == http.MethodGet && r.URL.Query().Has("Action") {
		x.form = x.parameters()
	}
	x.operation, _ = u.table.Name(r, caller.Service, x.form)
	return x
}

// rest is a body that was read in part.
type rest struct {
	io.Reader
	io.Closer
}

// failing gives what is left of a body, or the error that reading it has met.
func failing(r io.Reader, err error) io.Reader {
	if err != nil {
		return broken{err}
	}
	return r
}

type broken struct{ error }

func (b broken) Read([]byte) (int, error) { return 0, b.error }

func (x *exchange) proxy() *httputil.ReverseProxy {
	return &httputil.ReverseProxy{
		Rewrite:        x.rewrite,
		Transport:      x.transport,
		FlushInterval:  -1, // streams of events are passed on as they come
		ModifyResponse: x.answered,
		ErrorHandler:   x.failed,
		ErrorLog:       slog.NewLogLogger(x.cfg.Log.Handler(), slog.LevelDebug),
	}
}

// rewrite changes nothing but where the request goes: its signature holds.
func (x *exchange) rewrite(p *httputil.ProxyRequest) {
	p.Out.URL.Scheme, p.Out.URL.Host = x.url.Scheme, x.url.Host
	p.Out.Host = p.In.Host
	if _, own := p.In.Header["User-Agent"]; !own {
		p.Out.Header["User-Agent"] = nil // Go would put in its own
	}
}

// answered keeps what is passed back.
func (x *exchange) answered(resp *http.Response) error {
	x.status, x.errorType = resp.StatusCode, resp.Header.Get("X-Amzn-Errortype")
	for _, name := range []string{"X-Amzn-Requestid", "X-Amz-Request-Id"} {
		if id := resp.Header.Get(name); id != "" {
			x.requestID = id
		}
	}
	x.response = &body{contentType: resp.Header.Get("Content-Type")}
	resp.Body = rest{io.TeeReader(resp.Body, x.response), resp.Body}
	return nil
}

// failed answers in place of an endpoint that could not be reached.
func (x *exchange) failed(w http.ResponseWriter, _ *http.Request, err error) {
	x.err = err
	x.cfg.Log.Warn("passing a request on", "service", x.caller.Service, "operation", x.operation.Name, "error", err)
	writeFault(w, x.fault(), x.form != nil)
}
