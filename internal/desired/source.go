package desired

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/trailhand/trailhand/pkg/trail"
)

// Source is where a desired.yaml is: a path, or an object of S3.
type Source struct{ path, bucket, key string }

// ParseSource reads s3://bucket/key, or takes the text as a path.
func ParseSource(text string) (Source, error) {
	object, inS3 := strings.CutPrefix(text, "s3://")
	if !inS3 {
		return Source{path: text}, nil
	}
	bucket, key, _ := strings.Cut(object, "/")
	if bucket == "" || key == "" {
		return Source{}, fmt.Errorf("%q: an object is s3://bucket/key", text)
	}
	return Source{bucket: bucket, key: key}, nil
}

// GetObject reads a small object. Its version is empty when there is no such object.
type GetObject func(ctx context.Context, bucket, key string) (data []byte, version string, err error)

// Load reads and parses the file. The spec's source names an object with its version.
func (s Source) Load(ctx context.Context, get GetObject) (trail.Spec, error) {
	name, data, err := s.read(ctx, get)
	if err != nil {
		return trail.Spec{}, fmt.Errorf("desired state: %w", err)
	}
	spec, err := Parse(name, data)
	if err != nil {
		return trail.Spec{}, fmt.Errorf("desired state: %w", err)
	}
	return spec, nil
}

func (s Source) read(ctx context.Context, get GetObject) (name string, data []byte, err error) {
	if s.path != "" {
		data, err = os.ReadFile(s.path)
		return s.path, data, err
	}
	name = "s3://" + s.bucket + "/" + s.key
	data, version, err := get(ctx, s.bucket, s.key)
	if err == nil && version == "" {
		err = fmt.Errorf("%s does not exist", name)
	}
	return name + "@" + strings.Trim(version, `"`), data, err
}
