package insights

import (
	"context"
	"testing"

	"github.com/klauspost/compress/zstd"
)

// Average is the arithmetic of a record's averages.
var Average = average

// Body is a snapshot's inflated body.
func Body(t testing.TB, snapshot []byte) []byte {
	t.Helper()
	d, err := zstd.NewReader(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	body, err := d.DecodeAll(snapshot[len(snapshotMagic)+1:], nil)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// DecodeBody reads the inflated body of a snapshot of the newest version.
func DecodeBody(body []byte) (*State, error) {
	o, err := openBody(&reader{b: body, version: snapshotVersion}, DefaultConfig())
	if err != nil {
		return nil, err
	}
	return o.finish()
}

// EncodeBody is the inflated body of a state's snapshot.
func EncodeBody(t testing.TB, s *State) []byte {
	t.Helper()
	body, err := s.body(s.orderOf(s.alive(), s.buckets), 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// Load reads a snapshot and its parts.
func Load(ctx context.Context, from Parts, snapshot []byte, cfg Config) (*State, error) {
	o, err := open(snapshot, cfg)
	if err != nil {
		return nil, err
	}
	if err := o.state.readParts(ctx, from); err != nil {
		return nil, err
	}
	return o.finish()
}

// PartNames are those that a snapshot names.
func PartNames(snapshot []byte) (names []string, err error) {
	o, err := open(snapshot, DefaultConfig())
	if err == nil {
		for _, p := range o.state.parts {
			names = append(names, p.name)
		}
	}
	return names, err
}

// Bound sets how many insights may be open, cells wait, and cells name callers.
func Bound(s *State, insights, cells, named int) { s.bounds = bounds{insights, cells, named} }

// Unjudged are the keys that were not judged, and Waiting the cells of the minutes that are kept.
func (s *State) Unjudged() int { return s.unjudged }
func (s *State) Waiting() (n int) {
	for _, b := range s.buckets {
		n += len(b)
	}
	return n
}
