package operations

import (
	"net/url"
	"strings"
)

// route is the method and the URI of an operation of REST. A segment of the
// path is a text, a {label}, or a {label+} that takes the rest.
type route struct {
	name, method string
	segments     []string
	query        url.Values // that must be there
}

func newRoute(name, method, uri string) route {
	path, query, _ := strings.Cut(uri, "?")
	values, err := url.ParseQuery(query)
	if err != nil {
		values = nil // the models have none such
	}
	return route{name: name, method: method, segments: segments(path), query: values}
}

func segments(path string) []string { return strings.Split(strings.Trim(path, "/"), "/") }

// match gives what is in the path, by label, and how exact the match is.
func (rt route) match(method string, path []string, query url.Values) (labels map[string]string, exact int, ok bool) {
	if rt.method != method {
		return nil, 0, false
	}
	for name, values := range rt.query {
		if !query.Has(name) || values[0] != "" && query.Get(name) != values[0] {
			return nil, 0, false
		}
	}
	labels = map[string]string{}
	for i, want := range rt.segments {
		if i >= len(path) {
			return nil, 0, false
		}
		if label, greedy := strings.CutSuffix(strings.Trim(want, "{}"), "+"); greedy {
			labels[label] = strings.Join(path[i:], "/")
			return labels, exact + len(rt.query), true
		}
		switch {
		case want == path[i]:
			exact += 2
		case strings.HasPrefix(want, "{") && path[i] != "":
			labels[strings.Trim(want, "{}")] = path[i]
			exact++
		default:
			return nil, 0, false
		}
	}
	return labels, exact + len(rt.query), len(rt.segments) == len(path)
}

// route finds the operation of REST that a request names: the most exact one.
func (s *service) route(method, escapedPath string, query url.Values) (op Operation, exact int, ok bool) {
	path := segments(escapedPath)
	for i, p := range path {
		if plain, err := url.PathUnescape(p); err == nil {
			path[i] = plain
		}
	}
	for _, rt := range s.routes {
		labels, n, matches := rt.match(method, path, query)
		if matches && (!ok || n > exact) {
			op, exact, ok = s.operations[rt.name], n, true
			op.Labels = labels
		}
	}
	return op, exact, ok
}
