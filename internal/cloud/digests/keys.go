package digests

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"

	"github.com/trailhand/trailhand/internal/cloud/wholefile"
)

const (
	keyBits     = 2048
	keyLifetime = 30 * 24 * time.Hour // as CloudTrail's
)

// keys are the key pairs of the Regions. A pair signs for its lifetime, and
// its public half is given out for ever: old digests stay valid.
type keys struct {
	dir string
	now func() time.Time

	mu      sync.Mutex
	regions map[string][]pair // oldest first
}

// pair is a key pair as it is kept.
type pair struct {
	Private    []byte // DER, PKCS #1
	Start, End time.Time
}

func openKeys(dir string, now func() time.Time) (*keys, error) {
	k := &keys{dir: dir, now: now, regions: map[string][]pair{}}
	return k, os.MkdirAll(dir, 0o700)
}

// pairs gives the key pairs of a Region.
func (k *keys) pairs(region string) ([]pair, error) {
	if known, ok := k.regions[region]; ok {
		return known, nil
	}
	text, err := os.ReadFile(k.path(region))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var pairs []pair
	if err == nil {
		err = json.Unmarshal(text, &pairs)
	}
	if err != nil {
		return nil, fmt.Errorf("keys of %s: %w", region, err)
	}
	k.regions[region] = pairs
	return pairs, nil
}

func (k *keys) path(region string) string {
	return filepath.Join(k.dir, filepath.Base(region)+".json")
}

// signing gives the key that signs in a Region now, and its fingerprint. A
// Region that has none gets one.
func (k *keys) signing(region string) (*rsa.PrivateKey, string, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	pairs, err := k.pairs(region)
	if err != nil {
		return nil, "", err
	}
	now := k.now()
	for _, p := range pairs {
		if !now.Before(p.Start) && now.Before(p.End) {
			return p.key()
		}
	}
	key, err := rsa.GenerateKey(rand.Reader, keyBits)
	if err != nil {
		return nil, "", fmt.Errorf("key of %s: %w", region, err)
	}
	start := now.UTC().Truncate(24 * time.Hour)
	p := pair{Private: x509.MarshalPKCS1PrivateKey(key), Start: start, End: start.Add(keyLifetime)}
	text, err := json.Marshal(append(pairs, p))
	if err == nil {
		err = wholefile.Write(k.path(region), text)
	}
	if err != nil {
		return nil, "", fmt.Errorf("key of %s: %w", region, err)
	}
	k.regions[region] = append(pairs, p)
	return key, fingerprint(&key.PublicKey), nil
}

func (p pair) key() (*rsa.PrivateKey, string, error) {
	key, err := x509.ParsePKCS1PrivateKey(p.Private)
	if err != nil {
		return nil, "", fmt.Errorf("a kept key: %w", err)
	}
	return key, fingerprint(&key.PublicKey), nil
}

// fingerprint has the form of CloudTrail's: 32 hexadecimal digits.
func fingerprint(key *rsa.PublicKey) string {
	sum := sha256.Sum256(x509.MarshalPKCS1PublicKey(key))
	return hex.EncodeToString(sum[:16])
}

// PublicKeys gives the keys of a Region that were valid at some time between
// from and to.
func (d *Digests) PublicKeys(region string, from, to time.Time) ([]types.PublicKey, error) {
	d.keys.mu.Lock()
	defer d.keys.mu.Unlock()
	pairs, err := d.keys.pairs(region)
	if err != nil {
		return nil, err
	}
	var found []types.PublicKey
	for _, p := range pairs {
		if to.Before(p.Start) || from.After(p.End) {
			continue
		}
		key, print, err := p.key()
		if err != nil {
			return nil, err
		}
		found = append(found, types.PublicKey{
			Value: x509.MarshalPKCS1PublicKey(&key.PublicKey), Fingerprint: &print,
			ValidityStartTime: &p.Start, ValidityEndTime: &p.End,
		})
	}
	return found, nil
}
