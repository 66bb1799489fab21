package demo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	trailhand "github.com/trailhand/trailhand"
	"github.com/trailhand/trailhand/internal/awsio"
	"github.com/trailhand/trailhand/internal/desired"
	"github.com/trailhand/trailhand/pkg/trail"
)

// undoing is one call by which somebody undoes a trail.
type undoing struct {
	call string
	do   func(ctx context.Context, ct *cloudtrail.Client, name string) error
}

// undoings are ordinary SDK calls, the last of which deletes the trail.
func undoings() []undoing {
	return []undoing{
		{"StopLogging", func(ctx context.Context, ct *cloudtrail.Client, name string) error {
			_, err := ct.StopLogging(ctx, &cloudtrail.StopLoggingInput{Name: &name})
			return err
		}},
		{"PutEventSelectors", func(ctx context.Context, ct *cloudtrail.Client, name string) error {
			_, err := ct.PutEventSelectors(ctx, &cloudtrail.PutEventSelectorsInput{TrailName: &name, EventSelectors: []types.EventSelector{
				{ReadWriteType: types.ReadWriteTypeReadOnly, IncludeManagementEvents: aws.Bool(true)},
			}})
			return err
		}},
		{"UpdateTrail", func(ctx context.Context, ct *cloudtrail.Client, name string) error {
			_, err := ct.UpdateTrail(ctx, &cloudtrail.UpdateTrailInput{Name: &name, IsMultiRegionTrail: aws.Bool(false), EnableLogFileValidation: aws.Bool(false)})
			return err
		}},
		{"PutInsightSelectors", func(ctx context.Context, ct *cloudtrail.Client, name string) error {
			_, err := ct.PutInsightSelectors(ctx, &cloudtrail.PutInsightSelectorsInput{TrailName: &name, InsightSelectors: []types.InsightSelector{}})
			return err
		}},
		{"RemoveTags", func(ctx context.Context, ct *cloudtrail.Client, name string) error {
			_, err := ct.RemoveTags(ctx, &cloudtrail.RemoveTagsInput{ResourceId: aws.String(trailARN(name)), TagsList: []types.Tag{{Key: aws.String("Owner")}}})
			return err
		}},
		{"DeleteTrail", func(ctx context.Context, ct *cloudtrail.Client, name string) error {
			_, err := ct.DeleteTrail(ctx, &cloudtrail.DeleteTrailInput{Name: &name})
			return err
		}},
	}
}

func trailARN(name string) string {
	return fmt.Sprintf("arn:aws:cloudtrail:%s:%s:trail/%s", region, accountID, name)
}

// drift is the first act.
func (p *play) drift(ctx context.Context) line {
	p.title("Act 1. Drift: somebody undoes the trail, and the reconciler puts it back")
	l := line{Act: "Drift"}
	repaired, err := p.playDrift(ctx)
	l.Happened = fmt.Sprintf("%d of %d changes undone, none looping", repaired, len(undoings()))
	l.Err = err
	return l
}

func (p *play) playDrift(ctx context.Context) (repaired int, err error) {
	spec, err := p.desiredTrail(ctx)
	if err != nil {
		return 0, err
	}
	want := spec.Trails[0]
	heard, err := p.listen(ctx, "drift", `{"source":["trailhand"]}`)
	if err != nil {
		return 0, err
	}
	if err := p.makeTrail(ctx, want); err != nil {
		return 0, err
	}
	p.witness.take()
	if _, err := heard.drain(ctx); err != nil {
		return 0, err
	}
	mallory, err := p.client(ctx, "mallory")
	if err != nil {
		return 0, err
	}
	ct := cloudtrail.NewFromConfig(mallory)
	rows := [][]string{{"mallory calls", "drift seen in", "the reconciler calls", "whole again after"}}
	for _, u := range undoings() {
		row, err := p.undo(ctx, ct, u, want, heard)
		if err != nil {
			p.table(rows)
			return repaired, fmt.Errorf("%s: %w", u.call, err)
		}
		repaired++
		rows = append(rows, row)
	}
	p.table(rows)
	return repaired, p.nothingLoops(ctx)
}

// makeTrail lets a sweep make the trail: it is missing, and that is drift too.
func (p *play) makeTrail(ctx context.Context, want trail.Desired) error {
	if err := p.cloud.Fire("ReconcilerSweep"); err != nil {
		return err
	}
	if err := p.whole(ctx, want); err != nil {
		return fmt.Errorf("making the trail: %w", err)
	}
	p.say("trail %q made from examples/desired.yaml: all Regions, validated, both insight types, logging", want.Name)
	return nil
}

// undo plays one change, and returns its row of the table.
func (p *play) undo(ctx context.Context, ct *cloudtrail.Client, u undoing, want trail.Desired, heard *listener) ([]string, error) {
	if err := u.do(ctx, ct, want.Name); err != nil {
		return nil, err
	}
	begun := time.Now()
	if err := p.whole(ctx, want); err != nil {
		return nil, err
	}
	took := time.Since(begun)
	fields, err := heard.repaired(ctx, u.call, "user/mallory")
	if err != nil {
		return nil, err
	}
	return []string{u.call, strings.Join(fields, ", "), strings.Join(p.witness.take(), ", "), fmt.Sprintf("%d ms", took.Milliseconds())}, nil
}

// whole waits until everything that was set off has ended, and compares the trail.
func (p *play) whole(ctx context.Context, want trail.Desired) error {
	if err := p.cloud.Idle(ctx); err != nil {
		return err
	}
	got, err := awsio.NewTrails(p.aws).Observe(ctx, trail.Ref{Region: want.HomeRegion, Trail: want.Name})
	if err != nil {
		return err
	}
	var errs []error
	for _, d := range trail.Diff(want, got) {
		errs = append(errs, fmt.Errorf("%s is %v, want %v", d.Field, d.Got, d.Want))
	}
	return errors.Join(errs...)
}

// nothingLoops holds when a whole trail makes nobody change anything: neither
// the events of our own repairs nor a sweep.
func (p *play) nothingLoops(ctx context.Context) error {
	if err := p.cloud.Fire("ReconcilerSweep"); err != nil {
		return err
	}
	if err := p.cloud.Idle(ctx); err != nil {
		return err
	}
	if calls := p.witness.take(); len(calls) > 0 {
		return fmt.Errorf("the trail is whole, and the reconciler still calls %v", calls)
	}
	p.say("then a sweep, and the events of its own repairs: the reconciler changed nothing more")
	return nil
}

// desiredTrail puts examples/desired.yaml, with the account's own log bucket in
// it, where the reconciler reads it.
func (p *play) desiredTrail(ctx context.Context) (trail.Spec, error) {
	source, err := trailhand.DesiredTrail()
	if err != nil {
		return trail.Spec{}, err
	}
	source = bytes.ReplaceAll(source, []byte("trailhand-logs"), []byte(p.bucket("LogBucket")))
	client := p.s3()
	_, err = client.PutObject(ctx, &s3.PutObjectInput{
		Bucket: aws.String(p.bucket("DataBucket")), Key: aws.String(desiredKey), Body: bytes.NewReader(source),
	})
	if err != nil {
		return trail.Spec{}, err
	}
	spec, err := desired.Parse("examples/desired.yaml", source)
	return spec.InRegion(region), err
}
