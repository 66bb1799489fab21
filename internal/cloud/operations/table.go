package operations

import (
	_ "embed"
	"fmt"
	"strings"

	"github.com/klauspost/compress/zstd"
)

//go:embed table.zst
var compressed []byte

// A Table knows the operations of all services.
type Table struct {
	bySigningName map[string][]*service
	byTarget      map[string][]*service // by the text before the last dot of X-Amz-Target
}

// service is what is known of one service.
type service struct {
	signingName, endpointPrefix, apiVersion, target string

	sensitive  []string // members that hold what must not be logged
	maps       []string // members that hold maps
	operations map[string]Operation
	routes     []route // of REST
}

// Operation is one operation of a service.
type Operation struct {
	Source     string // eventSource, such as ec2.amazonaws.com
	Name       string // eventName, such as RunInstances
	APIVersion string // such as 2016-11-15
	Access     Access
	Opaque     bool              // the request's body is no document, but data
	Sensitive  []string          // names of the members that hold what must not be logged
	Maps       []string          // names of the members that hold maps: the keys below them are data
	Labels     map[string]string // what REST has in the path, by the member's name
}

// Open reads the table.
func Open() (*Table, error) {
	r, err := zstd.NewReader(nil)
	if err != nil {
		return nil, fmt.Errorf("the table of operations: %w", err)
	}
	defer r.Close()
	text, err := r.DecodeAll(compressed, nil)
	if err != nil {
		return nil, fmt.Errorf("the table of operations: %w", err)
	}
	t := &Table{bySigningName: map[string][]*service{}, byTarget: map[string][]*service{}}
	var s *service
	for line := range strings.Lines(string(text)) {
		fields := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		switch line[0] {
		case '=':
			s = t.add(fields)
		case '~':
			s.sensitive = append(fields[1:], fields[0][1:])
		case '%':
			s.maps = append(fields[1:], fields[0][1:])
		default:
			s.add(fields)
		}
	}
	return t, nil
}

// add begins a service: signing name, endpoint prefix, API version, target prefix.
func (t *Table) add(fields []string) *service {
	s := &service{
		signingName: fields[0][1:], endpointPrefix: fields[1], apiVersion: fields[2], target: fields[3],
		operations: map[string]Operation{},
	}
	t.bySigningName[s.signingName] = append(t.bySigningName[s.signingName], s)
	if s.target != "" {
		t.byTarget[s.target] = append(t.byTarget[s.target], s)
	}
	return s
}

// add puts in an operation: its name, with a mark if its access is known; for
// REST its method and URI, and "data" if its body is no document.
func (s *service) add(fields []string) {
	name := strings.TrimRight(fields[0], modelReads+referenceReads+referenceWrites)
	mark := fields[0][len(name):]
	method := ""
	if len(fields) > 1 {
		method = fields[1]
		s.routes = append(s.routes, newRoute(name, method, fields[2]))
	}
	s.operations[name] = Operation{
		Source: source(s.endpointPrefix), Name: recordedName(s.endpointPrefix, name), APIVersion: s.apiVersion,
		Access: accessOf(name, method, mark),
		Opaque: len(fields) > 3, Sensitive: s.sensitive, Maps: s.maps,
	}
}
