package detector

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"strings"
	"time"

	"github.com/klauspost/compress/zstd"
	"golang.org/x/sync/errgroup"

	"github.com/trailhand/trailhand/internal/awsio"
	"github.com/trailhand/trailhand/internal/lambdas/warmstart"
	"github.com/trailhand/trailhand/internal/replay"
	"github.com/trailhand/trailhand/pkg/insights"
)

// fetched is how many objects are waited for side by side, and in memory at one time.
const fetched = 64

// shelf is the bucket of a warm start.
type shelf interface {
	Keys(ctx context.Context, prefix string) iter.Seq2[string, error]
	Get(ctx context.Context, key string) (data []byte, version string, err error)
}

// learner makes the state of a place from the tallies that the log reader wrote
// for a warm start: the state that `trailhand baseline` makes.
type learner struct {
	bucket  shelf
	prefix  string                             // of the warm start's keys
	partial func(prefix string) insights.Store // states below a prefix of the same bucket
	states  insights.Store                     // of the detector
	config  insights.Config
	now     func() time.Time
	log     *slog.Logger
}

func newLearner(b *awsio.Bucket, prefix string, h *handler, states insights.Store, config insights.Config) *learner {
	partial := func(run string) insights.Store { return awsio.States{Bucket: b, Prefix: prefix + run} }
	return &learner{bucket: b, prefix: prefix, partial: partial, states: states, config: config, now: h.now, log: h.log}
}

// learned is the answer to the state machine.
type learned struct {
	Done      bool      `json:"done"` // false: invoke again, with the same input
	AccountID string    `json:"accountId"`
	Region    string    `json:"awsRegion"`
	State     string    `json:"state,omitempty"` // saved, kept (one was there), or nothing (no call is in the days)
	Rates     int       `json:"rates"`
	UpTo      time.Time `json:"upTo,omitzero"` // calls before it are in the state
}

// Invoke takes {"trailhand":"baseline","warmStart":{…},"place":"<key>"} and learns
// for half of the time that it has, but for a day at least.
func (l *learner) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	if l == nil {
		return nil, errors.New("warm start: WARM_START_BUCKET is not set")
	}
	var in struct {
		Place     string          `json:"place"`
		WarmStart json.RawMessage `json:"warmStart"`
	}
	if err := json.Unmarshal(payload, &in); err != nil {
		return nil, fmt.Errorf("warm start: %w", err)
	}
	order, err := warmstart.Parse(in.WarmStart)
	if err != nil {
		return nil, err
	}
	place, err := order.PlaceOf(strings.TrimPrefix(in.Place, l.prefix))
	if err != nil {
		return nil, fmt.Errorf("warm start: %w", err)
	}
	out, err := l.place(ctx, order, place)
	if err != nil {
		return nil, fmt.Errorf("warm start of %s %s: %w", place.AccountID, place.Region, err)
	}
	l.log.Info("warm start", "requestId", requestID(ctx), "run", order.Run, "answer", out)
	return json.Marshal(out)
}

// place learns one place, as far as its time reaches.
func (l *learner) place(ctx context.Context, order warmstart.Order, p replay.Place) (learned, error) {
	out := learned{AccountID: p.AccountID, Region: p.Region}
	if _, version, err := l.states.Load(ctx, p.AccountID, p.Region); err != nil || version != "" && !order.Replace {
		out.Done, out.State = true, "kept"
		return out, err
	}
	stop := l.halfTime(ctx)
	end, err := l.end(ctx, order, p)
	if err != nil {
		return out, err
	}
	if end.IsZero() {
		out.Done, out.State = true, "nothing"
		return out, nil
	}
	run := replay.Baseline(l.config, order.Until, end, order.Days)
	learning, from, err := l.resume(ctx, order, run, p)
	if err != nil {
		return out, err
	}
	for day := from; day.Before(run.Before); day = day.AddDate(0, 0, 1) {
		log, err := l.day(ctx, order, p, day)
		if err == nil {
			err = learning.Take(ctx, log)
		}
		if err != nil {
			return out, err
		}
		if next := day.AddDate(0, 0, 1); next.Before(run.Before) && log.Len() > 0 && l.now().After(stop) {
			return out, l.pause(ctx, order, p, learning.Close(next))
		}
	}
	return l.save(ctx, order, p, learning.Close(run.Before), out)
}

// halfTime is when an invocation stops to learn.
func (l *learner) halfTime(ctx context.Context) time.Time {
	now := l.now()
	if deadline, limited := ctx.Deadline(); limited {
		return now.Add(deadline.Sub(now) / 2)
	}
	return now.AddDate(1, 0, 0)
}

// end is that of the newest tally; zero if there is none. Its day is read once
// more when its turn comes: two days would be in memory else.
func (l *learner) end(ctx context.Context, order warmstart.Order, p replay.Place) (time.Time, error) {
	const ahead = 2 // days: log files that came after Until have later calls
	for n := -ahead; n <= order.Days; n++ {
		log, err := l.day(ctx, order, p, midnight(order.Until).AddDate(0, 0, -n))
		if err != nil || log.Len() > 0 {
			return log.End(), err
		}
	}
	return time.Time{}, nil
}

func midnight(t time.Time) time.Time { return t.UTC().Truncate(24 * time.Hour) }

// resume goes on where an earlier invocation paused, or begins.
func (l *learner) resume(ctx context.Context, order warmstart.Order, run replay.Run, p replay.Place) (*replay.Learning, time.Time, error) {
	data, version, err := l.partial(order.Partial()).Load(ctx, p.AccountID, p.Region)
	if err != nil || version == "" {
		return run.Learn(p, nil), midnight(run.From), err
	}
	known, err := insights.Decode(data, l.config)
	if err != nil {
		return nil, time.Time{}, err
	}
	return run.Learn(p, known), midnight(known.Watermark()), nil
}

// pause keeps what was learned for the next invocation.
func (l *learner) pause(ctx context.Context, order warmstart.Order, p replay.Place, s *insights.State) error {
	_, err := replay.Keep(ctx, l.partial(order.Partial()), p, s, true)
	return err
}

// save writes the state where the detector looks for it.
func (l *learner) save(ctx context.Context, order warmstart.Order, p replay.Place, s *insights.State, out learned) (learned, error) {
	out.Done, out.State = true, "nothing"
	if s.Watermark().IsZero() {
		return out, nil
	}
	_, err := replay.Keep(ctx, l.states, p, s, order.Replace)
	switch {
	case errors.Is(err, replay.ErrThere):
		out.State = "kept"
		return out, nil
	case err != nil:
		return out, err
	}
	out.State, out.Rates, out.UpTo = "saved", s.Keys(), s.Watermark()
	return out, nil
}

// day reads a place's tallies of one day.
func (l *learner) day(ctx context.Context, order warmstart.Order, p replay.Place, day time.Time) (*replay.Log, error) {
	log := replay.NewLog()
	keys := make([]string, 0, fetched)
	for key, err := range l.bucket.Keys(ctx, l.prefix+order.Tallies(p, day)) {
		if err != nil {
			return log, err
		}
		if keys = append(keys, key); len(keys) == fetched {
			if err := l.read(ctx, keys, log); err != nil {
				return log, err
			}
			keys = keys[:0]
		}
	}
	return log, l.read(ctx, keys, log)
}

// read adds the tallies of some objects, in the order of their keys.
func (l *learner) read(ctx context.Context, keys []string, log *replay.Log) error {
	if len(keys) == 0 {
		return nil
	}
	bodies := make([][]byte, len(keys))
	work, within := errgroup.WithContext(ctx)
	for i, key := range keys {
		work.Go(func() (err error) {
			bodies[i], _, err = l.bucket.Get(within, key)
			return err
		})
	}
	if err := work.Wait(); err != nil {
		return err
	}
	one := &oneByOne{bodies: bodies}
	unzip, err := zstd.NewReader(one, zstd.WithDecoderConcurrency(1)) // frames in a row are one text
	if err != nil {
		return err
	}
	defer unzip.Close()
	if err := log.ReadRates(unzip, l.bad); err != nil {
		return fmt.Errorf("tallies up to %q: %w", keys[one.at], err)
	}
	return nil
}

// oneByOne reads bodies one after another, and knows which it reads.
type oneByOne struct {
	bodies [][]byte
	at     int
}

// Read implements io.Reader.
func (o *oneByOne) Read(p []byte) (int, error) {
	for o.at < len(o.bodies)-1 && len(o.bodies[o.at]) == 0 {
		o.at++
	}
	n := copy(p, o.bodies[o.at])
	if o.bodies[o.at] = o.bodies[o.at][n:]; n == 0 {
		return 0, io.EOF
	}
	return n, nil
}

// bad tells a tally that no detector would take.
func (l *learner) bad(line int, err error) {
	l.log.Warn("bad tally", "line", line, "error", err.Error())
}
