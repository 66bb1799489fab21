package insights

import (
	"time"
)

// State is what the detector knows of one account and Region. It is not safe for concurrent use.
//
// Minutes are int32 since the Unix epoch. A minute is open while tallies may still come for it,
// and closed once: then each key that called in it is judged, and each key that should have.
type State struct {
	account, region string
	cfg             Config

	begun   bool
	first   int32 // the first minute observed
	next    int32 // the first open minute
	newest  int32 // the newest minute of a tally
	clock   int32 // the newest minute the clock told; 0 before it did
	arrived int32 // the clock's minute when a batch came last
	fresh   bool  // a batch came since the clock was told
	horizon int32 // the last minute that a tally may have; 0: any

	names, values symbols // of keys, of attributions
	index         map[keyID]uint32
	series        []*series
	profiles      int
	buckets       map[int32]bucket // open minutes, and the closed ones that may begin an insight
	applied       map[batchID]int32
	seen          map[int32]idSet // calls of the open minutes that came with their event's ID
	unsent        []Transition

	generation uint64 // of the newest part that was written
	parts      []part // oldest first

	bounds   bounds
	cells    int      // of all buckets
	unjudged int      // keys that were not judged, since too many insights were open
	open     []uint32 // keys with an open insight
	watch    []watched
	silent   silences
}

// bounds keep an account and Region in memory whose keys all burst at once.
type bounds struct {
	insights int // that may be open: while more would be, no key is judged
	cells    int // waiting, a key in a minute each: with more, minutes close before their lateness
	named    int // cells beyond which only keys with a profile note who calls
}

func defaultBounds() bounds { return bounds{insights: 10_000, cells: 1 << 20, named: 1 << 18} }

// bucket is the calls of one minute by key.
type bucket map[uint32]*cell

type cell struct {
	calls   uint32
	callers []caller
}

// NewState returns a State that has observed nothing.
func NewState(account, region string, cfg Config) *State {
	return &State{
		account: account, region: region, cfg: cfg, bounds: defaultBounds(),
		names: newSymbols(), values: newSymbols(),
		index: map[keyID]uint32{}, buckets: map[int32]bucket{}, applied: map[batchID]int32{}, seen: map[int32]idSet{},
	}
}

// Watermark is the first minute that is still open; zero before the first tally.
func (s *State) Watermark() time.Time {
	if !s.begun {
		return time.Time{}
	}
	return minuteTime(s.next)
}

// Keys is the number of keys that are known.
func (s *State) Keys() int { return len(s.series) }

// Unsent are the transitions that were decided and are not known to be published.
func (s *State) Unsent() []Transition { return s.unsent }

func minuteOf(t time.Time) int32 { return int32(t.Unix() / 60) }

func minuteTime(m int32) time.Time { return time.Unix(int64(m)*60, 0).UTC() }

// find returns the number of a key, which is made if need be.
func (s *State) find(id keyID) uint32 {
	if n, ok := s.index[id]; ok {
		return n
	}
	n := uint32(len(s.series))
	s.index[id] = n
	s.series = append(s.series, &series{id: id})
	return n
}
