package demo

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"time"

	trailhand "github.com/trailhand/trailhand"
	"github.com/trailhand/trailhand/internal/sim"
	"github.com/trailhand/trailhand/pkg/events"
	"github.com/trailhand/trailhand/pkg/insights"
)

const (
	sampleRoot = "examples/logs/AWSLogs"
	// trafficAccount is another account than that of the other acts, so that its
	// event time is its own.
	trafficAccount = "111122223333"
	days           = 9
	background     = 12.0 // calls a minute of the sample logs' mix
)

// trafficStart is a Monday: nine days from it give the rates a week to be learned from.
func trafficStart() time.Time { return time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC) }
func trafficEnd() time.Time   { return trafficStart().AddDate(0, 0, days) }

// expected is an insight that the third act must tell, Start and End.
type expected struct {
	insights.Key
	from, to time.Time
	guide    string // what the user guide says of it
}

func key(t insights.InsightType, source, name, code string) insights.Key {
	return insights.Key{Type: t, Category: insights.Management, EventSource: source, EventName: name, ErrorCode: code}
}

// cases are the user guide's three, and the pair that the third earns besides:
// DeleteInstanceProfile is a write call, so its failures are a call rate too.
func cases() []expected {
	day := trafficStart().AddDate(0, 0, 8)
	at := func(hour, minute int) time.Time {
		return day.Add(time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute)
	}
	return []expected{
		{key(insights.CallRate, "s3.amazonaws.com", "DeleteBucket", ""), at(10, 0), at(10, 12), "20 a minute, then 100"},
		{key(insights.CallRate, "ec2.amazonaws.com", "AuthorizeSecurityGroupIngress", ""), at(14, 0), at(14, 10), "20 a minute, then none"},
		{key(insights.ErrorRate, "iam.amazonaws.com", "DeleteInstanceProfile", "AccessDeniedException"), at(17, 0), at(17, 8), "less than 1 a week, then 12 a minute"},
		{key(insights.CallRate, "iam.amazonaws.com", "DeleteInstanceProfile", ""), at(17, 0), at(17, 8), "the same calls, as a write call's rate"},
	}
}

// traffic is nine days of the sample logs' API mix with the cases in it.
func traffic(seed uint64) (*sim.Traffic, error) {
	mix, err := sampleMix()
	if err != nil {
		return nil, err
	}
	c := cases()
	bucket, ingress, profile := c[0], c[1], c[2]
	api := func(e expected, rate float64) sim.API {
		return sim.API{EventSource: e.EventSource, EventName: e.EventName, ErrorCode: e.ErrorCode, PerMinute: rate}
	}
	incident := func(e expected, rate float64) sim.Incident {
		return sim.Incident{EventSource: e.EventSource, EventName: e.EventName, ErrorCode: e.ErrorCode, From: e.from, To: e.to, PerMinute: rate}
	}
	return &sim.Traffic{
		Seed: seed, AccountID: trafficAccount, Region: region, Start: trafficStart(),
		APIs:      append(mix.APIs(background), api(bucket, 20), api(ingress, 20), api(profile, 0.5/(7*24*60))),
		Incidents: []sim.Incident{incident(bucket, 100), incident(ingress, 0), incident(profile, 12)},
	}, nil
}

// sampleFiles are the sample logs by the key under which CloudTrail delivered them.
func sampleFiles() (map[string][]byte, error) {
	files := make(map[string][]byte)
	logs := trailhand.SampleLogs()
	err := fs.WalkDir(logs, sampleRoot, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		body, err := logs.ReadFile(path)
		files[path[len("examples/logs/"):]] = body
		return err
	})
	return files, err
}

func sampleMix() (*sim.Mix, error) {
	files, err := sampleFiles()
	if err != nil {
		return nil, err
	}
	mix := sim.NewMix()
	for name, body := range files {
		r := events.OpenGzip(bytes.NewReader(body), events.Limits{})
		for rec, err := range r.All() {
			if err != nil {
				return nil, errors.Join(fmt.Errorf("reading %q: %w", name, err), r.Close())
			}
			mix.Add(rec)
		}
		if err := r.Close(); err != nil {
			return nil, err
		}
	}
	return mix, nil
}
