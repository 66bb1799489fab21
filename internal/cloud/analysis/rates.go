package analysis

import (
	"maps"
	"slices"
	"time"

	"github.com/trailhand/trailhand/pkg/insights"
)

const (
	keptMinutes = 90 * 24 * 60
	maxMinutes  = 2_000_000 // of all rates of a trail; 16 MB
	knownFor    = 48 * time.Hour
)

// rates are the calls of each minute that had some, for 90 days; the oldest go
// earlier when there are too many.
type rates struct {
	now    func() time.Time
	points map[rateKey][]minute // in order
	count  int
	seen   map[string]int32 // batches that are part of them, and the minute when they came
}

type rateKey struct{ account, region, category, source, name, errorCode string }

type minute struct {
	at    int32 // since the Unix epoch
	calls uint32
}

func newRates(now func() time.Time) rates {
	return rates{now: now, points: map[rateKey][]minute{}, seen: map[string]int32{}}
}

// rateLine is a line of the file of rates: those of a batch, which has an ID;
// or those of many.
type rateLine struct {
	ID    string `json:"id,omitempty"`
	At    int32  `json:"at,omitempty"` // minute when the batch came
	Rates []rate `json:"rates,omitempty"`
}

// rate is the calls of one API.
type rate struct {
	Account   string      `json:"a"`
	Region    string      `json:"r"`
	Category  string      `json:"c"`
	Source    string      `json:"s"`
	Name      string      `json:"n"`
	ErrorCode string      `json:"e,omitempty"` // empty: all calls
	Minutes   [][2]uint32 `json:"m"`           // since the Unix epoch, and their calls
}

// lineOf gives the rates that a batch is part of: those that are analyzed.
func (r *rates) lineOf(b *insights.Batch) rateLine {
	line := rateLine{ID: b.ID, At: r.minute()}
	for i := range b.Tallies {
		t := &b.Tallies[i]
		one := rate{t.AccountID, t.Region, t.Category, t.EventSource, t.EventName, "", [][2]uint32{{uint32(t.Minute.Unix() / 60), uint32(t.Count)}}}
		if !t.ReadOnly || t.Category == insights.Data {
			line.Rates = append(line.Rates, one)
		}
		if t.ErrorCode != "" {
			one.ErrorCode = t.ErrorCode
			line.Rates = append(line.Rates, one)
		}
	}
	return line
}

func (r *rates) minute() int32 { return int32(r.now().Unix() / 60) }

// add counts the calls of a line. A batch counts once.
func (r *rates) add(l rateLine) {
	if _, again := r.seen[l.ID]; again && l.ID != "" {
		return
	}
	if l.ID != "" {
		r.seen[l.ID] = l.At
	}
	oldest := r.minute() - keptMinutes
	for _, one := range l.Rates {
		k := rateKey{one.Account, one.Region, one.Category, one.Source, one.Name, one.ErrorCode}
		for _, m := range one.Minutes {
			if at := int32(m[0]); at >= oldest {
				r.count += r.addMinute(k, minute{at, m[1]})
			}
		}
	}
	if r.count > maxMinutes {
		r.shrink(oldest)
	}
}

// addMinute gives 1 if the minute is a new one.
func (r *rates) addMinute(k rateKey, m minute) int {
	points := r.points[k]
	i, there := slices.BinarySearchFunc(points, m.at, func(m minute, at int32) int { return int(m.at) - int(at) })
	if there {
		points[i].calls += m.calls
		return 0
	}
	r.points[k] = slices.Insert(points, i, m)
	return 1
}

// shrink drops what is too old, and then of each rate the older half.
func (r *rates) shrink(oldest int32) {
	r.count = 0
	for k, points := range r.points {
		points = slices.DeleteFunc(points, func(m minute) bool { return m.at < oldest })
		r.points[k] = slices.Clone(points[len(points)/2:])
		r.count += len(r.points[k])
	}
}

// compacted forgets what is too old, and gives lines in the place of all that
// were added: the calls of 90 days, and the batches that may come again.
func (r *rates) compacted() (all []any) {
	now := r.minute()
	maps.DeleteFunc(r.seen, func(_ string, at int32) bool { return at < now-int32(knownFor/time.Minute) })
	r.count = 0
	for k, points := range r.points {
		points = slices.DeleteFunc(points, func(m minute) bool { return m.at < now-keptMinutes })
		if r.points[k] = points; len(points) == 0 {
			delete(r.points, k)
			continue
		}
		r.count += len(points)
		one := rate{k.account, k.region, k.category, k.source, k.name, k.errorCode, nil}
		for _, m := range points {
			one.Minutes = append(one.Minutes, [2]uint32{uint32(m.at), m.calls})
		}
		all = append(all, rateLine{Rates: []rate{one}})
	}
	for id, at := range r.seen {
		all = append(all, rateLine{ID: id, At: at})
	}
	return all
}
