package insights

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A state of many keys is stored as a snapshot and parts. A part is an object that is written
// once and never changed; the snapshot, which is swapped, names the parts and has the keys that
// changed since. So a save writes what changed and not what is known.
//
// When more than Config.PartKeys changed they become a part themselves. The copies in older parts
// are then stale: what is newer is read first. Once a third of what the parts hold is stale, but
// for what the snapshot has itself, all keys are written anew. A part's name begins with its generation, which grows from snapshot to
// snapshot: what no snapshot names and is not newer than it was left by a save that was lost, or
// is stale, and no later snapshot will come to name it. It is deleted after the next part is written.

const (
	partMagic  = "trailhand part\x00"
	fetchAhead = 4 // parts that are loaded while one is read
)

// Parts is a Store of large states. A Store that is none keeps each state as one object.
type Parts interface {
	// Part returns nil when there is no such part.
	Part(ctx context.Context, account, region, name string) ([]byte, error)
	// SavePart may write over a part of the same name, which has the same bytes.
	SavePart(ctx context.Context, account, region, name string, data []byte) error
	// PartNames are those of all parts of a state.
	PartNames(ctx context.Context, account, region string) ([]string, error)
	// DeletePart succeeds when there is no such part.
	DeletePart(ctx context.Context, account, region, name string) error
}

// part is what a snapshot says of one.
type part struct {
	name string
	keys int
}

func partName(generation uint64, data []byte) string {
	sum := sha256.Sum256(data)
	return fmt.Sprintf("%016x-%x", generation, sum[:16])
}

// generationOf is that of a part's name.
func generationOf(name string) (uint64, bool) {
	text, _, _ := strings.Cut(name, "-")
	generation, err := strconv.ParseUint(text, 16, 64)
	return generation, err == nil && len(text) == 16
}

func encodeParts(w *writer, parts []part) {
	w.uint(uint64(len(parts)))
	for _, p := range parts {
		w.string(p.name)
		w.uint(uint64(p.keys))
	}
}

func decodeParts(r *reader) []part {
	var parts []part
	for range r.count() {
		parts = append(parts, part{string(r.bytes()), int(r.u32())})
	}
	return parts
}

// divide says which keys the next snapshot has, and which become parts.
func (s *State) divide() (inline []uint32, parts [][]uint32) {
	limit, alive, stored := s.cfg.PartKeys, 0, 0
	for n, k := range s.series {
		switch {
		case k.part == 0:
			inline = append(inline, uint32(n))
		case !k.dead(s.next):
			alive++
		}
	}
	for _, p := range s.parts {
		stored += p.keys
	}
	if limit == 0 || len(s.parts) == 0 || stored-alive-len(inline) > stored/3 {
		inline, s.parts = s.alive(), nil
	}
	if limit == 0 || len(inline) <= limit {
		return inline, nil
	}
	n := (len(inline) + limit - 1) / limit
	return nil, slices.Collect(slices.Chunk(inline, (len(inline)+n-1)/n))
}

// writeParts writes what has changed so much that it becomes parts, and returns the keys that
// the snapshot keeps.
func (s *State) writeParts(ctx context.Context, to Parts, now time.Time) (inline []uint32, err error) {
	inline, apart := s.divide()
	if len(apart) > 0 {
		s.generation = max(s.generation+1, uint64(now.Unix()))
	}
	for _, keys := range apart {
		data, err := s.encodePart(keys)
		if err != nil {
			return nil, err
		}
		name := partName(s.generation, data)
		if err := to.SavePart(ctx, s.account, s.region, name, data); err != nil {
			return nil, fmt.Errorf("saving part %s: %w", name, err)
		}
		s.parts = append(s.parts, part{name, len(keys)})
		for _, n := range keys {
			s.series[n].part = uint32(len(s.parts))
		}
	}
	return inline, nil
}

func (s *State) encodePart(keys []uint32) ([]byte, error) {
	w := &writer{b: make([]byte, 0, 1<<16)}
	s.orderOf(keys, nil).encodeKeys(w)
	return deflate(partMagic, w.b)
}

// readParts reads the newest first, as an older one may have stale copies.
func (s *State) readParts(ctx context.Context, from Parts) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	fetched := s.fetch(ctx, from)
	for i := len(s.parts) - 1; i >= 0; i-- {
		var f fetchedPart
		select {
		case f = <-<-fetched:
		case <-ctx.Done():
			return ctx.Err()
		}
		if err := s.readPart(i, f); err != nil {
			return fmt.Errorf("part %s: %w", s.parts[i].name, err)
		}
	}
	return nil
}

type fetchedPart struct {
	data []byte
	err  error
}

// fetch loads the parts, newest first, a few at a time. When ctx is done the channel is closed: it
// then gives nil, from which nothing comes.
func (s *State) fetch(ctx context.Context, from Parts) <-chan chan fetchedPart {
	all := make(chan chan fetchedPart, fetchAhead)
	go func() {
		defer close(all)
		for i := len(s.parts) - 1; i >= 0; i-- {
			one := make(chan fetchedPart, 1)
			select {
			case all <- one:
			case <-ctx.Done():
				return
			}
			go func() {
				data, err := from.Part(ctx, s.account, s.region, s.parts[i].name)
				one <- fetchedPart{data, err}
			}()
		}
	}()
	return all
}

// readPart reads a part. One that is missing has been replaced: then so has the snapshot.
func (s *State) readPart(i int, f fetchedPart) error {
	generation, _ := generationOf(s.parts[i].name)
	switch {
	case f.err != nil:
		return f.err
	case f.data == nil:
		return fmt.Errorf("it is missing: %w", ErrConflict)
	case partName(generation, f.data) != s.parts[i].name:
		return errors.New("it is not what was written")
	}
	r, err := inflate(partMagic, f.data)
	if err != nil {
		return err
	}
	s.decodeKeys(r, uint32(i+1))
	return r.err
}

// sweep deletes the parts that no snapshot will name any more.
func (s *State) sweep(ctx context.Context, in Parts) error {
	names, err := in.PartNames(ctx, s.account, s.region)
	if err != nil {
		return err
	}
	named := map[string]bool{}
	for _, p := range s.parts {
		named[p.name] = true
	}
	var errs []error
	for _, name := range names {
		if generation, ok := generationOf(name); ok && generation <= s.generation && !named[name] {
			errs = append(errs, in.DeletePart(ctx, s.account, s.region, name))
		}
	}
	return errors.Join(errs...)
}
