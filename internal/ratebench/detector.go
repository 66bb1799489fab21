package ratebench

import (
	"time"

	"github.com/trailhand/trailhand/pkg/insights"
)

const (
	account = "123456789012"
	region  = "us-east-1"
)

// monday is the first minute of a series.
func monday() time.Time { return time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC) }

// detect runs the detector over a series. Beside it an API that is not judged calls every minute,
// so that the account and Region is never silent as a whole.
func detect(s Series, cfg insights.Config) (found []Finding) {
	cfg.Lateness = 0
	state := insights.NewState(account, region, cfg)
	tallies := make([]insights.Tally, 2)
	for m, c := range s.Counts {
		at := monday().Add(time.Duration(m) * time.Minute)
		tallies[0] = insights.Tally{AccountID: account, Region: region, Minute: at, EventSource: "example.amazonaws.com", EventName: "Read", ReadOnly: true, Count: 1}
		tallies[1] = insights.Tally{AccountID: account, Region: region, Minute: at, EventSource: "example.amazonaws.com", EventName: "Act", Count: int(c)}
		some := tallies
		if c == 0 {
			some = tallies[:1]
		}
		state.Add(insights.Batch{Tallies: some})
		for _, t := range state.Close(at.Add(time.Minute)) {
			found = follow(found, t)
		}
	}
	return found
}

func follow(found []Finding, t insights.Transition) []Finding {
	m := int(t.Time.Sub(monday()) / time.Minute)
	if t.Phase == insights.End {
		found[len(found)-1].End = m
		return found
	}
	f := Finding{Start: m, Decided: int(t.Reason.Decided.Sub(monday()) / time.Minute), Direction: Spike}
	if t.Reason.Direction == insights.Drop {
		f.Direction = Drop
	}
	return append(found, f)
}
