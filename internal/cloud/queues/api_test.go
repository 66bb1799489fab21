package queues

import (
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/google/go-cmp/cmp"

	"github.com/trailhand/trailhand/internal/cloud/wire"
)

// serve puts the queues behind a port.
func serve(t *testing.T, q *Queues) string {
	t.Helper()
	service := q.Service()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if call := service.Serve(w, r, wire.Caller{AccountID: "111122223333", Region: "eu-west-1", UserID: "AIDAEXAMPLE"}); call.Err != nil {
			t.Errorf("%s: %v", call.EventName, call.Err)
		}
	}))
	q.cfg.Endpoint = "http://" + server.Listener.Addr().String()
	server.Start()
	t.Cleanup(server.Close)
	return server.URL
}

func client(t *testing.T, q *Queues) *sqs.Client {
	t.Helper()
	url := serve(t, q)
	return sqs.New(sqs.Options{
		Region: "eu-west-1", BaseEndpoint: &url, Credentials: credentials.NewStaticCredentialsProvider("AKIAEXAMPLE", "secret", ""),
		RetryMaxAttempts: 1,
	})
}

// The SDK itself verifies MD5OfMessageBody and MD5OfBody.
func TestTheSDKSendsReceivesAndDeletes(t *testing.T) {
	ctx := t.Context()
	q := newQueues(t, nil)
	c := client(t, q)
	made, err := c.CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: aws.String("orders")})
	if err != nil {
		t.Fatal(err)
	}
	found, err := c.GetQueueUrl(ctx, &sqs.GetQueueUrlInput{QueueName: aws.String("orders")})
	if err != nil || *found.QueueUrl != *made.QueueUrl {
		t.Fatalf("GetQueueUrl answers %v, %v, want %s", found, err, *made.QueueUrl)
	}
	sent, err := c.SendMessage(ctx, &sqs.SendMessageInput{
		QueueUrl: made.QueueUrl, MessageBody: aws.String("grüße"),
		MessageAttributes: map[string]types.MessageAttributeValue{"kind": {DataType: aws.String("String"), StringValue: aws.String("test")}},
	})
	if err != nil {
		t.Fatal(err)
	}
	got, err := c.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
		QueueUrl: made.QueueUrl, MessageAttributeNames: []string{"All"},
		MessageSystemAttributeNames: []types.MessageSystemAttributeName{"SenderId", "ApproximateReceiveCount"},
	})
	if err != nil || len(got.Messages) != 1 {
		t.Fatalf("ReceiveMessage answers %+v, %v", got, err)
	}
	m := got.Messages[0]
	if *m.Body != "grüße" || *m.MessageId != *sent.MessageId || *m.MD5OfMessageAttributes != *sent.MD5OfMessageAttributes {
		t.Errorf("received %+v, sent %+v", m, sent)
	}
	if diff := cmp.Diff(map[string]string{"SenderId": "AIDAEXAMPLE", "ApproximateReceiveCount": "1"}, m.Attributes); diff != "" {
		t.Errorf("attributes (-want +got):\n%s", diff)
	}
	if *m.MessageAttributes["kind"].StringValue != "test" {
		t.Errorf("message attributes %+v", m.MessageAttributes)
	}
	if _, err := c.ChangeMessageVisibility(ctx, &sqs.ChangeMessageVisibilityInput{QueueUrl: made.QueueUrl, ReceiptHandle: m.ReceiptHandle, VisibilityTimeout: 600}); err != nil {
		t.Error(err)
	}
	if _, err := c.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: made.QueueUrl, ReceiptHandle: m.ReceiptHandle}); err != nil {
		t.Error(err)
	}
	if d, _ := q.depth("orders"); d != (depth{}) {
		t.Errorf("%+v is left", d)
	}
}

func TestTheSDKSeesEveryAttributeOfAQueue(t *testing.T) {
	q := newQueues(t, map[string]map[string]string{"ledger.fifo": fifo("VisibilityTimeout", "360", "RedrivePolicy", dlq)})
	c := client(t, q)
	send(t, q, "ledger.fifo", Outgoing{Body: "a", GroupID: "g"}, Outgoing{Body: "b", GroupID: "h"})
	if _, err := q.Receive(t.Context(), "ledger.fifo", 1, 0); err != nil {
		t.Fatal(err)
	}
	out, err := c.GetQueueAttributes(t.Context(), &sqs.GetQueueAttributesInput{
		QueueUrl: aws.String(q.url("ledger.fifo")), AttributeNames: []types.QueueAttributeName{"All"},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, stamp := range []string{"CreatedTimestamp", "LastModifiedTimestamp"} {
		if n, err := strconv.ParseInt(out.Attributes[stamp], 10, 64); err != nil || time.Since(time.Unix(n, 0)) > time.Minute {
			t.Errorf("%s is %q", stamp, out.Attributes[stamp])
		}
		delete(out.Attributes, stamp)
	}
	want := map[string]string{
		"ApproximateNumberOfMessages": "1", "ApproximateNumberOfMessagesDelayed": "0", "ApproximateNumberOfMessagesNotVisible": "1",
		"ContentBasedDeduplication": "true", "DeduplicationScope": "queue", "DelaySeconds": "0", "FifoQueue": "true",
		"FifoThroughputLimit": "perQueue", "MaximumMessageSize": "1048576", "MessageRetentionPeriod": "345600",
		"QueueArn": "arn:aws:sqs:eu-west-1:111122223333:ledger.fifo", "ReceiveMessageWaitTimeSeconds": "0", "RedrivePolicy": dlq,
		"SqsManagedSseEnabled": "true", "VisibilityTimeout": "360",
	}
	if diff := cmp.Diff(want, out.Attributes); diff != "" {
		t.Errorf("attributes (-want +got):\n%s", diff)
	}
}

func TestABatchAnswersForEachEntry(t *testing.T) {
	ctx := t.Context()
	q := newQueues(t, map[string]map[string]string{"ledger.fifo": {"FifoQueue": "true"}})
	c := client(t, q)
	url := aws.String(q.url("ledger.fifo"))
	out, err := c.SendMessageBatch(ctx, &sqs.SendMessageBatchInput{QueueUrl: url, Entries: []types.SendMessageBatchRequestEntry{
		{Id: aws.String("1"), MessageBody: aws.String("a"), MessageGroupId: aws.String("g"), MessageDeduplicationId: aws.String("a")},
		{Id: aws.String("2"), MessageBody: aws.String("b"), MessageGroupId: aws.String("g")},
		{Id: aws.String("3"), MessageBody: aws.String("c"), MessageGroupId: aws.String("g"), MessageDeduplicationId: aws.String("c")},
	}})
	if err != nil {
		t.Fatal(err)
	}
	if len(out.Successful) != 2 || len(out.Failed) != 1 || *out.Failed[0].Id != "2" || *out.Failed[0].Code != "InvalidParameterValue" || !out.Failed[0].SenderFault {
		t.Fatalf("SendMessageBatch answers %+v", out)
	}
	if *out.Successful[0].SequenceNumber >= *out.Successful[1].SequenceNumber {
		t.Errorf("sequence numbers %s, %s do not rise", *out.Successful[0].SequenceNumber, *out.Successful[1].SequenceNumber)
	}
	got, err := c.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: url, MaxNumberOfMessages: 10})
	if err != nil || len(got.Messages) != 2 {
		t.Fatalf("ReceiveMessage answers %+v, %v", got, err)
	}
	shown, err := c.ChangeMessageVisibilityBatch(ctx, &sqs.ChangeMessageVisibilityBatchInput{QueueUrl: url, Entries: []types.ChangeMessageVisibilityBatchRequestEntry{
		{Id: aws.String("1"), ReceiptHandle: got.Messages[0].ReceiptHandle, VisibilityTimeout: 99},
		{Id: aws.String("2"), ReceiptHandle: aws.String("nonsense"), VisibilityTimeout: 99},
	}})
	if err != nil || len(shown.Successful) != 1 || len(shown.Failed) != 1 || *shown.Failed[0].Code != "ReceiptHandleIsInvalid" {
		t.Errorf("ChangeMessageVisibilityBatch answers %+v, %v", shown, err)
	}
	gone, err := c.DeleteMessageBatch(ctx, &sqs.DeleteMessageBatchInput{QueueUrl: url, Entries: []types.DeleteMessageBatchRequestEntry{
		{Id: aws.String("1"), ReceiptHandle: got.Messages[0].ReceiptHandle}, {Id: aws.String("2"), ReceiptHandle: got.Messages[1].ReceiptHandle},
	}})
	if err != nil || len(gone.Successful) != 2 || len(gone.Failed) != 0 {
		t.Errorf("DeleteMessageBatch answers %+v, %v", gone, err)
	}
}

func TestQueuesAreListedInPages(t *testing.T) {
	q := newQueues(t, map[string]map[string]string{"a-1": nil, "a-2": nil, "a-3": nil, "b": nil})
	pages := sqs.NewListQueuesPaginator(client(t, q), &sqs.ListQueuesInput{QueueNamePrefix: aws.String("a-"), MaxResults: aws.Int32(2)})
	var got []string
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, strings.Join(page.QueueUrls, " "))
	}
	want := []string{q.url("a-1") + " " + q.url("a-2"), q.url("a-3")}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("pages (-want +got):\n%s", diff)
	}
}

func TestTheMD5OfMessageAttributes(t *testing.T) {
	for name, tc := range map[string]struct {
		attributes map[string]types.MessageAttributeValue
		want       string
	}{
		"is SQS's": {
			map[string]types.MessageAttributeValue{"timestamp": {DataType: aws.String("Number"), StringValue: aws.String("1493147359900")}},
			"235c5c510d26fb653d073faed50ae77c",
		},
		"is over the sorted names and takes binary values": {
			map[string]types.MessageAttributeValue{
				"b": {DataType: aws.String("Number"), StringValue: aws.String("7")},
				"a": {DataType: aws.String("Binary"), BinaryValue: []byte{0, 1}},
			},
			"eaf94cfafd29c6065bc83206476105cd",
		},
	} {
		t.Run(name, func(t *testing.T) {
			if got := *attributesMD5(tc.attributes); got != tc.want {
				t.Errorf("%s, want %s", got, tc.want)
			}
		})
	}
}

func TestBoto3TalksToTheQueues(t *testing.T) {
	const script = `
import boto3, sys
q = boto3.client("sqs", region_name="eu-west-1", endpoint_url=sys.argv[1], aws_access_key_id="AKIAEXAMPLE", aws_secret_access_key="secret")
url = q.get_queue_url(QueueName="orders")["QueueUrl"]
q.send_message(QueueUrl=url, MessageBody="from boto3", MessageAttributes={"k": {"DataType": "String", "StringValue": "v"}})
m = q.receive_message(QueueUrl=url, AttributeNames=["All"], MessageAttributeNames=["All"])["Messages"][0]
assert m["Body"] == "from boto3" and m["Attributes"]["ApproximateReceiveCount"] == "1", m
q.delete_message(QueueUrl=url, ReceiptHandle=m["ReceiptHandle"])
assert "Messages" not in q.receive_message(QueueUrl=url)
try:
    q.get_queue_url(QueueName="none")
    assert False, "a queue that is not there was found"
except q.exceptions.QueueDoesNotExist as e:
    assert e.response["Error"]["Code"] == "AWS.SimpleQueueService.NonExistentQueue", e.response
`
	if err := exec.Command("python3", "-c", "import boto3").Run(); err != nil {
		t.Skip("python3 with boto3 is not installed: the queues are not tried with it")
	}
	q := newQueues(t, map[string]map[string]string{"orders": nil})
	url := serve(t, q)
	if out, err := exec.CommandContext(t.Context(), "python3", "-c", script, url).CombinedOutput(); err != nil {
		t.Errorf("boto3: %v\n%s", err, out)
	}
}
