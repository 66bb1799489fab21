package functions

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"

	"github.com/trailhand/trailhand/internal/cloud/queues"
	"github.com/trailhand/trailhand/internal/cloud/template"
)

// consumer is a handler of SQS events that answers the ids it failed on.
func consumer(t *testing.T, each func(m events.SQSMessage) error) func(context.Context, []byte) ([]byte, error) {
	return func(_ context.Context, payload []byte) ([]byte, error) {
		var event events.SQSEvent
		if err := json.Unmarshal(payload, &event); err != nil {
			t.Errorf("the payload is not an SQS event: %v", err)
		}
		answer := events.SQSEventResponse{BatchItemFailures: []events.SQSBatchItemFailure{}}
		failed := false
		for _, m := range event.Records {
			// A function must stop at the first failure in a FIFO queue, and return the rest.
			skip := failed && strings.HasSuffix(m.EventSourceARN, ".fifo")
			if failed = skip || each(m) != nil; failed {
				answer.BatchItemFailures = append(answer.BatchItemFailures, events.SQSBatchItemFailure{ItemIdentifier: m.MessageId})
			}
		}
		return json.Marshal(answer)
	}
}

func TestTheSQSPayloadIsLambdas(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var payload []byte
		s := start(t, handlers{"Clerk": func(_ context.Context, p []byte) ([]byte, error) {
			payload = p
			return nil, nil
		}}.functions(), nil)
		defer s.close()
		s.send("Ledger.fifo", queues.Outgoing{Body: "hello", GroupID: "g", DeduplicationID: "d", SenderID: "AIDAEXAMPLE"})
		s.idle()

		var got map[string]any
		if err := json.Unmarshal(payload, &got); err != nil {
			t.Fatal(err)
		}
		record := got["Records"].([]any)[0].(map[string]any)
		for _, varying := range []string{"messageId", "receiptHandle"} {
			if text, _ := record[varying].(string); text == "" {
				t.Errorf("%s is %v", varying, record[varying])
			}
			delete(record, varying)
		}
		want := map[string]any{
			"body": "hello",
			"attributes": map[string]any{
				"ApproximateReceiveCount": "1", "SentTimestamp": "946684800000", "SequenceNumber": "18800000000000000001",
				"MessageGroupId": "g", "SenderId": "AIDAEXAMPLE", "MessageDeduplicationId": "d", "ApproximateFirstReceiveTimestamp": "946684800000",
			},
			"messageAttributes": map[string]any{},
			"md5OfBody":         "5d41402abc4b2a76b9719d911017c592",
			"eventSource":       "aws:sqs",
			"eventSourceARN":    "arn:aws:sqs:eu-west-1:111122223333:test-Ledger.fifo",
			"awsRegion":         "eu-west-1",
		}
		if diff := cmp.Diff(want, record); diff != "" {
			t.Errorf("record (-want +got):\n%s", diff)
		}
	})
}

func TestOnlyTheFailedMessagesOfABatchComeAgainAndThenGoToTheDeadLetterQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		var j journal
		s := start(t, handlers{"Seller": consumer(t, func(m events.SQSMessage) error {
			j.add(fmt.Sprintf("%s at %v", m.Body, time.Since(begun)))
			if m.Body == "bad" {
				return errors.New("damaged")
			}
			return nil
		})}.functions(), nil)
		defer s.close()
		for _, body := range []string{"a", "bad", "c"} {
			s.send("Orders", queues.Outgoing{Body: body})
		}
		s.idle()

		got := j.all()
		slices.Sort(got)
		want := []string{"a at 0s", "bad at 0s", "bad at 1m0s", "bad at 2m0s", "c at 0s"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("handled (-want +got):\n%s", diff)
		}
		dead := s.failures()
		if len(dead) != 1 || dead[0].Body != "bad" || dead[0].Attributes["DeadLetterQueueSourceArn"] == "" {
			t.Errorf("dead letters %+v, want the bad message and where it came from", dead)
		}
	})
}

func TestAConfiguredRetryIsSoonerThanTheVisibilityTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		var j journal
		s := start(t, handlers{"Seller": consumer(t, func(events.SQSMessage) error {
			j.add(time.Since(begun).String())
			return errors.New("damaged")
		})}.functions(), func(cfg *Config) {
			cfg.RetryAfter = func(attempt int) time.Duration { return time.Duration(attempt) * time.Second }
		})
		defer s.close()
		s.send("Orders", queues.Outgoing{Body: "bad"})
		s.idle()
		if want := []string{"0s", "1s", "3s"}; !slices.Equal(j.all(), want) {
			t.Errorf("attempts at %v, want %v", j.all(), want)
		}
	})
}

func TestEveryGroupOfAFIFOQueueKeepsItsOrderThroughFailures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var j journal
		seen := map[string]int{}
		s := start(t, handlers{"Clerk": consumer(t, func(m events.SQSMessage) error {
			j.mu.Lock()
			seen[m.Body]++
			n := seen[m.Body]
			j.mu.Unlock()
			if n == 1 && strings.HasSuffix(m.Body, "4") {
				return errors.New("conflict")
			}
			j.add(m.Body)
			return nil
		})}.functions(), nil)
		defer s.close()
		groups := []string{"a", "b", "c"}
		for i := range 9 {
			for _, g := range groups {
				s.send("Ledger.fifo", queues.Outgoing{Body: fmt.Sprint(g, i), GroupID: g})
			}
		}
		s.idle()

		for _, g := range groups {
			var got, want []string
			for _, line := range j.all() {
				if strings.HasPrefix(line, g) {
					got = append(got, line)
				}
			}
			for i := range 9 {
				want = append(want, fmt.Sprint(g, i))
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("group %s (-want +got):\n%s", g, diff)
			}
		}
	})
}

func TestIdleWaitsForWhatAMessageSetsOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var j journal
		var s *stage
		s = start(t, handlers{
			"Seller": consumer(t, func(m events.SQSMessage) error {
				time.Sleep(time.Second)
				s.send("Ledger.fifo", queues.Outgoing{Body: m.Body, GroupID: "g"})
				return nil
			}),
			"Clerk": consumer(t, func(m events.SQSMessage) error {
				time.Sleep(time.Second)
				return s.InvokeAsync("Worker", []byte(`"`+m.Body+`"`))
			}),
			"Worker": func(_ context.Context, payload []byte) ([]byte, error) {
				time.Sleep(time.Second)
				j.add(string(payload))
				return nil, nil
			},
		}.functions(), nil)
		defer s.close()
		for round := range 3 {
			s.send("Orders", queues.Outgoing{Body: fmt.Sprint("order ", round)})
			s.idle()
			if got := len(j.all()); got != round+1 {
				t.Fatalf("idle after round %d with %d of its events handled", round, got)
			}
		}
	})
}

func TestIdleEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := start(t, handlers{"Worker": func(context.Context, []byte) ([]byte, error) {
			time.Sleep(5 * time.Second)
			return nil, nil
		}}.functions(), nil)
		defer s.close()
		if err := s.InvokeAsync("Worker", nil); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := s.Idle(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Idle answers %v, want the end of its context", err)
		}
	})
}

func TestAnAnswerToABatch(t *testing.T) {
	batch := []queues.Message{{ID: "1"}, {ID: "2"}}
	all := []string{"1", "2"}
	for name, tc := range map[string]struct {
		answer string
		want   []string
	}{
		"that is empty is success of all":           {``, nil},
		"that is null is success of all":            {`null`, nil},
		"that is an empty object is success of all": {`{}`, nil},
		"with an empty list is success of all":      {`{"batchItemFailures":[]}`, nil},
		"with a null list is success of all":        {`{"batchItemFailures":null}`, nil},
		"names the failed":                          {`{"batchItemFailures":[{"itemIdentifier":"2"}]}`, []string{"2"}},
		"with an unknown id is failure of all":      {`{"batchItemFailures":[{"itemIdentifier":"3"}]}`, all},
		"with an empty id is failure of all":        {`{"batchItemFailures":[{"itemIdentifier":""}]}`, all},
		"with a null id is failure of all":          {`{"batchItemFailures":[{"itemIdentifier":null}]}`, all},
		"with another key is failure of all":        {`{"batchItemFailures":[{"itemidentifier":"2"}]}`, all},
		"that is no object is failure of all":       {`"ok"`, all},
		"that is not JSON is failure of all":        {`ok`, all},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := failedIDs(template.Mapping{PartialResponses: true}, []byte(tc.answer), batch)
			if !slices.Equal(got, tc.want) {
				t.Errorf("failed %v (%v), want %v", got, err, tc.want)
			}
			if wantErr := len(tc.want) == 2; (err != nil) != wantErr {
				t.Errorf("error %v", err)
			}
		})
	}
	if got, err := failedIDs(template.Mapping{}, []byte(`{"batchItemFailures":[{"itemIdentifier":"2"}]}`), batch); got != nil || err != nil {
		t.Errorf("without ReportBatchItemFailures: %v, %v; want success of all", got, err)
	}
}
