package cloud

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/trailhand/trailhand/internal/cloud/sigv4"
	"github.com/trailhand/trailhand/internal/cloud/wire"
)

// ServeHTTP is the one door: the credential scope of the signature says which
// service is meant. Every call is observed before its answer is whole.
func (c *Cloud) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/_trailhand/health":
		c.health(w)
		return
	case "/_trailhand/events":
		c.outside(w, r)
		return
	}
	scope, err := sigv4.Parse(r)
	if errors.Is(err, sigv4.ErrUnsigned) {
		scope.Service = "s3" // only S3 knows unsigned requests; it refuses them in its own words
	} else if err != nil {
		refuse(w, err)
		return
	}
	caller := c.tokens.Caller(r, scope)
	service, known := c.services()[scope.Service]
	if !known {
		refuse(w, &sigv4.Refusal{Code: "UnrecognizedClientException", Message: "Trailhand does not serve " + scope.Service, Status: http.StatusBadRequest})
		return
	}
	before := c.trails.Logging(caller.AccountID)
	answer := &held{ResponseWriter: w}
	call := service(answer, r, caller)
	c.keepAfter(call)
	c.observe(context.WithoutCancel(r.Context()), call, before)
	_ = answer.flush() // a client that went away cannot be told
	if c.cfg.OnCall != nil {
		c.cfg.OnCall(call)
	}
}

// server answers one request and says what call it was.
type server func(http.ResponseWriter, *http.Request, wire.Caller) wire.Call

// services are the services by the name in the credential scope.
func (c *Cloud) services() map[string]server {
	return map[string]server{
		"cloudtrail": c.trails.Service().Serve,
		"events":     c.bus.Service().Serve,
		"sqs":        c.queues.Service().Serve,
		"sts":        c.tokens.Serve,
		"s3":         c.buckets.Serve,
	}
}

func (c *Cloud) health(w http.ResponseWriter) {
	waiting, lost := c.files.Waiting()
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(map[string]any{"status": "ok", "recordsWaiting": waiting, "recordsLost": lost})
}

// refuse answers in the form that the SDKs of JSON services read.
func refuse(w http.ResponseWriter, err error) {
	refusal := &sigv4.Refusal{Code: "IncompleteSignature", Message: err.Error(), Status: http.StatusBadRequest}
	errors.As(err, &refusal)
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	w.Header().Set("X-Amzn-Errortype", refusal.Code)
	w.WriteHeader(refusal.Status)
	json.NewEncoder(w).Encode(map[string]string{"__type": refusal.Code, "message": refusal.Message})
}
