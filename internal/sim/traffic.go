// Package sim makes CloudTrail traffic: calls of a mix of APIs over event time,
// with incidents in it, as the gzip log files that CloudTrail would deliver.
// The same seed always gives the same bytes.
package sim

import (
	"fmt"
	"io"
	"math/rand/v2"
	"time"

	"github.com/klauspost/compress/gzip"
)

// API is one kind of call that traffic is made of: one eventSource, eventName
// and errorCode.
type API struct {
	EventSource string  // "s3.amazonaws.com"
	EventName   string  // "DeleteBucket"
	ErrorCode   string  // "" for calls that succeed
	ReadOnly    bool    // as the record's readOnly says
	PerMinute   float64 // mean rate, calls a minute
}

// Incident replaces the rate of one API in [From, To).
type Incident struct {
	EventSource, EventName, ErrorCode string
	From, To                          time.Time
	PerMinute                         float64
	Poisson                           bool // draw around PerMinute; otherwise exactly PerMinute calls in every minute
}

// Traffic is what one account does in one Region.
type Traffic struct {
	Seed      uint64
	AccountID string
	Region    string
	Start     time.Time // minute 0
	APIs      []API
	Incidents []Incident
}

// Count tells how many calls of the i-th API there are in the minute that
// contains at. Every minute is drawn for itself, so any window can be made alone.
func (t *Traffic) Count(i int, at time.Time) int {
	r := t.random(i, at)
	api := t.APIs[i]
	for _, in := range t.Incidents {
		if !in.concerns(api) || at.Before(in.From) || !at.Before(in.To) {
			continue
		}
		if in.Poisson {
			return poisson(r, in.PerMinute)
		}
		return int(in.PerMinute)
	}
	return poisson(r, api.PerMinute)
}

func (in Incident) concerns(a API) bool {
	return in.EventSource == a.EventSource && in.EventName == a.EventName && in.ErrorCode == a.ErrorCode
}

// random is the source of one API's minute; the API's place in the list is part of it.
func (t *Traffic) random(i int, at time.Time) *rand.Rand {
	minute := uint64(at.Sub(t.Start) / time.Minute)
	return rand.New(rand.NewPCG(t.Seed<<16|uint64(i), minute))
}

// WriteLogFile writes the calls of [from, to) as one gzip log file and returns
// the number of records in it. Like CloudTrail's, its records are not in order
// of time across APIs.
func (t *Traffic) WriteLogFile(w io.Writer, from, to time.Time) (records int, err error) {
	gz, err := gzip.NewWriterLevel(w, gzip.BestSpeed)
	if err != nil {
		return 0, fmt.Errorf("log file of %s: %w", from.Format(time.RFC3339), err)
	}
	buf := append(make([]byte, 0, 64<<10), `{"Records":[`...)
	for i, api := range t.APIs {
		for at := from; at.Before(to); at = at.Add(time.Minute) {
			n := t.Count(i, at)
			r := t.random(i, at.Add(365*24*time.Hour)) // another stream than Count's
			for range n {
				if records > 0 {
					buf = append(buf, ',')
				}
				buf = t.appendRecord(buf, api, at, r)
				records++
			}
			if len(buf) > 48<<10 {
				if _, err := gz.Write(buf); err != nil {
					return records, fmt.Errorf("log file of %s: %w", from.Format(time.RFC3339), err)
				}
				buf = buf[:0]
			}
		}
	}
	if _, err := gz.Write(append(buf, "]}"...)); err != nil {
		return records, fmt.Errorf("log file of %s: %w", from.Format(time.RFC3339), err)
	}
	if err := gz.Close(); err != nil {
		return records, fmt.Errorf("log file of %s: %w", from.Format(time.RFC3339), err)
	}
	return records, nil
}
