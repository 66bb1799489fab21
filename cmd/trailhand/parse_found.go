package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/spf13/pflag"

	"github.com/trailhand/trailhand/internal/awsio"
	"github.com/trailhand/trailhand/internal/logs"
	"github.com/trailhand/trailhand/pkg/delivery"
)

// foundFlags say where log files are looked for.
type foundFlags struct {
	since, until string
	endpoint     string
	after        string
}

func (f *foundFlags) register(flags *pflag.FlagSet) {
	flags.StringVar(&f.since, "since", "", "leave out files delivered before: 2026-03-02 or 2026-03-02T10:00:00Z")
	flags.StringVar(&f.until, "until", "", "leave out files delivered at that time or later")
	flags.StringVar(&f.endpoint, "endpoint-url", "", "where S3 is, if not at AWS")
	flags.StringVar(&f.after, "start-after", "", "an s3://bucket/key: go on behind it, where an interrupted run ended; PATHs before its own were read")
}

// sources gives what the flags and the arguments name.
func (f *foundFlags) sources(ctx context.Context, p process, paths []string) (*logs.Sources, error) {
	s := &logs.Sources{Paths: paths, Stdin: p.stdin, After: f.after}
	var problems error
	if len(paths) == 0 {
		problems = errors.New("no PATH: name files, folders, s3://bucket/prefix, or - for standard input")
	}
	var errSince, errUntil error
	s.Span.Since, errSince = parseTime("--since", f.since)
	s.Span.Until, errUntil = parseTime("--until", f.until)
	if f.after != "" && !slices.ContainsFunc(paths, func(path string) bool { return logs.Under(f.after, path) }) {
		problems = errors.Join(problems, fmt.Errorf("--start-after %q is no s3://bucket/key that is under a PATH", f.after))
	}
	if u := s.Span.Until; !u.IsZero() && !s.Span.Since.Before(u) {
		errUntil = fmt.Errorf("--until %s is not behind --since %s", f.until, f.since)
	}
	problems = errors.Join(problems, errSince, errUntil)
	if !slices.ContainsFunc(paths, logs.IsS3) {
		return s, problems
	}
	client, err := f.s3(ctx, p.env)
	s.Bucket = client
	return s, errors.Join(problems, err)
}

func parseTime(flag, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("%s %q is neither a day like 2026-03-02 nor a time like 2026-03-02T10:00:00Z", flag, text)
}

func (f *foundFlags) s3(ctx context.Context, env map[string]string) (bucket, error) {
	cfg, err := awsio.Load(ctx, f.environment(env))
	return bucket{awsio.NewS3(cfg)}, err
}

// environment is env with the endpoint of the flag.
func (f *foundFlags) environment(env map[string]string) map[string]string {
	if f.endpoint == "" {
		return env
	}
	env = maps.Clone(env)
	env["AWS_ENDPOINT_URL"] = f.endpoint
	return env
}

// bucket is S3 to those who look for log files: a [logs.Bucket].
type bucket struct{ *awsio.S3 }

// Page implements logs.Bucket.
func (b bucket) Page(ctx context.Context, name, prefix, after, startAfter string) (logs.Page, error) {
	found, err := b.Folder(ctx, name, prefix, after, startAfter)
	if err != nil {
		return logs.Page{}, err
	}
	page := logs.Page{Next: found.Next}
	for i, key := range found.Keys {
		page.Entries = append(page.Entries, logs.Entry{Name: key, Size: found.Sizes[i]})
	}
	for _, folder := range found.Folders {
		page.Entries = append(page.Entries, logs.Entry{Name: folder, Folder: true})
	}
	slices.SortFunc(page.Entries, func(a, b logs.Entry) int { return cmp.Compare(a.Name, b.Name) })
	return page, nil
}

// Read implements logs.Bucket.
func (b bucket) Read(ctx context.Context, name, key string) (io.ReadCloser, error) {
	o, err := b.Open(ctx, delivery.Notice{Bucket: name, Key: key})
	if err != nil {
		return nil, err
	}
	return o.Body, nil
}
