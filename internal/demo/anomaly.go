package demo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/trailhand/trailhand/internal/sim"
	"github.com/trailhand/trailhand/pkg/events"
)

const filePeriod = 15 * time.Minute // of event time in one log file

// anomaly is the third act.
func (p *play) anomaly(ctx context.Context) line {
	p.title("Act 3. Anomaly: nine days of traffic, three incidents, and the detector")
	told, err := p.playAnomaly(ctx)
	return line{Act: "Anomaly", Happened: fmt.Sprintf("%d of %d insights told, Start and End, nothing else", told, len(cases())), Err: err}
}

func (p *play) playAnomaly(ctx context.Context) (told int, err error) {
	t, err := traffic(p.cfg.Seed)
	if err != nil {
		return 0, err
	}
	p.clock.Set(t.Start)
	calls, err := p.deliverTraffic(ctx, t)
	if err != nil {
		return 0, err
	}
	p.say("%d calls of %d APIs, %d log files, %s to %s", calls, len(t.APIs), int(trafficEnd().Sub(t.Start)/filePeriod),
		t.Start.Format(time.DateOnly), trafficEnd().Format(time.DateOnly))
	found, err := p.insights(ctx)
	if err != nil {
		return 0, err
	}
	told, err = check(found)
	p.table(insightRows(found))
	if reportErr := p.report(t, found); reportErr != nil {
		return told, errors.Join(err, reportErr)
	}
	p.say("drawn in %s", p.cfg.Report)
	return told, err
}

// deliverTraffic puts the log files into the bucket as event time passes.
func (p *play) deliverTraffic(ctx context.Context, t *sim.Traffic) (calls int, err error) {
	client := p.s3()
	total := trafficEnd().Sub(t.Start)
	for from := t.Start; from.Before(trafficEnd()); from = from.Add(filePeriod) {
		n, err := p.deliverFile(ctx, client, t, from)
		if err != nil {
			return calls, fmt.Errorf("delivering %s: %w", from.Format(time.RFC3339), err)
		}
		calls += n
		if p.cfg.Progress != nil {
			p.cfg.Progress(float64(from.Add(filePeriod).Sub(t.Start)) / float64(total))
		}
	}
	// An hour of silence, and the clock closes what is still open.
	p.clock.Set(trafficEnd().Add(time.Hour))
	if err := p.cloud.Fire("DetectorClock"); err != nil {
		return calls, err
	}
	return calls, p.cloud.Idle(ctx)
}

// deliverFile delivers one log file, and waits until the functions are done with it.
func (p *play) deliverFile(ctx context.Context, client *s3.Client, t *sim.Traffic, from time.Time) (calls int, err error) {
	var body bytes.Buffer
	to := from.Add(filePeriod)
	if calls, err = t.WriteLogFile(&body, from, to); err != nil {
		return 0, err
	}
	name := events.Key{AccountID: t.AccountID, Kind: events.KeyLog, Region: t.Region, Time: to, Suffix: "trailhandDemo000"}
	if err := p.putObject(ctx, client, name.String(), body.Bytes()); err != nil {
		return 0, err
	}
	p.clock.Set(to)
	return calls, p.cloud.Idle(ctx)
}

func (p *play) putObject(ctx context.Context, client *s3.Client, key string, body []byte) error {
	_, err := client.PutObject(ctx, &s3.PutObjectInput{
		Bucket: aws.String(p.bucket("LogBucket")), Key: &key, Body: bytes.NewReader(body),
		ContentType: aws.String("application/json"), ContentEncoding: aws.String("gzip"),
	})
	return err
}

// bucket is the name of one of the template's buckets.
func (p *play) bucket(logicalID string) string {
	for _, b := range p.cloud.Wiring().Buckets {
		if b.LogicalID == logicalID {
			return b.Name
		}
	}
	return ""
}
