// Package flows plays Trailhand's three straight lines in an embedded account,
// whatever runs as its functions: the handlers in this process, or the
// binaries that are deployed.
package flows

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	trailhand "github.com/trailhand/trailhand"
	"github.com/trailhand/trailhand/internal/cloud"
	"github.com/trailhand/trailhand/internal/cloud/functions"
)

const (
	accountID = "123456789012"
	region    = "us-east-1"
	trailName = "trailhand"
)

// Account is a running account with the stack of template.yaml in it.
type Account struct {
	*cloud.Cloud
	desired string // file of the reconciler
	aws     aws.Config
	// need is told what the role of the state machine must be allowed.
	need func(action, resource string)
}

// Start sets the stack up in dir. code is by the template's logical id. with
// changes the configuration; it may be nil.
func Start(ctx context.Context, dir string, code map[string]functions.Function, with func(*cloud.Config)) (*Account, error) {
	template, err := trailhand.Template()
	if err != nil {
		return nil, err
	}
	a := &Account{desired: filepath.Join(dir, "desired.yaml"), need: func(string, string) {}}
	if err := a.want(""); err != nil {
		return nil, err
	}
	cfg := cloud.Config{
		Listen: "127.0.0.1:0", Dir: dir, AccountID: accountID, Region: region, StackName: "trailhand",
		Template: template, Functions: code, Now: time.Now, Log: slog.New(slog.DiscardHandler),
		Parameters: map[string]string{"CreateTrail": "false", "TrailName": trailName, "Mode": "repair", "Desired": a.desired, "VerifyDigests": "true"},
	}
	if with != nil {
		with(&cfg)
	}
	if a.Cloud, err = cloud.Start(ctx, cfg); err != nil {
		return nil, err
	}
	a.aws = aws.Config{
		Region: region, BaseEndpoint: aws.String(a.URL()),
		Credentials: credentials.NewStaticCredentialsProvider("AKIAEXAMPLE", "of-no-importance", ""),
	}
	if err := a.keepVersions(ctx); err != nil {
		return nil, errors.Join(err, a.Close(context.WithoutCancel(ctx)))
	}
	return a, nil
}

// keepVersions sets the buckets up as the template says: the account made them
// without versions.
func (a *Account) keepVersions(ctx context.Context) error {
	for _, b := range a.Wiring().Buckets {
		if !b.Versioning {
			continue
		}
		_, err := a.s3().PutBucketVersioning(ctx, &s3.PutBucketVersioningInput{
			Bucket: &b.Name, VersioningConfiguration: &types.VersioningConfiguration{Status: types.BucketVersioningStatusEnabled},
		})
		if err != nil {
			return fmt.Errorf("versions of bucket %s: %w", b.Name, err)
		}
	}
	return nil
}

// Flow is something that happens in an account; Play fails if the functions do
// not do what they should.
type Flow struct {
	Name string
	Play func(context.Context) error
}

// Flows are all of them, in an order in which they can be played.
func (a *Account) Flows() []Flow {
	return []Flow{
		{"tallies become an insight", a.Rates},
		{"bad tallies are set aside", a.BadTallies},
		{"drift is repaired", a.Drift},
		{"a tampered log file is told", a.TamperedFile},
		{"a log file is read", func(ctx context.Context) error { return a.LogFile(ctx, 1000) }},
		{"a large log file is read", func(ctx context.Context) error { return a.LogFile(ctx, 50_000) }},
		{"a damaged log file is set aside", a.DamagedFile},
		{"log files of the past are read", a.Backfill},
	}
}

// want writes what the reconciler holds the account to.
func (a *Account) want(trails string) error {
	return os.WriteFile(a.desired, []byte("mode: repair\ntrails:\n"+cmp.Or(trails, "  []\n")), 0o600)
}

// bucket is the name of one of the template's buckets.
func (a *Account) bucket(logicalID string) *string {
	for _, b := range a.Wiring().Buckets {
		if b.LogicalID == logicalID {
			return &b.Name
		}
	}
	return nil
}

// queue is the URL of one of the template's queues.
func (a *Account) queue(logicalID string) *string {
	for _, q := range a.Wiring().Queues {
		if q.LogicalID == logicalID {
			return &q.URL
		}
	}
	return nil
}

func (a *Account) s3() *s3.Client {
	return s3.NewFromConfig(a.aws, func(o *s3.Options) { o.UsePathStyle = true })
}

// objects reads all objects of the data bucket under a prefix.
func (a *Account) objects(ctx context.Context, prefix string) (map[string][]byte, error) {
	client, all := a.s3(), map[string][]byte{}
	pages := s3.NewListObjectsV2Paginator(client, &s3.ListObjectsV2Input{Bucket: a.bucket("DataBucket"), Prefix: &prefix})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, o := range page.Contents {
			got, err := client.GetObject(ctx, &s3.GetObjectInput{Bucket: a.bucket("DataBucket"), Key: o.Key})
			if err != nil {
				return nil, fmt.Errorf("%s: %w", *o.Key, err)
			}
			body, err := io.ReadAll(got.Body)
			if err := errors.Join(err, got.Body.Close()); err != nil {
				return nil, fmt.Errorf("%s: %w", *o.Key, err)
			}
			all[strings.TrimPrefix(*o.Key, prefix)] = body
		}
	}
	return all, nil
}
