package analysis

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/trailhand/trailhand/internal/cloud/trails"
	"github.com/trailhand/trailhand/pkg/insights"
)

const (
	sourceFile  = "trail.json"
	eventsFile  = "events.ndjson"
	ratesFile   = "rates.ndjson"
	stateSuffix = ".state"
)

// trail is the analysis of one trail. It is the Store and the Publisher of the
// core that judges its rates.
type trail struct {
	Source
	cfg    Config
	dir    string
	events []json.RawMessage // published, oldest first
	ids    map[string]bool   // of these
	rates  rates

	eventsOut, ratesOut *os.File
}

func createTrail(dir string, s Source, cfg Config) (*trail, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	t := &trail{Source: s, cfg: cfg, dir: dir}
	if err := t.writeSource(); err != nil {
		return nil, err
	}
	return t, t.open()
}

func openTrail(dir string, cfg Config) (*trail, error) {
	t := &trail{cfg: cfg, dir: dir}
	text, err := os.ReadFile(filepath.Join(dir, sourceFile))
	if err == nil {
		err = json.Unmarshal(text, &t.Source)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", dir, err)
	}
	return t, t.open()
}

func (t *trail) writeSource() error {
	text, err := json.Marshal(t.Source)
	if err != nil {
		return err
	}
	return replace(filepath.Join(t.dir, sourceFile), text)
}

// open reads the lines that were written, and goes on behind them.
func (t *trail) open() (err error) {
	t.ids, t.rates = map[string]bool{}, newRates(t.cfg.Now)
	t.eventsOut, err = openLines(filepath.Join(t.dir, eventsFile), func(line []byte) {
		t.events = append(t.events, line)
		t.ids[idOf(line)] = true
	})
	if err != nil {
		return err
	}
	t.ratesOut, err = openLines(filepath.Join(t.dir, ratesFile), func(line []byte) {
		var b rateLine
		if json.Unmarshal(line, &b) == nil {
			t.rates.add(b)
		}
	})
	return err
}

// openLines gives each whole line to take. A cut one is dropped.
func openLines(path string, take func(line []byte)) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	whole := int64(0)
	lines := bufio.NewReader(f)
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return f, f.Truncate(whole)
		}
		whole += int64(len(line))
		take(bytes.TrimSuffix(line, []byte("\n")))
	}
}

func idOf(record []byte) string {
	var r map[string]json.RawMessage
	var id string
	if json.Unmarshal(record, &r) == nil {
		_ = json.Unmarshal(r["eventID"], &id) // what is no string is no id
	}
	return id
}

// config is the core's for the categories that the trail analyzes.
func (t *trail) config() insights.Config {
	c := insights.DefaultConfig()
	c.Warmup = t.cfg.Warmup
	c.DataEvents = slices.ContainsFunc(t.Insights, func(i trails.Insight) bool { return slices.Contains(i.Categories, insights.Data) })
	return c
}

// run applies batches to the state of an account and Region; none for the tick of the clock.
func (t *trail) run(ctx context.Context, account, region string, batches []insights.Batch) error {
	r := insights.Runner{Store: t, Publisher: t, Config: t.config(), Now: t.cfg.Now, Log: t.cfg.Log}
	out, err := r.Run(ctx, account, region, batches)
	for i, added := range out.Added {
		if added.Duplicate || i >= len(batches) {
			continue
		}
		for j := range batches[i].Tallies {
			err = errors.Join(err, t.saw(&batches[i].Tallies[j]))
		}
	}
	return err
}

// saw keeps a rate for ListInsightsMetricData.
func (t *trail) saw(tally *insights.Tally) error {
	for _, line := range linesOf(tally) {
		t.rates.add(line)
		if err := appendLine(t.ratesOut, line); err != nil {
			return err
		}
	}
	return nil
}

// places are the accounts and Regions that have a state.
func (t *trail) places() [][2]string {
	names, _ := fs.Glob(os.DirFS(t.dir), "*"+stateSuffix) // the pattern is good
	var all [][2]string
	for _, name := range names {
		account, region, _ := strings.Cut(strings.TrimSuffix(name, stateSuffix), "_")
		all = append(all, [2]string{account, region})
	}
	return all
}

func (t *trail) stateFile(account, region string) string {
	return filepath.Join(t.dir, filepath.Base(account)+"_"+filepath.Base(region)+stateSuffix)
}

// Load implements insights.Store. A version is the hash of what is stored.
func (t *trail) Load(_ context.Context, account, region string) (data []byte, version string, err error) {
	data, err = os.ReadFile(t.stateFile(account, region))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, "", nil
	}
	return data, versionOf(data), err
}

func versionOf(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:16])
}

// Save implements insights.Store.
func (t *trail) Save(ctx context.Context, account, region string, data []byte, ifVersion string) (string, error) {
	_, version, err := t.Load(ctx, account, region)
	if err != nil {
		return "", err
	}
	if version != ifVersion {
		return "", insights.ErrConflict
	}
	return versionOf(data), replace(t.stateFile(account, region), data)
}

// Publish implements insights.Publisher. What the trail's selectors do not ask
// for is not told.
func (t *trail) Publish(ctx context.Context, transitions []insights.Transition) error {
	for _, tr := range transitions {
		if t.ids[tr.EventID] || !t.wants(tr.Key) {
			continue
		}
		record := t.record(tr)
		if err := t.cfg.Publish(ctx, t.TrailARN, record); err != nil {
			return err
		}
		if err := appendLine(t.eventsOut, json.RawMessage(record)); err != nil {
			return err
		}
		t.events = append(t.events, record)
		t.ids[tr.EventID] = true
	}
	return nil
}

// record adds to a transition's record which trail was analyzed.
func (t *trail) record(tr insights.Transition) []byte {
	source := fmt.Appendf(nil, `"insightSource":%q,"insightContext":`, t.TrailARN)
	return bytes.Replace(tr.Record(), []byte(`"insightContext":`), source, 1)
}

func (t *trail) wants(k insights.Key) bool {
	return slices.ContainsFunc(t.Insights, func(i trails.Insight) bool {
		return i.Type == string(k.Type) && slices.Contains(i.Categories, k.Category)
	})
}

func (t *trail) close() error {
	var errs []error
	for _, f := range []*os.File{t.eventsOut, t.ratesOut} {
		if f != nil {
			errs = append(errs, f.Close())
		}
	}
	return errors.Join(errs...)
}
