// Package analysis is CloudTrail Insights of the embedded cloud: the log files
// of each trail with insight selectors go to the same core as those of the
// detector function, and what it finds is published as CloudTrail would.
//
// A trail has a folder: a state for each account and Region, the Insight
// events that were published, and the rates that were seen. A trail that stops
// or is deleted loses it, and its baseline starts anew.
package analysis

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/trailhand/trailhand/internal/cloud/trails"
	"github.com/trailhand/trailhand/pkg/delivery"
	"github.com/trailhand/trailhand/pkg/events"
	"github.com/trailhand/trailhand/pkg/insights"
)

// Source is a trail that is logging and has insight selectors.
type Source struct {
	TrailARN string
	Started  time.Time // logging; before that nothing was analyzed
	Insights []trails.Insight
}

// Config is what the analysis needs.
type Config struct {
	Dir    string        // made if missing
	Warmup time.Duration // before the first insight; 0: the detector's 26 hours
	// Publish delivers an Insight record of a trail. It may be asked to
	// deliver one again after a crash.
	Publish func(ctx context.Context, trailARN string, record []byte) error
	Now     func() time.Time
	Log     *slog.Logger
}

// Analysis holds the analyzed trails. It implements trails.Insights, and is
// safe for concurrent use.
type Analysis struct {
	cfg Config

	mu     sync.Mutex
	trails map[string]*trail // by ARN
}

// Open reads what an earlier process has learned.
func Open(cfg Config) (*Analysis, error) {
	if err := os.MkdirAll(cfg.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("insights: %w", err)
	}
	names, err := fs.Glob(os.DirFS(cfg.Dir), "*/"+sourceFile)
	if err != nil {
		return nil, fmt.Errorf("insights: %w", err)
	}
	a := &Analysis{cfg: cfg, trails: map[string]*trail{}}
	for _, name := range names {
		t, err := openTrail(filepath.Join(cfg.Dir, filepath.Dir(name)), cfg)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("insights: %w", err), a.Close())
		}
		a.trails[t.TrailARN] = t
	}
	return a, nil
}

// Add analyzes a delivered log file, given as gzip. After an error it may be
// given again: what was analyzed of it counts once.
func (a *Analysis) Add(ctx context.Context, s Source, file delivery.File, gz []byte) error {
	counter := delivery.NewCounter(file)
	reader := events.OpenGzip(bytes.NewReader(gz), events.Limits{})
	for {
		rec, err := reader.Next()
		var bad *events.RecordError
		if errors.Is(err, io.EOF) {
			break
		}
		if errors.As(err, &bad) {
			continue
		}
		if err != nil {
			return fmt.Errorf("insights of %q: %w", file.Key, err)
		}
		counter.Add(rec)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	t, err := a.trail(s)
	if err != nil {
		return fmt.Errorf("insights: %w", err)
	}
	var errs []error
	for _, b := range counter.Batches() {
		errs = append(errs, t.run(ctx, b.AccountID, b.Region, []insights.Batch{b}))
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("insights of %q: %w", file.Key, err)
	}
	return nil
}

// trail gives the trail of a Source, as new if it has stopped meanwhile.
func (a *Analysis) trail(s Source) (*trail, error) {
	t, known := a.trails[s.TrailARN]
	if known && !t.Started.Equal(s.Started) {
		if err := a.forget(t); err != nil {
			return nil, err
		}
		known = false
	}
	if known && !slices.EqualFunc(t.Insights, s.Insights, same) {
		t.Insights = s.Insights
		return t, t.writeSource()
	}
	if known {
		return t, nil
	}
	sum := sha256.Sum256([]byte(s.TrailARN))
	t, err := createTrail(filepath.Join(a.cfg.Dir, fmt.Sprintf("%x", sum[:8])), s, a.cfg)
	if err == nil {
		a.trails[s.TrailARN] = t
	}
	return t, err
}

func same(a, b trails.Insight) bool {
	return a.Type == b.Type && slices.Equal(a.Categories, b.Categories)
}

func (a *Analysis) forget(t *trail) error {
	delete(a.trails, t.TrailARN)
	return errors.Join(t.close(), os.RemoveAll(t.dir))
}

// Tick closes the minutes that no log file closes, and forgets the trails that
// are not among active any more.
func (a *Analysis) Tick(ctx context.Context, active []Source) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	var errs []error
	for _, t := range a.sorted() {
		i := slices.IndexFunc(active, func(s Source) bool { return s.TrailARN == t.TrailARN && s.Started.Equal(t.Started) })
		if i < 0 {
			errs = append(errs, a.forget(t))
			continue
		}
		for _, place := range t.places() {
			errs = append(errs, t.run(ctx, place[0], place[1], nil))
		}
	}
	return errors.Join(errs...)
}

// sorted are the trails by ARN.
func (a *Analysis) sorted() []*trail {
	var all []*trail
	for _, t := range a.trails {
		all = append(all, t)
	}
	slices.SortFunc(all, func(x, y *trail) int { return strings.Compare(x.TrailARN, y.TrailARN) })
	return all
}

// Close closes the files.
func (a *Analysis) Close() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	var errs []error
	for _, t := range a.trails {
		errs = append(errs, t.close())
	}
	clear(a.trails)
	return errors.Join(errs...)
}
