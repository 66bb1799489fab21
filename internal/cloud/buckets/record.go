package buckets

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"sync"

	"github.com/trailhand/trailhand/internal/cloud/wholefile"
)

// record is what is kept about a bucket beside versitygw's own data.
type record struct {
	// Location is the LocationConstraint; empty means us-east-1.
	Location string `json:"location"`
	// Configurations holds what clients put into subresources, as they sent it, by the
	// name of the query parameter: policy (JSON), acl, lifecycle, … (XML).
	Configurations map[string]string `json:"configurations"`
}

// region is the Region of the bucket. EU is an old name.
func (r record) region() string {
	switch r.Location {
	case "":
		return "us-east-1"
	case "EU":
		return "eu-west-1"
	}
	return r.Location
}

// records keeps a file for each bucket, written as a whole or not at all.
type records struct {
	dir     string // of the files
	objects string // has a folder for each bucket that exists
	region  string // of buckets that have no record: made by hand, or lost in a crash

	mu    sync.Mutex
	known map[string]record
}

func openRecords(dir, objects, region string) (*records, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("opening the buckets: %w", err)
	}
	return &records{dir: dir, objects: objects, region: region, known: make(map[string]record)}, nil
}

// exists asks the file system: versitygw's folders are the truth about buckets.
func (s *records) exists(bucket string) bool {
	if bucket == "" || bucket[0] == '.' || filepath.Base(bucket) != bucket {
		return false
	}
	info, err := os.Stat(filepath.Join(s.objects, bucket))
	return err == nil && info.IsDir()
}

// get gives the record of a bucket; ok is false if there is no such bucket.
func (s *records) get(bucket string) (r record, ok bool, err error) {
	if !s.exists(bucket) {
		return record{}, false, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err = s.load(bucket)
	r.Configurations = maps.Clone(r.Configurations)
	return r, true, err
}

func (s *records) load(bucket string) (record, error) {
	if r, ok := s.known[bucket]; ok {
		return r, nil
	}
	data, err := os.ReadFile(s.file(bucket))
	if errors.Is(err, fs.ErrNotExist) {
		return s.unrecorded(), nil
	}
	if err != nil {
		return record{}, fmt.Errorf("reading the record of bucket %q: %w", bucket, err)
	}
	var r record
	if err := json.Unmarshal(data, &r); err != nil {
		return record{}, fmt.Errorf("parsing %q: %w", s.file(bucket), err)
	}
	s.known[bucket] = r
	return r, nil
}

func (s *records) unrecorded() record {
	if s.region == "us-east-1" {
		return record{}
	}
	return record{Location: s.region}
}

// create records a new bucket, forgetting what an earlier one of its name left behind.
func (s *records) create(bucket string, r record) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.store(bucket, r)
}

// configure sets one configuration; an empty one removes it.
func (s *records) configure(bucket, name, configuration string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.load(bucket)
	if err != nil {
		return err
	}
	changed := make(map[string]string, len(r.Configurations)+1)
	maps.Copy(changed, r.Configurations)
	if configuration == "" {
		delete(changed, name)
	} else {
		changed[name] = configuration
	}
	r.Configurations = changed
	return s.store(bucket, r)
}

func (s *records) remove(bucket string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.known, bucket)
	if err := os.Remove(s.file(bucket)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("removing the record of bucket %q: %w", bucket, err)
	}
	return nil
}

func (s *records) store(bucket string, r record) error {
	data, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("encoding the record of bucket %q: %w", bucket, err)
	}
	if err := wholefile.Write(s.file(bucket), data); err != nil {
		return fmt.Errorf("writing the record of bucket %q: %w", bucket, err)
	}
	s.known[bucket] = r
	return nil
}

func (s *records) file(bucket string) string { return filepath.Join(s.dir, bucket+".json") }
