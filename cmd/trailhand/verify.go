package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"time"

	"github.com/spf13/cobra"

	"github.com/trailhand/trailhand/internal/awsio"
	"github.com/trailhand/trailhand/pkg/digest"
)

const verifyHelp = `Verify checks log files against CloudTrail's digest files, as "aws cloudtrail
validate-logs" does: the signature of each digest, its place, the chain from
digest to digest, and the hash of each log file that a digest names. Unlike it,
verify also tells log files that no digest names, and checks copies.

A PATH is s3://bucket/prefix, or a folder with a copy of a bucket (of "aws s3
sync"). Both must have CloudTrail's keys, from AWSLogs on. A copy loses the
signatures, which S3 keeps as metadata; each digest repeats that of the one before
it, so that only the newest has none. Put its metadata beside it:

  aws s3api head-object --bucket B --key K > K.metadata.json

The public keys come from ListPublicKeys, or offline from files with the output of
"aws cloudtrail list-public-keys" for the time in question.

What is wrong is named:
  tampered   the contents or the signature do not match
  unsigned   a digest whose signature is nowhere
  deleted    a digest names it, and it is not there
  moved      a digest made for another place; a log file under another name
  backdated  no digest of its time names it; a key that was not valid at its time
  broken     the digest before it is not the one that it names
  unknown    no public key of the digest's fingerprint
  unreadable it could not be opened or is no digest

The exit code is 0 if all is valid, 1 if something is wrong, and 2 if the command
line is.`

const verifyExamples = `  trailhand verify --public-keys examples/digests/public-keys.json examples/digests
  trailhand verify s3://my-trail/AWSLogs/123456789012/ --since 2026-03-01 --until 2026-04-01
  trailhand verify --json s3://my-trail`

// verifyFlags are the flags of `trailhand verify`.
type verifyFlags struct {
	found         foundFlags
	publicKeys    []string
	jobs          int
	json          bool
	allowUnlisted bool
}

func newVerify(p process) *cobra.Command {
	var f verifyFlags
	cmd := &cobra.Command{
		Use:     "verify PATH…",
		Short:   "Check log files against CloudTrail's digest files",
		Long:    verifyHelp,
		Example: verifyExamples,
		RunE:    func(cmd *cobra.Command, paths []string) error { return verify(cmd.Context(), p, f, paths) },
	}
	f.found.register(cmd.Flags())
	cmd.Flags().StringSliceVar(&f.publicKeys, "public-keys", nil, "files with the output of list-public-keys: ask no AWS account for keys")
	cmd.Flags().IntVar(&f.jobs, "jobs", runtime.GOMAXPROCS(0), "log files hashed at once")
	cmd.Flags().BoolVar(&f.json, "json", false, "print the result as JSON")
	cmd.Flags().BoolVar(&f.allowUnlisted, "allow-unlisted", false, "log files that no digest names are no fault: a trail without digests delivers there too")
	return cmd
}

// verify is the command behind its flags.
func verify(ctx context.Context, p process, f verifyFlags, paths []string) error {
	sources, err := f.found.sources(ctx, p, paths)
	keys, errKeys := readPublicKeys(f.publicKeys)
	if f.jobs < 1 {
		errKeys = errors.Join(errKeys, fmt.Errorf("--jobs %d: at least 1", f.jobs))
	}
	if err := errors.Join(err, errKeys); err != nil {
		return usageError{err}
	}
	v := newVerification(sources, keys, f.jobs)
	if err := v.findChains(ctx); err != nil {
		return err
	}
	if len(f.publicKeys) == 0 {
		cfg, err := awsio.Load(ctx, f.found.environment(p.env))
		if err != nil {
			return err
		}
		list := func(region string, from, to time.Time) error {
			return awsio.PublicKeys(ctx, cfg, region, from, to, keys)
		}
		if err := v.listKeys(list); err != nil {
			return err
		}
	}
	if err := v.run(ctx, !f.allowUnlisted); err != nil {
		return err
	}
	if err := v.result.print(p.stdout, f.json); err != nil {
		return err
	}
	return v.result.err()
}

// readPublicKeys reads the files of --public-keys.
func readPublicKeys(paths []string) (digest.PublicKeys, error) {
	keys := digest.NewPublicKeys()
	var problems error
	for _, path := range paths {
		raw, err := os.ReadFile(path)
		if err == nil {
			err = keys.AddJSON(raw)
		}
		if err != nil {
			problems = errors.Join(problems, fmt.Errorf("--public-keys %q: %w", path, err))
		}
	}
	return keys, problems
}
