package flows

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/trailhand/trailhand/pkg/events"
	"github.com/trailhand/trailhand/pkg/insights"
)

const unusual = "TerminateInstances"

// Rates sends the tallies of two quiet days and of a burst, and holds that the
// detector tells its Start and its End, by the clock once more too.
func (a *Account) Rates(ctx context.Context) error {
	if err := a.send(ctx, batch(time.Now().UTC())); err != nil {
		return err
	}
	if err := a.Fire("DetectorClock"); err != nil {
		return err
	}
	if err := a.Idle(ctx); err != nil {
		return err
	}
	told, err := a.told(ctx)
	if err != nil {
		return err
	}
	if told["Start"] != 1 || told["End"] != 1 {
		return fmt.Errorf("insights told of %s: %v, want one Start and one End", unusual, told)
	}
	return nil
}

// BadTallies sends what is no batch of tallies, and holds that it is set aside.
func (a *Account) BadTallies(ctx context.Context) error {
	if err := a.send(ctx, "no batch of tallies"); err != nil {
		return err
	}
	return a.setAside(ctx, "TallyDeadLetters", "no batch of tallies")
}

func (a *Account) send(ctx context.Context, body any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	_, err = sqs.NewFromConfig(a.aws).SendMessage(ctx, &sqs.SendMessageInput{
		QueueUrl: a.queue("TallyQueue"), MessageBody: aws.String(string(text)),
		MessageGroupId: aws.String(accountID + "/" + region), MessageDeduplicationId: aws.String(fmt.Sprint(len(text))),
	})
	if err != nil {
		return err
	}
	return a.Idle(ctx)
}

// batch is two days and two hours of an API that is called every ten minutes,
// and of one that is called once a day, and in a burst two hours ago.
func batch(now time.Time) insights.Batch {
	b := insights.Batch{ID: "flows/rates@1#0", AccountID: accountID, Region: region}
	add := func(at time.Time, name string, count int) {
		b.Tallies = append(b.Tallies, insights.Tally{
			AccountID: accountID, Region: region, Minute: at, EventSource: "ec2.amazonaws.com", EventName: name,
			Category: insights.Management, Count: count, UserAgents: map[string]int{"aws-cli": count},
		})
	}
	burst := now.Truncate(time.Minute).Add(-2 * time.Hour)
	for at := burst.Add(-48 * time.Hour); at.Before(now); at = at.Add(10 * time.Minute) {
		add(at, "CreateTags", 5)
	}
	for day := range 2 {
		add(burst.Add(-time.Duration(day)*24*time.Hour-time.Hour), unusual, 1)
	}
	for minute := range 5 {
		add(burst.Add(time.Duration(minute)*time.Minute), unusual, 60)
	}
	return b
}

// told counts the Insight records of the burst by their state.
func (a *Account) told(ctx context.Context) (map[string]int, error) {
	files, err := a.objects(ctx, "insights/")
	if err != nil {
		return nil, err
	}
	told := map[string]int{}
	for key, file := range files {
		record, err := only(file)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", key, err)
		}
		var detail struct {
			State     string `json:"state"`
			EventName string `json:"eventName"`
		}
		if err := json.Unmarshal(record.Text(events.InsightDetails), &detail); err != nil {
			return nil, fmt.Errorf("%s: %w", key, err)
		}
		if detail.EventName == unusual {
			told[detail.State]++
		}
	}
	return told, nil
}

// only reads the one record of an Insight file.
func only(file []byte) (*events.Record, error) {
	r := events.OpenGzip(bytes.NewReader(file), events.Limits{})
	return r.Next()
}
