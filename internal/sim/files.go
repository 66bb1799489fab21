package sim

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"

	"github.com/klauspost/compress/gzip"

	"github.com/trailhand/trailhand/pkg/events"
)

// filePeriod is how much event time is in one log file: CloudTrail delivers
// about every five minutes.
const filePeriod = 5

// WriteLogFiles writes the calls as the log files that CloudTrail would deliver,
// under CloudTrail's own keys in dir. A period without a call has no file.
// Progress is told up to 1; it may be nil.
func (g *Generated) WriteLogFiles(dir string, progress func(done float64)) (files, records int, err error) {
	for from := 0; from < g.Minutes(); from += filePeriod {
		to := min(from+filePeriod, g.Minutes())
		n, err := g.writeLogFile(dir, from, to)
		if err != nil {
			return files, records, fmt.Errorf("log file of %s: %w", g.at(from).Format(time.RFC3339), err)
		}
		if n > 0 {
			files++
		}
		records += n
		if progress != nil {
			progress(float64(to) / float64(g.Minutes()))
		}
	}
	return files, records, nil
}

// writeLogFile writes the calls of [from, to).
func (g *Generated) writeLogFile(dir string, from, to int) (records int, err error) {
	calls := 0
	for _, t := range g.Timelines {
		for m := from; m < to; m++ {
			calls += t.Total(m)
		}
	}
	if calls == 0 {
		return 0, nil
	}
	r := g.random("records", fmt.Sprint(from))
	key := events.Key{AccountID: g.AccountID, Kind: events.KeyLog, Region: g.Region, Time: g.at(to), Suffix: suffix(r)}
	path := filepath.Join(dir, filepath.FromSlash(key.String()))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return 0, err
	}
	f, err := os.Create(path)
	if err != nil {
		return 0, err
	}
	gz, err := gzip.NewWriterLevel(f, gzip.BestSpeed)
	if err != nil {
		return 0, errors.Join(err, f.Close())
	}
	records, err = g.writeRecords(gz, writing{g.AccountID, g.Region, r}, from, to)
	return records, errors.Join(err, gz.Close(), f.Close())
}

func (g *Generated) writeRecords(w *gzip.Writer, rec writing, from, to int) (records int, err error) {
	callers := g.callers()
	buf := append(make([]byte, 0, 80<<10), `{"Records":[`...)
	for _, t := range g.Timelines {
		for m := from; m < to; m++ {
			t.each(m, callers, func(who identity, calls int) {
				for range calls {
					if records > 0 {
						buf = append(buf, ',')
					}
					buf = rec.append(buf, t.API, t.Data, who, g.at(m))
					records++
				}
			})
			if len(buf) > 64<<10 {
				if _, err := w.Write(buf); err != nil {
					return records, err
				}
				buf = buf[:0]
			}
		}
	}
	_, err = w.Write(append(buf, "]}"...))
	return records, err
}

// suffix is what CloudTrail puts at the end of a log file's name.
func suffix(r *rand.Rand) string {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	b := make([]byte, 16)
	for i := range b {
		b[i] = letters[r.IntN(len(letters))]
	}
	return string(b)
}
