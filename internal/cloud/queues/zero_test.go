package queues

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"
)

// post sends one request as boto3 does, which sends a 0 that was given. The Go
// SDK leaves it out.
func post(t *testing.T, url, operation, body string, into any) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Amz-Target", "AmazonSQS."+operation)
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if err := json.NewDecoder(resp.Body).Decode(into); err != nil {
		t.Fatal(err)
	}
}

func TestAZeroThatIsGivenIsNotAbsent(t *testing.T) {
	type answer struct {
		Type     string            `json:"__type"`
		Messages []json.RawMessage `json:"Messages"`
	}
	for name, tc := range map[string]struct {
		send, operation  string // how the message comes
		attributes       map[string]string
		receive          string
		visible, waiting int // messages after the first receive
		refused          string
	}{
		"a visibility timeout leaves the message visible": {
			receive: `{"QueueUrl":"orders","VisibilityTimeout":0}`, visible: 1,
		},
		"no visibility timeout is the queue's": {
			receive: `{"QueueUrl":"orders"}`, waiting: 1,
		},
		"a delay shows the message at once": {
			send: `{"QueueUrl":"orders","MessageBody":"m","DelaySeconds":0}`, attributes: map[string]string{"DelaySeconds": "900"},
			receive: `{"QueueUrl":"orders"}`, waiting: 1,
		},
		"a delay in a batch shows the message at once": {
			send: `{"QueueUrl":"orders","Entries":[{"Id":"1","MessageBody":"m","DelaySeconds":0}]}`, operation: "SendMessageBatch",
			attributes: map[string]string{"DelaySeconds": "900"}, receive: `{"QueueUrl":"orders"}`, waiting: 1,
		},
		"no number of messages can be received": {
			receive: `{"QueueUrl":"orders","MaxNumberOfMessages":0}`, visible: 1, refused: "com.amazonaws.sqs#InvalidParameterValueException",
		},
	} {
		t.Run(name, func(t *testing.T) {
			q := newQueues(t, map[string]map[string]string{"orders": tc.attributes})
			url := serve(t, q)
			var sent, got answer
			if tc.send == "" {
				tc.send = `{"QueueUrl":"orders","MessageBody":"m"}`
			}
			if tc.operation == "" {
				tc.operation = "SendMessage"
			}
			post(t, url, tc.operation, tc.send, &sent)
			post(t, url, "ReceiveMessage", tc.receive, &got)
			if tc.refused == "" && len(got.Messages) != 1 || !strings.HasSuffix(tc.refused, got.Type) {
				t.Errorf("received %+v", got)
			}
			if d, _ := q.depth("orders"); d.Visible != tc.visible || d.InFlight != tc.waiting {
				t.Errorf("afterwards %+v, want %d visible and %d in flight", d, tc.visible, tc.waiting)
			}
		})
	}
}

func TestAWaitOfZeroSecondsDoesNotWaitAsTheQueueDoes(t *testing.T) {
	q := newQueues(t, map[string]map[string]string{"orders": {"ReceiveMessageWaitTimeSeconds": "20"}})
	r, err := q.request(&receiveMessageInput{WaitTimeSeconds: new(int32(0))})
	if err != nil || r.wait != 0 {
		t.Errorf("waits %s, %v", r.wait, err)
	}
	in := &receiveMessageInput{}
	in.QueueUrl = new("orders")
	if r, err = q.request(in); err != nil || r.wait != 20*time.Second {
		t.Errorf("waits %s, %v, want the queue's 20 s", r.wait, err)
	}
}
