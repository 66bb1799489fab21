// Package warmstart is what the log reader and the detector agree on when
// BackfillStateMachine lets a detector begin with what log files of the last
// weeks say: the log reader writes tallies into a bucket, by place and day, and
// the detector learns them.
//
// The objects of one run, below its name:
//
//	tallies/<account>/<Region>/<yyyy-mm-dd>/<log file>.ndjson.zst   tallies of the calls of that day (UTC)
//	places/<account>/<Region>                                        an empty one for each place that has tallies
//	partial/<account>/<Region>.state                                 what was learned so far
//
// <log file> is a hash of the log file's bucket and key, so that reading it again
// writes the same objects. Account and Region are escaped: they are what a record says.
package warmstart

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/trailhand/trailhand/internal/replay"
)

// maxDays keeps a run below the silence after which a detector begins anew.
const maxDays = 60

// Order is what one run of the state machine is to do.
type Order struct {
	Run     string    // name of the execution
	Until   time.Time // the newest calls are from before it
	Days    int       // that are learned before Until
	Replace bool      // write over states that are there
}

// Parse reads an Order as the state machine passes it on. ask is what the one
// who started the execution wants.
//
//	{"run": "…", "started": "2026-11-21T05:00:00Z", "ask": {"days": 28, "until": "…", "replace": false}}
func Parse(text []byte) (Order, error) {
	var in struct {
		Run     string    `json:"run"`
		Started time.Time `json:"started"`
		Places  string    `json:"places"`
		Ask     struct {
			Days    *int      `json:"days"`
			Until   time.Time `json:"until"`
			Replace bool      `json:"replace"`
		} `json:"ask"`
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&in); err != nil {
		return Order{}, fmt.Errorf("warmStart: %w", err)
	}
	o := Order{Run: in.Run, Until: in.Started, Days: 28, Replace: in.Ask.Replace}
	if !in.Ask.Until.IsZero() {
		o.Until = in.Ask.Until
	}
	if in.Ask.Days != nil {
		o.Days = *in.Ask.Days
	}
	return o, o.validate()
}

func (o Order) validate() error {
	var errs []error
	if o.Run == "" || strings.Contains(o.Run, "/") {
		errs = append(errs, fmt.Errorf("warmStart: run %q is no name of an execution", o.Run))
	}
	if o.Until.IsZero() {
		errs = append(errs, errors.New("warmStart: started is missing"))
	}
	if o.Days < 1 || o.Days > maxDays {
		errs = append(errs, fmt.Errorf("warmStart: days: %d is not within 1 and %d", o.Days, maxDays))
	}
	return errors.Join(errs...)
}

// lateFiles is how long after its calls a log file may have been delivered.
const lateFiles = 24 * time.Hour

// Outside says why a log file delivered at a time is not read; empty if it is.
func (o Order) Outside(delivered time.Time) string {
	switch {
	case delivered.Before(o.Until.AddDate(0, 0, -o.Days)):
		return "delivered before the days that are learned"
	case !delivered.Before(o.Until.Add(lateFiles)):
		return "delivered long after the days that are learned"
	}
	return ""
}

// Tallies is what the keys of a place's tallies of one day begin with.
func (o Order) Tallies(p replay.Place, day time.Time) string {
	return o.Run + "/tallies/" + escaped(p) + "/" + day.UTC().Format(time.DateOnly) + "/"
}

// Name is the end of the keys of a log file's tallies.
func Name(bucket, key string) string {
	sum := sha256.Sum256([]byte(bucket + "/" + key))
	return hex.EncodeToString(sum[:16]) + ".ndjson.zst"
}

// Place is the key of the object that says that a place has tallies.
func (o Order) Place(p replay.Place) string { return o.Run + "/places/" + escaped(p) }

// Partial is what the keys of partial states begin with.
func (o Order) Partial() string { return o.Run + "/partial/" }

// PlaceOf reads the place out of a key that Place made.
func (o Order) PlaceOf(key string) (replay.Place, error) {
	name, ours := strings.CutPrefix(key, o.Run+"/places/")
	account, region, two := strings.Cut(name, "/")
	account, errAccount := url.PathUnescape(account)
	region, errRegion := url.PathUnescape(region)
	if !ours || !two || errAccount != nil || errRegion != nil || account == "" || region == "" {
		return replay.Place{}, fmt.Errorf("%q names no place of run %q", key, o.Run)
	}
	return replay.Place{AccountID: account, Region: region}, nil
}

func escaped(p replay.Place) string {
	return url.PathEscape(p.AccountID) + "/" + url.PathEscape(p.Region)
}
