// Package trails is the CloudTrail API of the embedded cloud: trails, their
// selectors and tags, who may change them and from where.
//
// Trails keeps the settings and the status of every trail, answers the API's
// operations, and tells the delivery which trails are logging. What an
// operation may be given, what it answers and which exceptions it has are
// those of the AWS CloudTrail API Reference, version 2013-11-01.
//
// Of the API's exceptions some never arise: changes follow each other, so there
// is no ConflictException; and there are no permissions of callers, no
// service-linked roles and no suspended accounts. LookupEvents alone is
// throttled, where Config says so.
//
// Event history, public keys and Insights data are kept by others; the small
// interfaces that they implement are declared here.
package trails

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/trailhand/trailhand/internal/cloud/buckets/policy"
	"github.com/trailhand/trailhand/internal/cloud/wire"
)

// source is CloudTrail as a service principal and as an event source.
const source = "cloudtrail.amazonaws.com"

// Buckets answers questions about the buckets that log files go to.
type Buckets interface {
	// Allows decides by the bucket's policy whether a service principal may do
	// action to resource. exists is false if there is no such bucket.
	Allows(bucket, servicePrincipal, action, resource string, keys map[string]string) (d policy.Decision, exists bool)
}

// Dependencies checks what lies outside the embedded cloud. An error that is
// a *wire.Fault is answered as it is.
type Dependencies interface {
	Topic(ctx context.Context, topicARN, trailARN string) error
	// Key gives the ARN of the key behind an alias, or "" if that is not known.
	Key(ctx context.Context, keyARN, trailARN string) (string, error)
	LogGroup(ctx context.Context, groupARN, roleARN, trailARN string) error
}

// Config is what Trails needs.
type Config struct {
	AccountID    string // of callers that have none
	Buckets      Buckets
	Dependencies Dependencies  // nil: topics, keys and log groups are accepted by their form
	Organization *Organization // nil: no account is in an organization
	History      History       // nil: LookupEvents is unsupported
	Keys         Keys          // nil: ListPublicKeys is unsupported
	Insights     Insights      // nil: ListInsightsData and ListInsightsMetricData are unsupported

	// LookupsPerSecond limits LookupEvents in an account and Region; AWS has 2. 0: no limit.
	LookupsPerSecond int

	Now func() time.Time
}

// Trails holds the trails of all accounts. Its methods are safe for concurrent use.
type Trails struct {
	cfg Config

	// changing is held by an operation that changes a trail from its checks to
	// its end, so that two of them never build on the same settings.
	changing sync.Mutex

	mu      sync.RWMutex // guards what follows, and is held only briefly
	trails  map[string]*entry
	lookups map[string]*window
}

type entry struct {
	trail  Trail // replaced as a whole; its slices are never written to
	status Status
}

// New makes a CloudTrail without trails.
func New(cfg Config) *Trails {
	return &Trails{cfg: cfg, trails: map[string]*entry{}, lookups: map[string]*window{}}
}

// Logging gives the trails that are logging an account's events now, an
// organization's trails among them, sorted by ARN.
func (ts *Trails) Logging(account string) []Trail {
	return ts.all(func(e *entry) bool {
		return e.status.IsLogging && ts.has(account, &e.trail)
	})
}

// Trail gives the settings of the trail with the given ARN.
func (ts *Trails) Trail(arn string) (Trail, bool) {
	ts.mu.RLock()
	defer ts.mu.RUnlock()
	if e, ok := ts.trails[arn]; ok {
		return e.trail, true
	}
	return Trail{}, false
}

// all gives the trails that want takes, sorted by ARN.
func (ts *Trails) all(want func(*entry) bool) []Trail {
	ts.mu.RLock()
	defer ts.mu.RUnlock()
	var found []Trail
	for _, e := range ts.trails {
		if want(e) {
			found = append(found, e.trail)
		}
	}
	slices.SortFunc(found, func(a, b Trail) int { return strings.Compare(a.ARN, b.ARN) })
	return found
}

// has reports whether an account sees a trail: its own, or as a member that of its organization.
func (ts *Trails) has(account string, t *Trail) bool {
	return t.AccountID == account || t.IsOrganization && ts.cfg.Organization.includes(account)
}

// replace puts new settings of an existing trail in place.
func (ts *Trails) replace(t Trail) {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	ts.trails[t.ARN].trail = t
}

// account gives the account that a caller acts in.
func (ts *Trails) account(c wire.Caller) string {
	if c.AccountID == "" {
		return ts.cfg.AccountID
	}
	return c.AccountID
}
