package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/trailhand/trailhand/internal/logs"
	"github.com/trailhand/trailhand/pkg/digest"
	"github.com/trailhand/trailhand/pkg/events"
)

// place is whose log files are in a bucket or in a copy of one.
type place struct {
	root            string // s3://bucket/, or the folder in which AWSLogs is
	account, region string
}

// chainID is what the digests of one chain have in common.
type chainID struct {
	place
	prefix, organization, trail, home string
	backfill                          bool
}

// chain is the digest files of one account, Region and trail.
type chain struct {
	chainID
	keys        []string // in a copy from AWSLogs on
	first, last time.Time
}

// verification is one run of `trailhand verify`.
type verification struct {
	sources  *logs.Sources
	s3       bucket
	keys     digest.PublicKeys
	jobs     int
	chains   []*chain
	coverage map[place]*digest.Coverage
	missing  map[string]string // hash of contents: the log file that is gone
	result   *verified
}

// locate splits the name of a file into where its bucket is and its key there.
func locate(name string) (root, key string) {
	if logs.IsS3(name) {
		bucket, key, _ := strings.Cut(name[len("s3://"):], "/")
		return "s3://" + bucket + "/", key
	}
	key = events.FromAWSLogs(name)
	return strings.TrimSuffix(name, key), key
}

// findChains looks for digest files and sorts them into chains.
func (v *verification) findChains(ctx context.Context) error {
	sources := *v.sources
	sources.Digest = true
	found := map[chainID]*chain{}
	for f := range sources.Files(ctx) {
		if f.Err != nil {
			v.result.wrong(f.Name, true, "unreadable", f.Err)
		}
		if f.Err != nil || f.Skip != "" {
			continue
		}
		root, key := locate(f.Name)
		k, err := events.ParseKey(key)
		if err != nil || k.Kind != events.KeyDigest {
			v.result.wrong(f.Name, true, "unreadable", errors.New("this is not the name of a digest file"))
			continue
		}
		id := chainID{place{root, k.AccountID, k.Region}, k.Prefix, k.OrganizationID, k.Trail, k.HomeRegion, k.Backfill}
		c := found[id]
		if c == nil {
			c = &chain{chainID: id, first: k.Time, last: k.Time}
			found[id] = c
		}
		c.keys = append(c.keys, key)
		c.first, c.last = minTime(c.first, k.Time), maxTime(c.last, k.Time)
	}
	for _, c := range found {
		v.chains = append(v.chains, c)
	}
	slices.SortFunc(v.chains, func(a, b *chain) int { return strings.Compare(fmt.Sprint(a.chainID), fmt.Sprint(b.chainID)) })
	if ctx.Err() == nil && len(found) == 0 && len(v.result.Findings) == 0 {
		return errors.New("there are no digest files: nothing can be verified")
	}
	return ctx.Err()
}

func minTime(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func maxTime(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// listKeys calls list for each Region once, with the time of all its chains.
func (v *verification) listKeys(list func(region string, from, to time.Time) error) error {
	regions := map[string]*chain{}
	for _, c := range v.chains {
		all := regions[c.region]
		if all == nil {
			all = &chain{first: c.first, last: c.last}
			regions[c.region] = all
		}
		all.first, all.last = minTime(all.first, c.first), maxTime(all.last, c.last)
	}
	for _, region := range slices.Sorted(maps.Keys(regions)) {
		if err := list(region, regions[region].first.Add(-time.Hour), regions[region].last); err != nil {
			return err
		}
	}
	return nil
}
