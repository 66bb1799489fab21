package reconciler

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"

	"github.com/trailhand/trailhand/internal/awsio"
	"github.com/trailhand/trailhand/internal/cloud/buckets/policy"
	"github.com/trailhand/trailhand/internal/cloud/recording"
	"github.com/trailhand/trailhand/internal/cloud/trails"
	"github.com/trailhand/trailhand/internal/cloud/wire"
	"github.com/trailhand/trailhand/pkg/events"
	"github.com/trailhand/trailhand/pkg/trail"
)

const (
	home      = "eu-west-1"
	accountID = "123456789012"
)

// anyBucket lets CloudTrail deliver everywhere.
type anyBucket struct{}

func (anyBucket) Allows(string, string, string, string, map[string]string) (policy.Decision, bool) {
	return policy.Allow, true
}

// world is the embedded CloudTrail over HTTP, and the reconciler that hears of its
// calls.
type world struct {
	t       testing.TB
	url     string
	handler *handler
	now     func() time.Time
	log     *strings.Builder

	mu      sync.Mutex
	calls   []call // successful and failed ones, in order
	fault   func(operation string) (fault *wire.Fault, applied bool)
	notices []trail.Notice
}

type call struct {
	by, operation string
	event         []byte // as Lambda would be given it; nil for calls that failed or only read
}

func newWorld(t testing.TB, spec *trail.Spec) *world {
	w := &world{t: t, now: time.Now, log: &strings.Builder{}, fault: func(string) (*wire.Fault, bool) { return nil, false }}
	now := func() time.Time { return w.now() }
	service := trails.New(trails.Config{AccountID: accountID, Buckets: anyBucket{}, Now: now,
		Organization: &trails.Organization{ID: "o-exampleorgid", ManagementAccount: accountID}}).Service()
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { w.serve(service, rw, r) }))
	t.Cleanup(server.Close)
	w.url = server.URL
	w.handler = &handler{
		desired: func(context.Context) (trail.Spec, error) { return spec.InRegion(home), nil },
		reconciler: trail.Reconciler{
			API: awsio.NewTrails(w.config("reconciler")), Store: &states{docs: map[string]string{}}, Publisher: w,
			Now: now, Log: slog.New(slog.NewJSONHandler(w.log, nil)),
			Backoff: trail.Backoff{Base: time.Microsecond, Cap: time.Millisecond, Jitter: func() float64 { return 1 }},
		},
	}
	return w
}

// config is that of a client, known by its access key.
func (w *world) config(name string) aws.Config {
	return aws.Config{
		Region: home, BaseEndpoint: &w.url, RetryMaxAttempts: 1,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: name, SecretAccessKey: "secret"}, nil
		}),
	}
}

func (w *world) client(name string) *cloudtrail.Client {
	return cloudtrail.NewFromConfig(w.config(name))
}

func (w *world) serve(service *wire.Service, rw http.ResponseWriter, r *http.Request) {
	_, credential, _ := strings.Cut(r.Header.Get("Authorization"), "Credential=")
	scope := strings.Split(credential, "/")
	caller := wire.Caller{AccessKeyID: scope[0], AccountID: accountID, Region: scope[2], Service: "cloudtrail",
		ARN: "arn:aws:iam::" + accountID + ":user/" + scope[0], SourceIP: "203.0.113.7"}
	caller.Identity = json.RawMessage(fmt.Sprintf(`{"type":"IAMUser","arn":%q}`, caller.ARN))
	target := r.Header.Get("X-Amz-Target")
	operation := target[strings.LastIndex(target, ".")+1:]
	w.mu.Lock()
	fault, applied := w.fault(operation)
	w.mu.Unlock()
	if fault != nil && !applied {
		rw.Header().Set("X-Amzn-ErrorType", fault.Code)
		rw.WriteHeader(http.StatusBadRequest)
		return
	}
	answer := httptest.NewRecorder()
	done := service.Serve(answer, r, caller)
	w.record(scope[0], done)
	if fault != nil {
		panic(http.ErrAbortHandler) // applied, and the connection breaks
	}
	for name, values := range answer.Header() {
		rw.Header()[name] = values
	}
	rw.WriteHeader(answer.Code)
	_, _ = rw.Write(answer.Body.Bytes())
}

// record keeps a call, as the event that EventBridge makes of it.
func (w *world) record(by string, done wire.Call) {
	c := call{by: by, operation: done.EventName}
	reads := strings.HasPrefix(c.operation, "Get") || strings.HasPrefix(c.operation, "List") || strings.HasPrefix(c.operation, "Describe")
	if done.Fault == nil && !reads {
		record, err := recording.Record(done)
		if err != nil {
			w.t.Errorf("recording %s: %v", c.operation, err)
		}
		c.event, err = events.Envelope{Version: "0", ID: done.RequestID, DetailType: "AWS API Call via CloudTrail", Source: "aws.cloudtrail",
			Account: accountID, Time: done.Time, Region: done.Caller.Region, Detail: record}.Encode()
		if err != nil {
			w.t.Errorf("wrapping %s: %v", c.operation, err)
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls = append(w.calls, c)
}

// deliver hands the events of all calls so far to the handler, and of the calls that
// it makes in turn, until there is none; it gives the changes that it made.
func (w *world) deliver() (changes []string) {
	for range 50 {
		w.mu.Lock()
		calls := w.calls
		w.calls = nil
		w.mu.Unlock()
		if len(calls) == 0 {
			return changes
		}
		for _, c := range calls {
			if c.event == nil {
				continue
			}
			if c.by == "reconciler" {
				changes = append(changes, c.operation)
			}
			if _, err := w.handler.Invoke(context.Background(), c.event); err != nil {
				w.t.Errorf("handling %s: %v", c.operation, err)
			}
		}
	}
	w.t.Errorf("the reconciler loops: it called %v", changes)
	return changes
}

// sweep runs a sweep and gives the changes that it made.
func (w *world) sweep() []string {
	if _, err := w.handler.Invoke(context.Background(), []byte(`{"trailhand":"sweep"}`)); err != nil {
		w.t.Errorf("sweep: %v", err)
	}
	return w.deliver()
}

// whole reports what differs from a desired trail.
func (w *world) whole(d trail.Desired) {
	w.t.Helper()
	o, err := w.handler.reconciler.API.Observe(context.Background(), trail.Ref{Region: home, Trail: d.Name})
	if err != nil {
		w.t.Errorf("observing: %v", err)
	}
	if drifts := trail.Diff(d, o); len(drifts) > 0 {
		w.t.Errorf("the trail differs: %+v", drifts)
	}
}

// Publish makes the world the event bus.
func (w *world) Publish(_ context.Context, n trail.Notice) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.notices = append(w.notices, n)
	return nil
}

// repaired takes the fields of the repairs published so far, in order.
func (w *world) repaired() (fields []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, n := range w.notices {
		for _, x := range n.Fields {
			if n.DetailType == trail.DriftRepaired {
				fields = append(fields, string(x.Field))
			}
		}
	}
	w.notices = nil
	slices.Sort(fields)
	return fields
}

// states is a trail.Store.
type states struct {
	mu   sync.Mutex
	docs map[string]string
}

func (s *states) Load(_ context.Context, name string) ([]byte, string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.docs[name] == "" {
		return nil, "", nil
	}
	return []byte(s.docs[name]), s.docs[name], nil
}

func (s *states) Save(_ context.Context, name string, data []byte, ifVersion string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.docs[name] != ifVersion {
		return "", trail.ErrConflict
	}
	s.docs[name] = string(data)
	return string(data), nil
}
