package analysis

import (
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
	"github.com/trailhand/trailhand/internal/cloud/wholefile"
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

	eventsOut, ratesOut *lines
	compactAt           int64 // size of the file of rates
}

// minCompact is the size in bytes up to which a file of rates is left alone.
const minCompact = 1 << 20

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
	return wholefile.Write(filepath.Join(t.dir, sourceFile), text)
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
		var l rateLine
		if json.Unmarshal(line, &l) == nil {
			t.rates.add(l)
		}
	})
	t.compactAt = minCompact
	if err != nil {
		return errors.Join(err, t.close())
	}
	return nil
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

// run applies batches to the state of an account and Region; none for the tick
// of the clock. Their rates are kept first: what fails comes again, and each
// batch counts once in either.
func (t *trail) run(ctx context.Context, account, region string, batches []insights.Batch) error {
	var errs []error
	for i := range batches {
		errs = append(errs, t.saw(&batches[i]))
	}
	r := insights.Runner{Store: t, Publisher: t, Config: t.config(), Now: t.cfg.Now, Log: t.cfg.Log}
	_, err := r.Run(ctx, account, region, batches)
	return errors.Join(append(errs, err)...)
}

// saw keeps the rates of a batch for ListInsightsMetricData.
func (t *trail) saw(b *insights.Batch) error {
	if _, again := t.rates.seen[b.ID]; again {
		return nil
	}
	line := t.rates.lineOf(b)
	if err := t.ratesOut.append(line); err != nil {
		return err
	}
	t.rates.add(line)
	if t.ratesOut.size > t.compactAt {
		return t.compact()
	}
	return nil
}

// compact rewrites the file of rates: a line for each, in the place of one for
// each batch. It is done again when the file has doubled.
func (t *trail) compact() error {
	err := t.ratesOut.replace(t.rates.compacted())
	t.compactAt = max(minCompact, 2*t.ratesOut.size)
	return err
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
	return versionOf(data), wholefile.Write(t.stateFile(account, region), data)
}

// Publish implements insights.Publisher. What the trail's selectors do not ask
// for is not told. One that cannot be told now keeps no other from being told.
func (t *trail) Publish(ctx context.Context, transitions []insights.Transition) error {
	var errs []error
	for _, tr := range transitions {
		if t.ids[tr.EventID] || !t.wants(tr.Key) {
			continue
		}
		errs = append(errs, t.publish(ctx, tr))
	}
	return errors.Join(errs...)
}

func (t *trail) publish(ctx context.Context, tr insights.Transition) error {
	record := t.record(tr)
	if err := t.cfg.Publish(ctx, t.TrailARN, record); err != nil {
		return err
	}
	if err := t.eventsOut.append(json.RawMessage(record)); err != nil {
		return err
	}
	t.events = append(t.events, record)
	t.ids[tr.EventID] = true
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
	for _, l := range []*lines{t.eventsOut, t.ratesOut} {
		if l != nil {
			errs = append(errs, l.file.Close())
		}
	}
	return errors.Join(errs...)
}
