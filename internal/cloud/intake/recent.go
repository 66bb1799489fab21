package intake

import (
	"hash/maphash"

	"github.com/trailhand/trailhand/internal/cloud/logfiles"
	"github.com/trailhand/trailhand/pkg/events"
)

// generation is how many records are known at least.
const generation = 1 << 16

// recent knows the records that were taken lately, in two generations: the
// older one goes when the younger one is full.
type recent struct {
	seed           maphash.Seed
	younger, older map[uint64]struct{}
}

func (r *recent) has(rec *events.Record, to []logfiles.Destination) bool {
	k := r.key(rec, to)
	_, younger := r.younger[k]
	_, older := r.older[k]
	return younger || older
}

func (r *recent) add(rec *events.Record, to []logfiles.Destination) {
	if r.younger == nil || len(r.younger) == generation {
		r.younger, r.older = map[uint64]struct{}{}, r.younger
	}
	r.younger[r.key(rec, to)] = struct{}{}
}

// key stands for an event. Of an unusual rate, several trails may tell under
// one eventID.
func (r *recent) key(rec *events.Record, to []logfiles.Destination) uint64 {
	var h maphash.Hash
	h.SetSeed(r.seed)
	for _, f := range []events.Field{events.EventID, events.RecipientAccountID, events.AWSRegion} {
		_, _ = h.Write(rec.Text(f)) // a hash takes everything
		_ = h.WriteByte(0)
	}
	if rec.Category() == events.Insight && len(to) > 0 {
		_, _ = h.WriteString(to[0].TrailARN)
	}
	return h.Sum64()
}
