package cloud

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/klauspost/compress/gzip"

	"github.com/trailhand/trailhand/internal/cloud/buckets"
	"github.com/trailhand/trailhand/internal/cloud/digests"
	"github.com/trailhand/trailhand/internal/cloud/logfiles"
	"github.com/trailhand/trailhand/internal/cloud/trails"
	"github.com/trailhand/trailhand/pkg/digest"
	"github.com/trailhand/trailhand/pkg/events"
)

// Digest signs and delivers the digest files whose time is over.
func (c *Cloud) Digest(ctx context.Context) error { return c.digests.Step(ctx, c.validated()) }

// validated are the chains of every trail that logs with validation: one for
// each account and Region that the trail covers, as at AWS, whether something
// happened there or not.
func (c *Cloud) validated() map[digests.Chain]digests.Place {
	chains := map[digests.Chain]digests.Place{}
	for _, account := range c.accounts() {
		for _, t := range c.trails.Logging(account) {
			if !t.LogFileValidation {
				continue
			}
			for _, region := range regionsOf(&t) {
				d := logfiles.Destination{TrailARN: t.ARN, AccountID: account, Region: region}
				chains[chainOf(d)] = digests.Place{Bucket: t.S3BucketName, Prefix: t.S3KeyPrefix, OrganizationID: t.OrganizationID}
			}
		}
	}
	return chains
}

func regionsOf(t *trails.Trail) []string {
	if t.IsMultiRegion {
		return trails.Regions()
	}
	return []string{t.HomeRegion}
}

// accounts are those that somebody can act in.
func (c *Cloud) accounts() []string {
	all := []string{c.cfg.AccountID}
	for _, id := range c.cfg.Identities {
		all = append(all, id.AccountID)
	}
	if o := c.cfg.Organization; o != nil {
		all = slices.Concat(all, []string{o.ManagementAccount}, o.DelegatedAdministrators, o.Members)
	}
	slices.Sort(all)
	return slices.DeleteFunc(slices.Compact(all), func(account string) bool { return account == "" })
}

// chainOf gives the chain that log files of a destination belong to.
func chainOf(d logfiles.Destination) digests.Chain {
	arn := strings.SplitN(d.TrailARN, ":", 6)
	return digests.Chain{
		TrailARN: d.TrailARN, Trail: strings.TrimPrefix(arn[5], "trail/"), HomeRegion: arn[3],
		AccountID: d.AccountID, Region: d.Region,
	}
}

// vouch notes a delivered log file for the digest that will name it, if its
// trail asks for digests. Of a trail that is deleted by now, the last digest does.
func (c *Cloud) vouch(_ context.Context, f logfiles.File, gz []byte) error {
	d := f.Destination
	if d.LogGroup {
		return nil
	}
	chain := chainOf(d)
	t, exists := c.trails.Trail(d.TrailARN)
	if exists && !t.LogFileValidation || !exists && !c.digests.Has(chain) {
		return nil
	}
	file, err := described(d.Bucket, f.Key, gz)
	if err != nil {
		return fmt.Errorf("describing %q for its digest: %w", f.Key, err)
	}
	return c.digests.Note(chain, digests.Place{Bucket: d.Bucket, Prefix: d.Prefix, OrganizationID: d.OrganizationID}, file)
}

// described gives a log file as a digest names it. Its times are those of its events.
func described(bucket, key string, gz []byte) (digest.LogFile, error) {
	zr, err := gzip.NewReader(bytes.NewReader(gz))
	if err != nil {
		return digest.LogFile{}, err
	}
	sum := sha256.New()
	inflated := io.TeeReader(zr, sum)
	oldest, newest, err := timesOf(events.NewReader(inflated, events.Limits{}))
	if err != nil {
		return digest.LogFile{}, err
	}
	if _, err := io.Copy(io.Discard, inflated); err != nil {
		return digest.LogFile{}, err
	}
	return digest.LogFile{
		S3Bucket: bucket, S3Object: key, HashAlgorithm: "SHA-256", HashValue: hex.EncodeToString(sum.Sum(nil)),
		OldestEventTime: digest.FormatTime(oldest), NewestEventTime: digest.FormatTime(newest),
	}, nil
}

// timesOf gives the times of the first and the last event of a log file.
func timesOf(r *events.Reader) (oldest, newest time.Time, err error) {
	for {
		rec, err := r.Next()
		if errors.Is(err, io.EOF) {
			return oldest, newest, nil
		}
		var bad *events.RecordError
		if errors.As(err, &bad) {
			continue
		}
		if err != nil {
			return oldest, newest, err
		}
		at, err := rec.Time()
		if err != nil {
			continue // a record without a time is delivered all the same
		}
		if oldest.IsZero() || at.Before(oldest) {
			oldest = at
		}
		if at.After(newest) {
			newest = at
		}
	}
}

// putDigest stores a digest file, if the bucket's policy lets CloudTrail in.
func (c *Cloud) putDigest(ctx context.Context, d digests.Digest) error {
	meta := buckets.Meta{ContentType: "application/json", ContentEncoding: "gzip", User: d.Metadata}
	return c.put(ctx, object{trailARN: d.TrailARN, bucket: d.Bucket, key: d.Key, body: d.Gzip, meta: meta})
}
