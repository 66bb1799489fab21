package upstream

import (
	"net/url"
	"slices"
	"strings"

	"github.com/trailhand/trailhand/internal/cloud/operations"
	"github.com/trailhand/trailhand/internal/cloud/wire"
)

// call tells what happened, as CloudTrail records it.
func (x *exchange) call() wire.Call {
	op := x.operation
	c := wire.Call{
		Time: x.time, Caller: x.caller, EventSource: op.Source, EventName: op.Name, APIVersion: op.APIVersion, RequestID: x.requestID,
		Fault: x.fault(), Err: x.err, Foreign: x.foreign(),
	}
	if op.Name == "" {
		return c
	}
	if op.Access == operations.Unknown {
		x.unclassified.Add(1)
	}
	parameters := x.requestParameters()
	c.Request, c.Resources = parameters, x.resources(parameters)
	if c.Fault == nil && x.response != nil {
		c.Response = x.tree(x.response)
	}
	return c
}

func (x *exchange) foreign() *wire.Foreign {
	f := &wire.Foreign{Secret: func(field string) bool {
		return slices.ContainsFunc(x.operation.Sensitive, func(name string) bool { return lower(name) == field })
	}}
	if access := x.operation.Access; access != operations.Unknown {
		reads := access == operations.Read
		f.ReadOnly = &reads
	}
	return f
}

// requestParameters is what was asked: in the path, in the query and in the body.
func (x *exchange) requestParameters() map[string]any {
	if x.form != nil {
		form := url.Values{}
		for name, values := range x.form {
			if name != "Action" && name != "Version" {
				form[name] = values
			}
		}
		return nested(form)
	}
	parameters := map[string]any{}
	if x.operation.Labels != nil { // REST
		for name, values := range x.r.URL.Query() {
			parameters[lower(name)] = strings.Join(values, ",")
		}
		for name, value := range x.operation.Labels {
			parameters[lower(name)] = value
		}
	}
	if !x.operation.Opaque {
		for name, value := range x.tree(&x.request) {
			parameters[name] = value
		}
	}
	return parameters
}

// parameters are those of the query protocol.
func (x *exchange) parameters() url.Values {
	form, err := url.ParseQuery(x.request.kept.String())
	if err != nil || x.request.cut {
		form = url.Values{"Action": form["Action"], "Version": form["Version"]}
	}
	for name, values := range x.r.URL.Query() {
		form[name] = append(form[name], values...)
	}
	return form
}
