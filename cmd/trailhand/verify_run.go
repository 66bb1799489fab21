package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/trailhand/trailhand/internal/awsio"
	"github.com/trailhand/trailhand/internal/logs"
	"github.com/trailhand/trailhand/pkg/digest"
	"github.com/trailhand/trailhand/pkg/events"
)

func newVerification(s *logs.Sources, keys digest.PublicKeys, jobs int) *verification {
	client, _ := s.Bucket.(bucket) // where there are s3:// paths
	return &verification{
		sources: s, s3: client, keys: keys, jobs: jobs, result: newVerified(),
		coverage: map[place]*digest.Coverage{}, missing: map[string]string{},
	}
}

// run verifies every chain and then looks for log files that no digest names.
func (v *verification) run(ctx context.Context, unlisted bool) error {
	for _, c := range v.chains {
		if err := v.chain(ctx, c); err != nil {
			return err
		}
	}
	if !unlisted {
		return nil
	}
	return v.unlisted(ctx)
}

// chain verifies one chain.
func (v *verification) chain(ctx context.Context, c *chain) error {
	store, bucket := v.store(c.place)
	cover := v.coverage[c.place]
	if cover == nil {
		cover = digest.NewCoverage()
		v.coverage[c.place] = cover
	}
	told := v.result.begin(c)
	verifier := digest.Verifier{
		Store: store, Keys: v.keys.Keys, Validity: v.keys.Validity, Parallel: v.jobs,
		Covered: func(d digest.Digest) {
			cover.Add(d)
			told.cover(d)
		},
	}
	return verifier.Verify(ctx, bucket, c.keys, func(f digest.Finding) bool {
		name := c.nameOf(f)
		if errors.Is(f.Err, digest.ErrNotFound) && !f.Digest {
			v.missing[f.Hash] = name
		}
		told.tell(v.result, name, f)
		return ctx.Err() == nil
	})
}

// nameOf gives the name under which people find an object.
func (c *chain) nameOf(f digest.Finding) string {
	if logs.IsS3(c.root) {
		return "s3://" + f.Bucket + "/" + f.Key
	}
	return c.root + events.FromAWSLogs(f.Key)
}

// store gives what to read from; the bucket is empty for a copy.
func (v *verification) store(p place) (store digest.Store, bucket string) {
	if name, isS3 := strings.CutPrefix(p.root, "s3://"); isS3 {
		return awsio.Digests{S3: v.s3.S3}, strings.TrimSuffix(name, "/")
	}
	return folder(p.root), ""
}

// folder is a copy of a bucket: a [digest.Store].
type folder string

// Open implements digest.Store. The metadata is in a file beside the object.
func (f folder) Open(_ context.Context, _, key string) (io.ReadCloser, map[string]string, error) {
	path := filepath.FromSlash(string(f) + events.FromAWSLogs(key))
	body, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, fmt.Errorf("%w: %w", digest.ErrNotFound, err)
	}
	if err != nil {
		return nil, nil, err
	}
	metadata, err := readMetadata(path + ".metadata.json")
	if err != nil {
		return nil, nil, errors.Join(err, body.Close())
	}
	return body, metadata, nil
}

// unlisted looks for log files that are in the time of valid digests and in none of them.
func (v *verification) unlisted(ctx context.Context) error {
	for f := range v.sources.Files(ctx) {
		root, key := locate(f.Name)
		k, err := events.ParseKey(key)
		if f.Err != nil || f.Skip != "" || err != nil || k.Kind != events.KeyLog {
			continue // of what is no log file nothing is said
		}
		cover := v.coverage[place{root, k.AccountID, k.Region}]
		if cover == nil || !cover.Foreign(key, k.Time) {
			continue
		}
		if from := v.movedFrom(ctx, f); from != "" {
			v.result.wrong(f.Name, false, "moved", fmt.Errorf("it is what was delivered as %q", from))
			continue
		}
		v.result.wrong(f.Name, false, "backdated", errors.New("no digest of its time names it"))
	}
	return ctx.Err()
}

// movedFrom gives the log file that is gone and had the same contents.
func (v *verification) movedFrom(ctx context.Context, f logs.File) string {
	if len(v.missing) == 0 {
		return ""
	}
	body, err := f.Open(ctx)
	if err != nil {
		return ""
	}
	hash, err := digest.HashGzip(body)
	if errors.Join(err, body.Close()) != nil {
		return ""
	}
	return v.missing[hash]
}
