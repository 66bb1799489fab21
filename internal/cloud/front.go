package cloud

import (
	"context"
	"net/http"

	"github.com/trailhand/trailhand/internal/cloud/door"
	"github.com/trailhand/trailhand/internal/cloud/wire"
)

// ServeHTTP is the one door: the credential scope of the signature says which
// service is meant. Every call is observed before its answer is whole.
func (c *Cloud) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	r.Body = door.WaitFor(w, r, c.cfg.Patience)
	switch r.URL.Path {
	case "/_trailhand/health":
		c.health(w)
		return
	case "/_trailhand/events":
		c.outside(w, r)
		return
	}
	scope, err := c.door.Admit(r)
	if err != nil {
		c.tally.refused.Add(1)
		door.Refuse(w, r, scope.Service, err)
		return
	}
	caller := c.tokens.Caller(r, scope)
	if service, ours := c.servers[scope.Service]; ours {
		c.answer(w, r, caller, service)
		return
	}
	c.passOn(w, r, caller)
}

// answer lets one of our services answer.
func (c *Cloud) answer(w http.ResponseWriter, r *http.Request, caller wire.Caller, service server) {
	before := c.trails.Logging(caller.AccountID)
	end := &door.Held{ResponseWriter: w}
	call := service(end, r, caller)
	if call.Err != nil {
		c.cfg.Log.Error("a defect behind an answer", "eventSource", call.EventSource, "eventName", call.EventName, "error", call.Err)
	}
	c.keepAfter(call)
	c.observe(context.WithoutCancel(r.Context()), call, before)
	c.tellDrift(call)
	_ = end.Flush() // a client that went away cannot be told
	c.told(call)
}

// passOn lets another endpoint answer.
func (c *Cloud) passOn(w http.ResponseWriter, r *http.Request, caller wire.Caller) {
	if c.upstream == nil {
		c.tally.refused.Add(1)
		door.Refuse(w, r, caller.Service, door.NotServed(caller))
		return
	}
	before := c.trails.Logging(caller.AccountID)
	end := &door.Held{ResponseWriter: w}
	c.upstream.Serve(end, r, caller, func(call wire.Call) {
		if call.EventName != "" {
			c.observe(context.WithoutCancel(r.Context()), call, before)
		}
		c.told(call)
	})
	_ = end.Flush() // a client that went away cannot be told
}

func (c *Cloud) told(call wire.Call) {
	c.tally.count(call)
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
		"events":     c.serveEvents,
		"sqs":        c.queues.Service().Serve,
		"sts":        c.tokens.Serve,
		"s3":         c.buckets.Serve,
	}
}
