// Package tokens is the STS of the embedded cloud, and knows who is behind an access key.
package tokens

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/trailhand/trailhand/internal/cloud/sigv4"
	"github.com/trailhand/trailhand/internal/cloud/wire"
)

// Identity is who acts when a request is signed with an access key.
type Identity struct {
	AccessKeyID     string
	SecretAccessKey string
	SessionToken    string // of temporary credentials
	AccountID       string
	ARN             string
	UserID          string          // AIDA…, or AROA…:session
	UserIdentity    json.RawMessage // the element of a CloudTrail record; nil: an IAM user's, made of the fields above
	Expires         time.Time       // zero: never
}

// Config says for whom unknown access keys act.
type Config struct {
	AccountID string
	Now       func() time.Time
}

// Tokens knows identities by their access keys. It is safe for concurrent use.
type Tokens struct {
	cfg   Config
	file  string // keeps what clients get; "": nothing does
	mu    sync.RWMutex
	known map[string]Identity
}

// New knows nobody yet.
func New(cfg Config) *Tokens { return &Tokens{cfg: cfg, known: make(map[string]Identity)} }

// Register makes an identity known under its access key.
func (t *Tokens) Register(id Identity) {
	if id.UserIdentity == nil {
		id.UserIdentity = userIdentity(id)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.known[id.AccessKeyID] = id
}

// Identity gives who is behind an access key. An unknown one belongs to a user of the
// Config's account who is always the same.
func (t *Tokens) Identity(accessKeyID string) Identity {
	t.mu.RLock()
	defer t.mu.RUnlock()
	if id, ok := t.known[accessKeyID]; ok {
		return id
	}
	return t.stranger(accessKeyID)
}

func (t *Tokens) stranger(accessKeyID string) Identity {
	arn := "arn:aws:iam::" + t.cfg.AccountID + ":user/developer"
	id := Identity{AccessKeyID: accessKeyID, AccountID: t.cfg.AccountID, ARN: arn, UserID: uniqueID("AIDA", arn)}
	id.UserIdentity = userIdentity(id)
	return id
}

// Secret gives the secret of a registered access key that has not expired: a
// sigv4.Verifier's source.
func (t *Tokens) Secret(accessKeyID string) (secret string, ok bool) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	id, ok := t.known[accessKeyID]
	if !ok || !id.Expires.IsZero() && t.cfg.Now().After(id.Expires) {
		return "", false
	}
	return id.SecretAccessKey, true
}

// Caller tells who sent r, whose signature has the given scope. For a request that is not
// signed the scope is empty, and so is the identity.
func (t *Tokens) Caller(r *http.Request, s sigv4.Scope) wire.Caller {
	c := wire.Caller{AccessKeyID: s.AccessKeyID, Region: s.Region, Service: s.Service, UserAgent: r.UserAgent(), SourceIP: r.RemoteAddr}
	if host, _, err := net.SplitHostPort(r.RemoteAddr); err == nil {
		c.SourceIP = host
	}
	if s.AccessKeyID == "" {
		c.AccountID = "anonymous"
		c.Identity = json.RawMessage(`{"type":"AWSAccount","principalId":"","accountId":"anonymous"}`)
		return c
	}
	id := t.Identity(s.AccessKeyID)
	c.AccountID, c.ARN, c.UserID, c.Identity = id.AccountID, id.ARN, id.UserID, id.UserIdentity
	return c
}

// Assume makes temporary credentials of a role and registers them. roleARN is
// arn:aws:iam::ACCOUNT:role/[PATH/]NAME.
func (t *Tokens) Assume(roleARN, session string, lifetime time.Duration) Identity {
	account, name := splitRole(roleARN)
	now := t.cfg.Now().UTC()
	id := temporary(Identity{
		AccountID: account, ARN: fmt.Sprintf("arn:aws:sts::%s:assumed-role/%s/%s", account, name, session),
		UserID: uniqueID("AROA", roleARN) + ":" + session, Expires: now.Add(lifetime),
	})
	id.UserIdentity = roleIdentity(id, roleARN, now)
	t.Register(id)
	return id
}

// splitRole gives the account and the name, without path, of a role.
func splitRole(arn string) (account, name string) {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 {
		return "", arn
	}
	return parts[4], arn[strings.LastIndexByte(arn, '/')+1:]
}

// uniqueID makes the ID of a user (AIDA…) or a role (AROA…): the same for the same ARN.
func uniqueID(prefix, arn string) string {
	sum := sha256.Sum256([]byte(arn))
	return prefix + base32.StdEncoding.EncodeToString(sum[:])[:17]
}

// session makes temporary credentials of the caller and registers them.
func (t *Tokens) session(c wire.Caller, lifetime time.Duration) Identity {
	now := t.cfg.Now().UTC()
	id := temporary(Identity{AccountID: c.AccountID, ARN: c.ARN, UserID: c.UserID, Expires: now.Add(lifetime)})
	element := userElement(id)
	element.SessionContext = &sessionContext{Attributes: newAttributes(now)}
	id.UserIdentity = element.encode()
	t.Register(id)
	return id
}

// temporary gives an identity its temporary credentials.
func temporary(id Identity) Identity {
	id.AccessKeyID = "ASIA" + rand.Text()[:16]
	id.SecretAccessKey = rand.Text() + rand.Text()[:14]
	id.SessionToken = rand.Text() + rand.Text()
	id.Expires = id.Expires.Truncate(time.Second)
	return id
}
