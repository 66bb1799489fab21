package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"

	"github.com/trailhand/trailhand/pkg/delivery"
	"github.com/trailhand/trailhand/pkg/events"
)

const (
	maxFeed      = 500     // events of one request
	maxFeedBytes = 4 << 20 // of one request
	keptReasons  = 10      // that are told of refused events
)

// eventDigest stands for an event in the set of those that were fed.
type eventDigest [16]byte

// feeder is a delivery.Sink that hands the events of a file to an endpoint
// once the whole file is read.
type feeder struct {
	url      string
	client   *http.Client
	speed    float64
	keepTime bool
	now      func() time.Time
	stop     context.CancelCauseFunc // ends the run: the endpoint is not there

	seen    map[eventDigest]struct{}
	began   time.Time // when the first event was fed
	first   time.Time // when it happened
	batch   [][]byte
	size    int
	taken   int
	twice   int
	refused int
	reasons []string
}

// Begin implements delivery.Sink.
func (f *feeder) Begin(_ context.Context, file delivery.File) (delivery.Stage, error) {
	return &fed{feeder: f, name: file.Key}, nil
}

// fed is the events of one file.
type fed struct {
	*feeder
	name   string
	events []recorded
}

type recorded struct {
	at  time.Time
	raw []byte
	id  eventDigest
}

// Add implements delivery.Stage.
func (f *fed) Add(r *events.Record) error {
	at, err := r.Time()
	if err != nil {
		at = time.Time{} // it goes at once; whether it is taken is said by the endpoint
	}
	e := recorded{at: at, raw: bytes.Clone(r.Raw())}
	if id := r.Text(events.EventID); len(id) > 0 {
		sum := sha256.Sum256(append(append(bytes.Clone(id), ' '), r.Text(events.RecipientAccountID)...))
		e.id = eventDigest(sum[:16])
	}
	f.events = append(f.events, e)
	return nil
}

// Commit implements delivery.Stage.
func (f *fed) Commit(ctx context.Context, _ *delivery.Summary) error {
	if f.speed > 0 {
		slices.SortStableFunc(f.events, func(a, b recorded) int { return a.at.Compare(b.at) })
	}
	for _, e := range f.events {
		if err := f.feed(ctx, e); err != nil {
			return err
		}
	}
	return f.flush(ctx)
}

// Discard implements delivery.Stage.
func (f *fed) Discard(context.Context) {}

// feed waits for an event's turn, and puts it into the next request.
func (f *fed) feed(ctx context.Context, e recorded) error {
	if _, again := f.seen[e.id]; again && e.id != (eventDigest{}) {
		f.twice++
		return nil
	}
	f.seen[e.id] = struct{}{}
	if err := f.wait(ctx, e.at); err != nil {
		return err
	}
	if !f.keepTime {
		var err error
		if e.raw, err = without(e.raw, "eventTime", "eventID"); err != nil {
			return err
		}
	}
	f.batch, f.size = append(f.batch, e.raw), f.size+len(e.raw)
	if len(f.batch) < maxFeed && f.size < maxFeedBytes {
		return nil
	}
	return f.flush(ctx)
}

// wait lets the time pass that passed before the event; what came before is sent first.
func (f *fed) wait(ctx context.Context, at time.Time) error {
	if f.speed == 0 || at.IsZero() {
		return nil
	}
	if f.began.IsZero() {
		f.began, f.first = f.now(), at
	}
	turn := f.began.Add(time.Duration(float64(at.Sub(f.first)) / f.speed))
	pause := turn.Sub(f.now())
	if pause <= 0 {
		return nil
	}
	if err := f.flush(ctx); err != nil {
		return err
	}
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// flush sends what waits. An endpoint that is not there ends the run.
func (f *fed) flush(ctx context.Context) error {
	if len(f.batch) == 0 {
		return nil
	}
	body := append([]byte{'['}, bytes.Join(f.batch, []byte(","))...)
	sent := len(f.batch)
	f.batch, f.size = nil, 0
	answer, err := f.post(ctx, append(body, ']'))
	if err != nil {
		f.stop(err)
		return err
	}
	f.taken += answer.Accepted
	f.refused += sent - answer.Accepted
	for _, r := range answer.Refused {
		reason := fmt.Sprintf("%s: an event was refused: %s", f.name, r.Reason)
		if len(f.reasons) < keptReasons && !slices.Contains(f.reasons, reason) {
			f.reasons = append(f.reasons, reason)
		}
	}
	return nil
}

// fedAnswer is what the endpoint says to a request.
type fedAnswer struct {
	Accepted int
	Refused  []struct{ Reason string }
	Error    string
}

func (f *feeder) post(ctx context.Context, body []byte) (fedAnswer, error) {
	var answer fedAnswer
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, f.url, bytes.NewReader(body))
	if err != nil {
		return answer, err
	}
	request.Header.Set("Content-Type", "application/json")
	resp, err := f.client.Do(request)
	if err != nil {
		return answer, fmt.Errorf("feeding events: %w", err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return answer, fmt.Errorf("feeding events: %w", err)
	}
	err = json.Unmarshal(text, &answer)
	if err != nil || answer.Error != "" || answer.Accepted == 0 && len(answer.Refused) == 0 {
		return answer, fmt.Errorf("feeding events: %s is no 'trailhand local': it answers %s", f.url, resp.Status)
	}
	return answer, nil
}

func (f *feeder) failure() error {
	if f.refused == 0 {
		return nil
	}
	return fmt.Errorf("%d of %d events were refused", f.refused, f.refused+f.taken)
}

// without gives a JSON object without some of its members, all else as it was.
func without(raw []byte, names ...string) ([]byte, error) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	if start, err := dec.Token(); err != nil || start != json.Delim('{') {
		return nil, errors.Join(errors.New("a record that is not a JSON object"), err)
	}
	out := []byte{'{'}
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return nil, err
		}
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return nil, err
		}
		if slices.Contains(names, name.(string)) {
			continue
		}
		if len(out) > 1 {
			out = append(out, ',')
		}
		quoted, err := json.Marshal(name)
		if err != nil {
			return nil, err
		}
		out = append(append(append(out, quoted...), ':'), value...)
	}
	return append(out, '}'), nil
}
