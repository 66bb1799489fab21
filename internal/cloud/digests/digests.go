// Package digests signs what trails deliver: a chain of digest files for each
// account, Region and trail, an hour a file, each naming the log files that
// were delivered in its time.
//
// A digest is on disk, signed, before it is sent, and a log file is noted on
// disk before its delivery is done. So a process that dies anywhere goes on
// with the same chain, and each log file is named in exactly one digest.
//
// Source: AWS CloudTrail User Guide, "CloudTrail digest file structure".
package digests

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/klauspost/compress/gzip"

	"github.com/trailhand/trailhand/pkg/digest"
	"github.com/trailhand/trailhand/pkg/events"
)

// giveUpAfter is how long the last digest of a trail that ended is tried.
const giveUpAfter = 24 * time.Hour

// Chain is the digest files of one account, Region and trail.
type Chain struct {
	TrailARN   string
	Trail      string // its name
	HomeRegion string
	AccountID  string // whose log files
	Region     string // of the log files
}

// Place is where a trail's digests go.
type Place struct {
	Bucket         string
	Prefix         string // without a slash at the end; may be empty
	OrganizationID string // "o-…" for an organization's trail
}

// Digest is a digest file on its way.
type Digest struct {
	TrailARN, Bucket, Key string
	Gzip                  []byte
	Metadata              map[string]string // holds the signature
}

// Config is what signing needs.
type Config struct {
	Dir      string        // of chains and keys; made if missing
	Interval time.Duration // of one digest; AWS's is an hour
	Put      func(context.Context, Digest) error
	// Delivered is told of each attempt, with its error or nil. May be nil.
	Delivered func(trailARN string, err error)
	Now       func() time.Time
	Log       *slog.Logger
}

// Digests holds the chains. Its methods are safe for concurrent use.
type Digests struct {
	cfg  Config
	keys *keys

	stepping sync.Mutex // one Step at a time
	mu       sync.Mutex // guards chains, and is not held while a digest is sent
	chains   map[Chain]*chain
}

// Open reads the chains and keys of an earlier process.
func Open(cfg Config) (*Digests, error) {
	k, err := openKeys(filepath.Join(cfg.Dir, "keys"), cfg.Now)
	if err != nil {
		return nil, fmt.Errorf("digests: %w", err)
	}
	d := &Digests{cfg: cfg, keys: k, chains: map[Chain]*chain{}}
	names, err := fs.Glob(os.DirFS(d.folder()), "*"+chainSuffix)
	if err == nil {
		err = os.MkdirAll(d.folder(), 0o700)
	}
	if err != nil {
		return nil, fmt.Errorf("digests: %w", err)
	}
	for _, name := range names {
		c, err := readChain(filepath.Join(d.folder(), name))
		if err != nil {
			return nil, fmt.Errorf("digests: %w", err)
		}
		d.chains[c.Chain] = c
	}
	return d, nil
}

func (d *Digests) folder() string { return filepath.Join(d.cfg.Dir, "chains") }

// Note adds a delivered log file to the digest that is to come. A file that
// was noted before is not noted again.
func (d *Digests) Note(id Chain, at Place, f digest.LogFile) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	c, err := d.chain(id, at)
	if err != nil || c.names(f.S3Bucket, f.S3Object) {
		return err
	}
	c.Files = append(c.Files, f)
	if err := c.write(); err != nil {
		c.Files = c.Files[:len(c.Files)-1]
		return err
	}
	return nil
}

// chain gives a chain, and begins it now if it is new.
func (d *Digests) chain(id Chain, at Place) (*chain, error) {
	if c, ok := d.chains[id]; ok {
		c.Place = at
		return c, nil
	}
	c := &chain{path: filepath.Join(d.folder(), fileName(id)), Chain: id, Place: at, Since: d.now()}
	if err := c.write(); err != nil {
		return nil, err
	}
	d.chains[id] = c
	return c, nil
}

// now is to the second, as all of a digest's times are.
func (d *Digests) now() time.Time { return d.cfg.Now().UTC().Truncate(time.Second) }

// Step begins the chains of what is logged with validation, signs the digests
// whose time is over, and sends what was signed. A chain of a trail that is
// not in active any more ends with the digest of its last time. What could not
// be sent is kept for a later Step; the errors are joined.
func (d *Digests) Step(ctx context.Context, active map[Chain]Place) error {
	d.stepping.Lock()
	defer d.stepping.Unlock()
	var errs []error
	for id, at := range active {
		d.mu.Lock()
		_, err := d.chain(id, at)
		d.mu.Unlock()
		errs = append(errs, err)
	}
	for _, c := range d.due() {
		_, alive := active[c.Chain]
		if err := d.step(ctx, c, alive); err != nil {
			errs = append(errs, fmt.Errorf("digest of %s in %s: %w", c.Chain.TrailARN, c.Chain.Region, err))
		}
	}
	return errors.Join(errs...)
}

// due gives the chains whose time is over, in an order that does not change.
func (d *Digests) due() []*chain {
	d.mu.Lock()
	defer d.mu.Unlock()
	var due []*chain
	for _, c := range d.chains {
		now := d.now()
		if now.Before(c.next(d.cfg.Interval)) || now.Before(c.retry) || c.Unsent == nil && !now.After(c.Since) {
			continue
		}
		due = append(due, c)
	}
	slices.SortFunc(due, func(a, b *chain) int { return strings.Compare(a.path, b.path) })
	return due
}

// step signs and sends the digest of one chain, and ends a chain that has no more to say.
func (d *Digests) step(ctx context.Context, c *chain, alive bool) error {
	d.mu.Lock()
	err := d.sign(c, alive)
	unsent := c.Unsent
	d.mu.Unlock()
	if err != nil {
		return err
	}
	if unsent != nil {
		if err := d.send(ctx, c, unsent); err != nil && (alive || d.now().Sub(c.Since) < giveUpAfter) {
			return err
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if alive || len(c.Files) > 0 {
		return nil
	}
	if c.Unsent != nil {
		d.cfg.Log.Error("gave up delivering the last digest of a trail", "trail", c.Chain.TrailARN, "key", c.Unsent.Digest.DigestS3Object)
	}
	delete(d.chains, c.Chain)
	return os.Remove(c.path)
}

// sign makes the digest of the time that is over. One that waits to be sent
// comes first, unless the trail has another bucket by now.
func (d *Digests) sign(c *chain, alive bool) error {
	if c.Unsent != nil && c.Unsent.Digest.DigestS3Bucket != c.Place.Bucket {
		c.Files, c.Unsent = append(c.Unsent.Digest.LogFiles, c.Files...), nil
	}
	if c.Unsent != nil || !alive && len(c.Files) == 0 {
		return nil
	}
	key, fingerprint, err := d.keys.signing(c.Chain.Region)
	if err != nil {
		return err
	}
	end := d.now()
	next := *c
	signed, err := digest.Sign(c.digest(end, fingerprint), c.Last, key)
	if err != nil {
		return err
	}
	next.Unsent, next.Files, next.Since = &signed, nil, end
	if err := next.write(); err != nil {
		return err
	}
	*c = next
	return nil
}

// send delivers a digest that was signed.
func (d *Digests) send(ctx context.Context, c *chain, s *digest.Signed) error {
	var err error
	if c.put != s {
		err = d.put(ctx, c.Chain.TrailARN, s)
	}
	if err == nil {
		c.put = s // and not again, though that may not be kept now
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if err != nil {
		c.retry = d.now().Add(min(d.cfg.Interval, time.Minute))
		return err
	}
	next := *c
	next.Last, next.Unsent = s, nil
	if err := next.write(); err != nil {
		return err
	}
	*c = next
	return nil
}

func (d *Digests) put(ctx context.Context, trailARN string, s *digest.Signed) error {
	gz, err := squeeze(s.Inflated)
	if err == nil {
		err = d.cfg.Put(ctx, Digest{
			TrailARN: trailARN, Bucket: s.Digest.DigestS3Bucket, Key: s.Digest.DigestS3Object, Gzip: gz,
			Metadata: map[string]string{digest.MetadataSignature: s.Signature, digest.MetadataAlgorithm: s.Digest.DigestSignatureAlgorithm},
		})
	}
	if d.cfg.Delivered != nil {
		d.cfg.Delivered(trailARN, err)
	}
	return err
}

func squeeze(inflated []byte) ([]byte, error) {
	var out bytes.Buffer
	gz := gzip.NewWriter(&out)
	if _, err := gz.Write(inflated); err != nil {
		return nil, err
	}
	err := gz.Close()
	return out.Bytes(), err
}

// Has reports whether there is a chain.
func (d *Digests) Has(id Chain) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	_, ok := d.chains[id]
	return ok
}

// key is where a digest goes. Its time is the digest's end.
func (c *chain) key(end time.Time) string {
	return events.Key{
		Prefix: c.Place.Prefix, OrganizationID: c.Place.OrganizationID, AccountID: c.Chain.AccountID, Kind: events.KeyDigest,
		Region: c.Chain.Region, Time: end, Trail: c.Chain.Trail, HomeRegion: c.Chain.HomeRegion,
	}.String()
}
