package digests

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/trailhand/trailhand/internal/cloud/wholefile"
	"github.com/trailhand/trailhand/pkg/digest"
)

const chainSuffix = ".chain.json"

// chain is what is kept of a chain: its last digest, one that is signed and
// not sent yet, and the log files of the next.
type chain struct {
	Chain  Chain
	Place  Place
	Since  time.Time // the end of the digest before, or the beginning of the chain
	Files  []digest.LogFile
	Last   *digest.Signed
	Unsent *digest.Signed

	path  string
	retry time.Time      // no attempt before
	put   *digest.Signed // that was delivered last by this process
}

// fileName gives the file of a chain. A trail's ARN may be longer than a file's name.
func fileName(id Chain) string {
	sum := sha256.Sum256([]byte(id.TrailARN))
	return fmt.Sprintf("%s-%s-%x%s", id.AccountID, id.Region, sum[:8], chainSuffix)
}

func readChain(path string) (*chain, error) {
	c := &chain{path: path}
	text, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(text, c)
	}
	if err != nil {
		return nil, fmt.Errorf("chain %s: %w", path, err)
	}
	return c, nil
}

// write replaces the file of the chain, whole or not at all.
func (c *chain) write() error {
	text, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("chain %s: %w", c.path, err)
	}
	return wholefile.Write(c.path, text)
}

// next is when the chain has something to do.
func (c *chain) next(interval time.Duration) time.Time {
	if c.Unsent != nil {
		return c.Since
	}
	return c.Since.Add(interval)
}

// names reports whether a log file is in the chain's latest digests, or will
// be in the next.
func (c *chain) names(bucket, key string) bool {
	same := func(f digest.LogFile) bool { return f.S3Bucket == bucket && f.S3Object == key }
	for _, s := range []*digest.Signed{c.Last, c.Unsent} {
		if s != nil && slices.ContainsFunc(s.Digest.LogFiles, same) {
			return true
		}
	}
	return slices.ContainsFunc(c.Files, same)
}

// digest is the digest of the time that ends, yet to be signed.
func (c *chain) digest(end time.Time, fingerprint string) digest.Digest {
	d := digest.Digest{
		AWSAccountID: c.Chain.AccountID, DigestStartTime: digest.FormatTime(c.Since), DigestEndTime: digest.FormatTime(end),
		DigestS3Bucket: c.Place.Bucket, DigestS3Object: c.key(end), DigestPublicKeyFingerprint: fingerprint, LogFiles: c.Files,
	}
	for _, f := range c.Files {
		if d.NewestEventTime == nil || strings.Compare(f.NewestEventTime, *d.NewestEventTime) > 0 {
			d.NewestEventTime = &f.NewestEventTime
		}
		if d.OldestEventTime == nil || strings.Compare(f.OldestEventTime, *d.OldestEventTime) < 0 {
			d.OldestEventTime = &f.OldestEventTime
		}
	}
	return d
}
