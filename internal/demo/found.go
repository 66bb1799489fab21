package demo

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/trailhand/trailhand/internal/replay"
	"github.com/trailhand/trailhand/internal/report"
	"github.com/trailhand/trailhand/internal/sim"
	"github.com/trailhand/trailhand/pkg/events"
	"github.com/trailhand/trailhand/pkg/insights"
)

// found is one Insight record that the detector delivered.
type found struct {
	insights.Key
	phase             insights.Phase
	at                time.Time
	sharedID          string
	baseline, insight float64
	minutes           int
	record            []byte
	reason            insights.Reason // beside the record, in the object's metadata
}

// insights reads the delivered Insight records, in the order of their times.
func (p *play) insights(ctx context.Context) ([]found, error) {
	client := p.s3()
	bucket := aws.String(p.bucket("DataBucket"))
	pages := s3.NewListObjectsV2Paginator(client, &s3.ListObjectsV2Input{Bucket: bucket, Prefix: aws.String(insightPrefix)})
	var all []found
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, o := range page.Contents {
			records, err := readInsights(ctx, client, bucket, o.Key)
			if err != nil {
				return nil, fmt.Errorf("reading %q: %w", *o.Key, err)
			}
			all = append(all, records...)
		}
	}
	slices.SortFunc(all, func(a, b found) int {
		return cmp.Or(a.at.Compare(b.at), strings.Compare(a.EventName, b.EventName), strings.Compare(string(a.Type), string(b.Type)))
	})
	return all, nil
}

func readInsights(ctx context.Context, client *s3.Client, bucket, key *string) ([]found, error) {
	o, err := client.GetObject(ctx, &s3.GetObjectInput{Bucket: bucket, Key: key})
	if err != nil {
		return nil, err
	}
	defer func() { _ = o.Body.Close() }()
	r := events.OpenGzip(o.Body, events.Limits{})
	defer func() { _ = r.Close() }()
	var reason insights.Reason
	if err := json.Unmarshal([]byte(o.Metadata["reason"]), &reason); err != nil {
		return nil, fmt.Errorf("the reason beside the record: %w", err)
	}
	var all []found
	for rec, err := range r.All() {
		if err != nil {
			return nil, err
		}
		f, err := newFound(rec)
		if err != nil {
			return nil, err
		}
		f.reason = reason
		all = append(all, f)
	}
	return all, nil
}

func newFound(rec *events.Record) (found, error) {
	at, err := rec.Time()
	if err != nil {
		return found{}, err
	}
	var d struct {
		State, EventSource, EventName, ErrorCode string
		InsightType                              insights.InsightType
		InsightContext                           struct {
			Statistics struct {
				Baseline, Insight struct{ Average float64 }
				InsightDuration   int
			}
		}
	}
	if err := json.Unmarshal(rec.Text(events.InsightDetails), &d); err != nil {
		return found{}, fmt.Errorf("insightDetails: %w", err)
	}
	s := d.InsightContext.Statistics
	return found{
		Key: key(d.InsightType, d.EventSource, d.EventName, d.ErrorCode), phase: insights.Phase(d.State), at: at,
		sharedID: rec.String(events.SharedEventID), baseline: s.Baseline.Average, insight: s.Insight.Average,
		minutes: s.InsightDuration, record: bytes.Clone(rec.Raw()),
	}, nil
}

// check counts the expected insights that were told, and holds that each has
// one Start in its incident and one End near the incident's, and that there is
// no other.
func check(all []found) (told int, err error) {
	var errs []error
	byKey := map[insights.Key][]found{}
	for _, f := range all {
		byKey[f.Key] = append(byKey[f.Key], f)
	}
	for _, c := range cases() {
		if err := c.check(byKey[c.Key]); err != nil {
			errs = append(errs, err)
		} else {
			told++
		}
		delete(byKey, c.Key)
	}
	for k, extra := range byKey {
		errs = append(errs, fmt.Errorf("%s of %s %s at %s: nothing unusual was there", k.Type, k.EventName, k.ErrorCode, extra[0].at.Format(time.RFC3339)))
	}
	return told, errors.Join(errs...)
}

func (e expected) check(got []found) error {
	name := fmt.Sprintf("%s of %s", e.Type, e.EventName)
	if len(got) != 2 || got[0].phase != insights.Start || got[1].phase != insights.End {
		return fmt.Errorf("%s: %d records, want a Start and an End", name, len(got))
	}
	start, end := got[0], got[1]
	if start.sharedID != end.sharedID {
		return fmt.Errorf("%s: Start and End have two sharedEventIDs", name)
	}
	if start.at.Before(e.from) || !start.at.Before(e.to) {
		return fmt.Errorf("%s: Start at %s, want it in the incident from %s", name, start.at.Format("15:04"), e.from.Format("15:04"))
	}
	if late := end.at.Sub(e.to).Abs(); late > 5*time.Minute {
		return fmt.Errorf("%s: End at %s, want it near %s", name, end.at.Format("15:04"), e.to.Format("15:04"))
	}
	return nil
}

func insightRows(all []found) [][]string {
	rows := [][]string{{"time (UTC)", "", "insight", "API", "baseline a minute", "insight a minute", "minutes"}}
	for _, f := range all {
		api := f.EventName
		if f.ErrorCode != "" {
			api += " " + f.ErrorCode
		}
		rows = append(rows, []string{
			f.at.Format("Jan 2 15:04"), string(f.phase), string(f.Type), api,
			fmt.Sprintf("%.4g", f.baseline), fmt.Sprintf("%.4g", f.insight), fmt.Sprint(f.minutes),
		})
	}
	return rows
}

// report draws each expected insight's rate over the nine days.
func (p *play) report(t *sim.Traffic, all []found) error {
	page := report.Page{
		Title: "Unusual call rates",
		Lead:  "Nine days of generated traffic over the sample logs' own API mix, with the three examples of the CloudTrail user guide in it, as the detector saw them.",
		Made:  time.Now(),
	}
	for _, c := range cases() {
		page.Charts = append(page.Charts, c.chart(t, all))
	}
	f, err := os.Create(p.cfg.Report)
	if err != nil {
		return fmt.Errorf("the report: %w", err)
	}
	return errors.Join(report.Write(f, page), f.Close())
}

func (e expected) chart(t *sim.Traffic, all []found) report.Chart {
	c := report.Chart{Title: e.EventName, Subtitle: fmt.Sprintf("%s · %s · %s", e.Type, e.EventSource, e.guide), From: t.Start}
	if e.ErrorCode != "" {
		c.Title += " failing with " + e.ErrorCode
	}
	c.PerMinute = make([]int, trafficEnd().Sub(t.Start)/time.Minute)
	for i, api := range t.APIs {
		if api.EventSource != e.EventSource || api.EventName != e.EventName || e.ErrorCode != "" && api.ErrorCode != e.ErrorCode {
			continue
		}
		for m := range c.PerMinute {
			c.PerMinute[m] += t.Count(i, t.Start.Add(time.Duration(m)*time.Minute))
		}
	}
	why := ""
	for _, f := range all {
		if f.Key != e.Key {
			continue
		}
		if f.phase == insights.Start {
			why = replay.Because(f.reason)
		}
		c.Records = append(c.Records, f.record)
		if f.phase == insights.End {
			start := f.at.Add(-time.Duration(f.minutes) * time.Minute)
			c.Incidents = append(c.Incidents, report.Incident{Start: start, End: f.at, Baseline: f.baseline, Insight: f.insight, Reason: why})
		}
	}
	return c
}
