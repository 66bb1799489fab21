package logparser

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/trailhand/trailhand/internal/awsio"
	"github.com/trailhand/trailhand/internal/lambdas/warmstart"
	"github.com/trailhand/trailhand/internal/replay"
	"github.com/trailhand/trailhand/pkg/delivery"
	"github.com/trailhand/trailhand/pkg/events"
	"github.com/trailhand/trailhand/pkg/insights"
)

// putter writes small objects, over what is there.
type putter interface {
	Put(ctx context.Context, key string, data []byte, metadata map[string]string) error
}

// warmStarter is the handler, but for the batches of a warm start: of their log
// files it writes the tallies to a bucket, and nothing else. A file that cannot be
// read is named by the answer.
type warmStarter struct {
	*handler
	bucket   putter // nil: there are no warm starts
	prefix   string // of its keys
	eventIDs bool   // tallies carry them
}

func newWarmStarter(h *handler, store *awsio.S3, env map[string]string, eventIDs bool) *warmStarter {
	w := &warmStarter{handler: h, prefix: env["WARM_START_PREFIX"], eventIDs: eventIDs}
	if bucket := env["WARM_START_BUCKET"]; bucket != "" {
		w.bucket = store.Bucket(bucket)
	}
	return w
}

// mapBatch is what a distributed Map passes on.
type mapBatch struct {
	BatchInput struct {
		Bucket    string          `json:"bucket"`
		WarmStart json.RawMessage `json:"warmStart"`
	}
	Items []struct{ Key string }
}

// Invoke implements lambda.Handler.
func (w *warmStarter) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	var b mapBatch
	if json.Unmarshal(payload, &b) != nil || len(b.Items) == 0 {
		return w.handler.Invoke(ctx, payload)
	}
	if !asked(b.BatchInput.WarmStart) {
		answer, err := w.handler.Invoke(ctx, payload)
		return brief(answer), err
	}
	order, err := warmstart.Parse(b.BatchInput.WarmStart)
	if err != nil {
		return nil, err
	}
	if w.bucket == nil {
		return nil, fmt.Errorf("warm start %s: WARM_START_BUCKET is not set", order.Run)
	}
	one := *w.handler // but for what becomes of the records
	one.dead, one.answers = nil, true
	one.pipeline = &delivery.Pipeline{Keep: w.pipeline.Keep, Sinks: []delivery.Sink{
		&dailyTallies{bucket: w.bucket, prefix: w.prefix, eventIDs: w.eventIDs, order: order, known: map[replay.Place]bool{}},
	}}
	within, err := b.within(order)
	if err != nil || within == nil {
		return []byte(`{"files":0}`), err
	}
	answer, err := one.Invoke(ctx, within)
	return brief(answer), err
}

// maxAnswer is less than the 256 KiB that a state of Step Functions may hold.
const maxAnswer = 200 << 10

// brief leaves the long lists out of a summary that no state would hold.
func brief(answer []byte) []byte {
	var fields map[string]json.RawMessage
	if len(answer) <= maxAnswer || json.Unmarshal(answer, &fields) != nil {
		return answer
	}
	maps.DeleteFunc(fields, func(_ string, value json.RawMessage) bool { return len(value) > maxAnswer/100 })
	short, err := json.Marshal(fields)
	if err != nil {
		return answer
	}
	return short
}

// asked says whether a batch is of a warm start: to others the state machine
// gives an empty object.
func asked(order json.RawMessage) bool {
	return len(order) > 0 && string(order) != "{}" && string(order) != "null"
}

// within gives the batch without the log files that are outside of the order's
// days; nil if none is left.
func (b *mapBatch) within(order warmstart.Order) ([]byte, error) {
	kept := b.Items[:0]
	for _, item := range b.Items {
		if place, reason := delivery.LogFile(item.Key); reason == "" && order.Outside(place.Time) == "" {
			kept = append(kept, item)
		}
	}
	if len(kept) == 0 {
		return nil, nil
	}
	return json.Marshal(map[string]any{"BatchInput": map[string]string{"bucket": b.BatchInput.Bucket}, "Items": kept})
}

// mostObjects bounds the places and days of one log file, a request or two to the
// bucket for each: CloudTrail's have one place, and two days.
const mostObjects = 32

// dailyTallies is the Sink that counts calls per minute for a warm start.
type dailyTallies struct {
	bucket   putter
	prefix   string
	eventIDs bool
	order    warmstart.Order
	known    map[replay.Place]bool // places that were noted
}

// Begin implements delivery.Sink.
func (d *dailyTallies) Begin(_ context.Context, f delivery.File) (delivery.Stage, error) {
	c := delivery.NewCounter(f)
	c.EventIDs = d.eventIDs
	return &dailyStage{dailyTallies: d, file: f, counter: c}, nil
}

type dailyStage struct {
	*dailyTallies
	file    delivery.File
	counter *delivery.Counter
}

// Add implements delivery.Stage.
func (s *dailyStage) Add(r *events.Record) error {
	s.counter.Add(r)
	return s.counter.Over(mostTallies)
}

// Commit implements delivery.Stage. Tallies come in the order of place and minute.
func (s *dailyStage) Commit(ctx context.Context, _ *delivery.Summary) error {
	var days [][]insights.Tally
	for all := s.counter.Tallies(); len(all) > 0; {
		n := 1
		for n < len(all) && sameDay(all[0], all[n]) {
			n++
		}
		days, all = append(days, all[:n]), all[n:]
	}
	if len(days) > mostObjects {
		return fmt.Errorf("%w: it has calls of more than %d places and days", delivery.ErrOverLimit, mostObjects)
	}
	for _, day := range days {
		if err := s.put(ctx, day); err != nil {
			return err
		}
	}
	return nil
}

// Discard implements delivery.Stage.
func (s *dailyStage) Discard(context.Context) {}

func sameDay(a, b insights.Tally) bool {
	const day = 24 * time.Hour
	return a.AccountID == b.AccountID && a.Region == b.Region && a.Minute.Truncate(day).Equal(b.Minute.Truncate(day))
}

// put writes tallies of one place and day, and notes the place.
func (s *dailyStage) put(ctx context.Context, tallies []insights.Tally) error {
	place := replay.Place{AccountID: tallies[0].AccountID, Region: tallies[0].Region}
	if place.AccountID == "" || place.Region == "" {
		return nil // no detector rates them
	}
	body, err := ndjson(tallies)
	if err != nil {
		return err
	}
	key := s.order.Tallies(place, tallies[0].Minute) + warmstart.Name(s.file.Bucket, s.file.Key)
	if err := s.bucket.Put(ctx, s.prefix+key, body, nil); err != nil || s.known[place] {
		return err
	}
	err = s.bucket.Put(ctx, s.prefix+s.order.Place(place), nil, nil)
	s.known[place] = err == nil
	return err
}

// ndjson gives tallies one a line, compressed.
func ndjson(tallies []insights.Tally) ([]byte, error) {
	var body bytes.Buffer
	zw, err := zstd.NewWriter(&body, zstd.WithEncoderConcurrency(1), zstd.WithLowerEncoderMem(true), zstd.WithWindowSize(1<<20))
	if err != nil {
		return nil, err
	}
	lines := json.NewEncoder(zw)
	for _, t := range tallies {
		if err := lines.Encode(t); err != nil {
			return nil, errors.Join(err, zw.Close())
		}
	}
	err = zw.Close()
	return body.Bytes(), err
}
