package operations

import (
	"net/http"
	"net/url"
	"strings"
)

// Name gives the operation that a request calls. service is the signing name
// in the credential scope of its signature; form holds the parameters of the
// query protocol, and is nil for other bodies.
func (t *Table) Name(r *http.Request, service string, form url.Values) (Operation, bool) {
	if target := r.Header.Get("X-Amz-Target"); target != "" {
		dot := strings.LastIndexByte(target, '.')
		return t.ofTarget(target[:max(dot, 0)], target[dot+1:])
	}
	if target, name, ok := cbor(r); ok {
		return t.ofTarget(target, name)
	}
	if action := form.Get("Action"); action != "" {
		return t.ofAction(service, action, form.Get("Version"))
	}
	return t.ofRoute(r, service)
}

// cbor reads /service/X/operation/Y of Smithy's RPC v2.
func cbor(r *http.Request) (target, name string, ok bool) {
	parts := segments(r.URL.Path)
	if n := len(parts); r.Header.Get("Smithy-Protocol") == "rpc-v2-cbor" && n >= 4 && parts[n-4] == "service" && parts[n-2] == "operation" {
		return parts[n-3], parts[n-1], true
	}
	return "", "", false
}

func (t *Table) ofTarget(target, name string) (Operation, bool) {
	for _, s := range t.byTarget[target] {
		if op, ok := s.operations[name]; ok {
			return op, true
		}
	}
	return Operation{}, false
}

// ofAction prefers the service of the API version that the request names:
// several share a signing name.
func (t *Table) ofAction(service, action, version string) (found Operation, ok bool) {
	for _, s := range t.bySigningName[service] {
		op, has := s.operations[action]
		if has && (!ok || s.apiVersion == version) {
			found, ok = op, true
		}
	}
	return found, ok
}

func (t *Table) ofRoute(r *http.Request, service string) (found Operation, ok bool) {
	best, query := 0, r.URL.Query()
	for _, s := range t.bySigningName[service] {
		if op, exact, has := s.route(r.Method, r.URL.EscapedPath(), query); has && (!ok || exact > best) {
			found, best, ok = op, exact, true
		}
	}
	return found, ok
}
