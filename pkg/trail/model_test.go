package trail

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/trailhand/trailhand/pkg/selectors"
)

const (
	home    = "eu-west-1"
	account = "123456789012"
)

func arnOf(name string) string {
	return "arn:aws:cloudtrail:" + home + ":" + account + ":trail/" + name
}

func ptr[T any](v T) *T { return &v }

// model is CloudTrail in memory: its API as far as a reconciler uses it, with the
// rules that matter for the order and the number of calls.
type model struct {
	mu     sync.Mutex
	trails map[string]*Observed // by name
	calls  []Call
	reads  int
	// fault is asked before each call; a fault may come with the call applied.
	fault func(Operation) (err error, applied bool)
	// unread gives what cannot be read at the moment.
	unread func() map[Field]error
}

func newModel(trails ...*Observed) *model {
	m := &model{trails: map[string]*Observed{}, fault: func(Operation) (error, bool) { return nil, false }}
	for _, o := range trails {
		m.trails[o.Name] = o
	}
	return m
}

func (m *model) List(context.Context) ([]Ref, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var refs []Ref
	for _, name := range slices.Sorted(maps.Keys(m.trails)) {
		refs = append(refs, Ref{Region: m.trails[name].HomeRegion, Trail: m.trails[name].ARN})
	}
	return refs, nil
}

func (m *model) Observe(_ context.Context, r Ref) (*Observed, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.reads++
	if err, _ := m.fault("Observe"); err != nil {
		return nil, err
	}
	o := m.see(r.Trail)
	if o != nil && m.unread != nil {
		o.Unread = m.unread()
	}
	return o, nil
}

// see gives the trail as CloudTrail shows it: ARNs for names.
func (m *model) see(name string) *Observed {
	o := m.trails[name]
	if o == nil {
		return nil
	}
	seen := *o
	seen.Tags = maps.Clone(o.Tags)
	if topic := value(o.SnsTopicName); topic != "" && !isARN(topic) {
		seen.SnsTopicName = ptr("arn:aws:sns:" + home + ":" + account + ":" + topic)
	}
	if key := value(o.KMSKeyID); key != "" && !isARN(key) {
		seen.KMSKeyID = ptr("arn:aws:kms:" + home + ":" + account + ":key/" + key)
	}
	seen.Selectors = selectors.Normalize(o.Selectors)
	return &seen
}

func (m *model) Do(_ context.Context, c Call) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.calls = append(m.calls, c)
	err, applied := m.fault(c.Operation)
	if err != nil && !applied {
		return err
	}
	if refused := m.do(c); refused != nil {
		return refused
	}
	return err
}

func refuse(o Operation, code, format string, args ...any) error {
	return &Fault{Operation: string(o), Code: code + "Exception", Message: fmt.Sprintf(format, args...)}
}

func (m *model) do(c Call) error {
	name := c.Trail
	if a, ok := parseARN(name); ok {
		name = a.resource
	}
	o := m.trails[name]
	switch {
	case c.Region != home:
		return refuse(c.Operation, "InvalidHomeRegion", "The trail was created in %s", home)
	case c.Operation == CreateTrail && o != nil:
		return refuse(c.Operation, "TrailAlreadyExists", "Trail %s already exists for customer: %s", name, account)
	case c.Operation == CreateTrail:
		o = &Observed{Name: name, ARN: arnOf(name), HomeRegion: home, Attributes: Attributes{IncludeGlobalServiceEvents: ptr(true)}, Tags: maps.Clone(c.Tags)}
		if err := update(o, c); err != nil {
			return err
		}
		m.trails[name] = o
		return nil
	case o == nil:
		return refuse(c.Operation, "TrailNotFound", "Unknown trail: %s for the user: %s", name, account)
	}
	return m.change(o, c)
}

func (m *model) change(o *Observed, c Call) error {
	switch c.Operation {
	case UpdateTrail:
		return update(o, c)
	case PutEventSelectors:
		if len(c.Selectors.Basic)+len(c.Selectors.Advanced) == 0 {
			return refuse(c.Operation, "InvalidEventSelectors", "no selectors")
		}
		o.Selectors = c.Selectors
	case PutInsightSelectors:
		o.Insights = c.Insights
	case PutEventConfiguration:
		o.Aggregations = c.Aggregations
	case AddTags:
		tags := maps.Clone(o.Tags)
		if tags == nil {
			tags = map[string]string{}
		}
		maps.Copy(tags, c.Tags)
		if len(tags) > 50 {
			return refuse(c.Operation, "TagsLimitExceeded", "%d tags", len(tags))
		}
		o.Tags = tags
	case RemoveTags:
		tags := maps.Clone(o.Tags)
		maps.DeleteFunc(tags, func(k, _ string) bool { _, gone := c.Tags[k]; return gone })
		o.Tags = tags
	case StartLogging:
		o.IsLogging = true
	case StopLogging:
		o.IsLogging = false
	case DeleteTrail:
		delete(m.trails, o.Name)
	}
	return nil
}

func update(o *Observed, c Call) error {
	a := o.Attributes
	for _, f := range TextFields() {
		if given := *c.Attributes.Text(f); given != nil {
			*a.Text(f) = given
		}
	}
	for _, f := range FlagFields() {
		if given := *c.Attributes.Flag(f); given != nil {
			*a.Flag(f) = given
		}
	}
	if multi := c.Attributes.IsMultiRegionTrail; multi != nil && *multi != value(o.IsMultiRegionTrail) && c.Attributes.IncludeGlobalServiceEvents == nil {
		a.IncludeGlobalServiceEvents = multi
	}
	if value(a.IsMultiRegionTrail) && !value(a.IncludeGlobalServiceEvents) {
		return refuse(c.Operation, "InvalidParameterCombination", "Multi-Region trail must include global service events.")
	}
	group, role := c.Attributes.CloudWatchLogsLogGroupArn, c.Attributes.CloudWatchLogsRoleArn
	if (group == nil) != (role == nil) || (value(group) == "") != (value(role) == "") {
		return refuse(c.Operation, "InvalidParameterCombination", "log group and role come together")
	}
	o.Attributes = a
	return nil
}

// memoryStore is a Store in memory.
type memoryStore struct {
	mu   sync.Mutex
	docs map[string][]byte
	vers map[string]int
	err  error
}

func newStore() *memoryStore { return &memoryStore{docs: map[string][]byte{}, vers: map[string]int{}} }

func (s *memoryStore) Load(_ context.Context, name string) ([]byte, string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.vers[name] == 0 {
		return nil, "", s.err
	}
	return s.docs[name], fmt.Sprint(s.vers[name]), s.err
}

func (s *memoryStore) Save(_ context.Context, name string, data []byte, ifVersion string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return "", s.err
	}
	if have := s.vers[name]; have == 0 && ifVersion != "" || have > 0 && ifVersion != fmt.Sprint(have) {
		return "", fmt.Errorf("saving %s: %w", name, ErrConflict)
	}
	s.docs[name] = data
	s.vers[name]++
	return fmt.Sprint(s.vers[name]), nil
}

// press collects notices.
type press struct {
	mu      sync.Mutex
	notices []Notice
}

func (p *press) Publish(_ context.Context, n Notice) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.notices = append(p.notices, n)
	return nil
}

// bench is a reconciler over the model.
type bench struct {
	*Reconciler
	model *model
	store *memoryStore
	press *press
	clock time.Time
	logs  *strings.Builder
}

func newBench(trails ...*Observed) *bench {
	b := &bench{model: newModel(trails...), store: newStore(), press: &press{}, logs: &strings.Builder{},
		clock: time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)}
	b.Reconciler = &Reconciler{
		API: b.model, Store: b.store, Publisher: b.press, Account: account,
		Now: func() time.Time { return b.clock }, Log: slog.New(slog.NewJSONHandler(b.logs, nil)),
		Backoff: Backoff{Sleep: func(context.Context, time.Duration) error { return nil }, Jitter: func() float64 { return 1 }},
	}
	return b
}

// operations are the calls that the model took since the last time.
func (b *bench) operations() []Operation {
	b.model.mu.Lock()
	defer b.model.mu.Unlock()
	var list []Operation
	for _, c := range b.model.calls {
		list = append(list, c.Operation)
	}
	b.model.calls = nil
	return list
}

// whole reports what differs from the desired trail.
func (b *bench) whole(t *testing.T, d Desired) {
	t.Helper()
	b.model.mu.Lock()
	defer b.model.mu.Unlock()
	if drifts := Diff(d, b.model.see(d.Name)); len(drifts) > 0 {
		t.Errorf("the trail still differs: %+v", drifts)
	}
}
