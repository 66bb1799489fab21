package trail

import (
	"context"
	"fmt"
	"os"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/trailhand/trailhand/internal/cloud/template"
)

func TestASweepGoesFromRegionToRegion(t *testing.T) {
	var subjects []subject
	for _, region := range []string{"a", "a", "a", "b", "c", "c"} {
		subjects = append(subjects, subject{desired: Desired{HomeRegion: region}})
	}
	if got, want := spread(subjects), []int{0, 3, 4, 1, 5, 2}; !slices.Equal(got, want) {
		t.Errorf("the order is %v, want %v", got, want)
	}
}

func TestASweepLooksAtTheHealthOfATrailThatARuleHolds(t *testing.T) {
	o := whole(complete())
	o.Status.LatestDeliveryError = "AccessDenied"
	b := newBench(o)
	b.Policies = policies("")
	spec := Spec{Mode: Repair, NewTrails: []Rule{{NamePattern: "*", Action: NewTrailConform, Conform: Desired{IsLogging: ptr(true)}}}}
	outcomes, err := b.Sweep(context.Background(), spec)
	if err != nil || len(outcomes) != 1 {
		t.Fatalf("%+v, %v", outcomes, err)
	}
	if got := fieldsOf(outcomes[0].Reported); !slices.Equal(got, []Field{LatestDeliveryError, LogBucketPolicy}) {
		t.Errorf("reported %v", got)
	}
}

// requestTime is what a request is taken to need, to another continent and back.
const requestTime = 300 * time.Millisecond

// distant is the model at a distance, with CloudTrail's limits: in each Region ten
// reads and one change a second of each operation.
//
// https://docs.aws.amazon.com/general/latest/gr/ct.html
type distant struct {
	*model
	mu        sync.Mutex
	last      map[string][]time.Time
	throttled int
}

// request takes its time, or is refused.
func (d *distant) request(region, operation string, limit int) error {
	time.Sleep(requestTime)
	d.mu.Lock()
	defer d.mu.Unlock()
	key, now := region+operation, time.Now()
	d.last[key] = slices.DeleteFunc(d.last[key], func(t time.Time) bool { return now.Sub(t) >= time.Second })
	if len(d.last[key]) >= limit {
		d.throttled++
		return &Fault{Operation: operation, Code: "ThrottlingException", Message: "Rate exceeded"}
	}
	d.last[key] = append(d.last[key], now)
	return nil
}

// Observe reads as the adapter does, in six requests.
func (d *distant) Observe(ctx context.Context, r Ref) (*Observed, error) {
	for _, read := range []string{"DescribeTrails", "GetTrailStatus", "GetEventSelectors", "GetInsightSelectors", "GetEventConfiguration", "ListTags"} {
		if err := d.request(r.Region, read, 10); err != nil {
			return nil, err
		}
	}
	return d.model.Observe(ctx, r)
}

func (d *distant) Do(ctx context.Context, c Call) error {
	if err := d.request(c.Region, string(c.Operation), 1); err != nil {
		return err
	}
	home := c
	home.Region = "eu-west-1" // the only Region that the model knows
	return d.model.Do(ctx, home)
}

// distantStore is a store at a distance.
type distantStore struct{ *memoryStore }

func (s distantStore) Load(ctx context.Context, name string) ([]byte, string, error) {
	time.Sleep(requestTime)
	return s.memoryStore.Load(ctx, name)
}

func (s distantStore) Save(ctx context.Context, name string, data []byte, ifVersion string) (string, error) {
	time.Sleep(requestTime)
	return s.memoryStore.Save(ctx, name, data, ifVersion)
}

// timeout is what the template gives the reconciler.
func timeout(t *testing.T) time.Duration {
	t.Helper()
	source, err := os.ReadFile("../../template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	wiring, err := template.Read(source, template.Place{AccountID: account, Region: home, StackName: "s", Parameters: map[string]string{"Mode": "repair", "Desired": "d"}})
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(wiring.Functions, func(f template.Function) bool { return f.LogicalID == "Reconciler" })
	return wiring.Functions[i].Timeout
}

// TestASweepOf85TrailsFitsIntoTheFunctionsTimeout has as many trails as an account can
// have, five in each of 17 Regions, on a clock of its own.
func TestASweepOf85TrailsFitsIntoTheFunctionsTimeout(t *testing.T) {
	limit := timeout(t)
	for _, tt := range []struct {
		name  string
		spoil func(o *Observed) bool // false: the trail is deleted
		calls int                    // that put a trail right
	}{
		{"all are whole", func(*Observed) bool { return true }, 0},
		{"all are stopped", func(o *Observed) bool { o.IsLogging = false; return true }, 1},
		{"all differ in everything", func(o *Observed) bool {
			for _, f := range Settings() {
				spoil(o, f)
			}
			return true
		}, 6},
		{"all are deleted", func(*Observed) bool { return false }, 4},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				far := &distant{model: newModel(), last: map[string][]time.Time{}}
				spec := Spec{Mode: Repair}
				for i := range 85 {
					d := complete()
					d.Name, d.HomeRegion = fmt.Sprintf("trail-%d", i), fmt.Sprintf("region-%d", i/5)
					spec.Trails = append(spec.Trails, d)
					o := whole(d)
					o.HomeRegion = d.HomeRegion
					if tt.spoil(o) {
						far.trails[d.Name] = o
					}
				}
				b := newBench()
				b.API, b.Store, b.Now, b.Account = far, distantStore{b.store}, time.Now, ""
				b.Backoff = Backoff{Jitter: func() float64 { return 0.5 }}
				start := time.Now()
				outcomes, err := b.Sweep(t.Context(), spec)
				took := time.Since(start)
				if err != nil || len(outcomes) != 85 || took > limit*3/4 {
					t.Errorf("%d outcomes after %s of %s, %v", len(outcomes), took, limit, err)
				}
				for _, o := range outcomes {
					if len(o.Failed) > 0 || o.Left != "" || len(o.Calls) != tt.calls {
						t.Errorf("%s: %d calls, left %q, failed %+v", o.Name, len(o.Calls), o.Left, o.Failed)
					}
				}
				t.Logf("%s of %s, %d requests throttled", took, limit, far.throttled)
			})
		})
	}
}
