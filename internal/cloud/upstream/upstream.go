// Package upstream stands in front of another endpoint that speaks for AWS,
// such as an emulator of services that the embedded cloud does not serve. It
// passes requests on as they are, and tells of each what call it was, so that
// the other endpoint has a CloudTrail too.
package upstream

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/trailhand/trailhand/internal/cloud/operations"
	"github.com/trailhand/trailhand/internal/cloud/wire"
)

// Config says where the other endpoint is.
type Config struct {
	URL string // such as http://127.0.0.1:5000
	Now func() time.Time
	Log *slog.Logger
}

// Upstream passes requests on. It is safe for concurrent use.
type Upstream struct {
	cfg       Config
	url       *url.URL
	transport http.RoundTripper
	table     *operations.Table

	calls, unnamed, unclassified atomic.Int64
}

// Counts is what was passed on since New.
type Counts struct {
	Calls        int64 // requests that were passed on
	Unnamed      int64 // of them, those of no known operation, of which there is no record
	Unclassified int64 // records that do not say whether the operation reads or writes
}

// New reads the table of operations; it makes no request.
func New(cfg Config) (*Upstream, error) {
	u, err := url.Parse(cfg.URL)
	if err == nil && (u.Scheme != "http" && u.Scheme != "https" || u.Host == "") {
		err = errors.New("want http://host:port")
	}
	if err != nil {
		return nil, fmt.Errorf("upstream %q: %w", cfg.URL, err)
	}
	table, err := operations.Open()
	if err != nil {
		return nil, fmt.Errorf("upstream: %w", err)
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.Proxy, transport.DisableCompression = nil, true // what the client asked for is passed on, and nothing else
	transport.MaxIdleConnsPerHost = 64
	return &Upstream{cfg: cfg, url: u, transport: transport, table: table}, nil
}

// Serve passes one request of caller on, and tells observe what happened, also
// where the client or the other endpoint breaks off. The call has no EventName
// if the request could not be named.
func (u *Upstream) Serve(w http.ResponseWriter, r *http.Request, caller wire.Caller, observe func(wire.Call)) {
	x := newExchange(u, r, caller)
	u.calls.Add(1)
	if x.operation.Name == "" {
		u.unnamed.Add(1)
		u.cfg.Log.Warn("a request that no operation stands for is not recorded", "service", caller.Service, "method", r.Method, "path", r.URL.Path)
	}
	defer func() { observe(x.call()) }()
	x.proxy().ServeHTTP(w, x.r)
}

// Counts tells what was passed on.
func (u *Upstream) Counts() Counts {
	return Counts{Calls: u.calls.Load(), Unnamed: u.unnamed.Load(), Unclassified: u.unclassified.Load()}
}
