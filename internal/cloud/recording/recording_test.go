package recording_test

import (
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	cloudtrailtypes "github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	eventbridgetypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/trailhand/trailhand/internal/cloud/recording"
	"github.com/trailhand/trailhand/internal/cloud/trails"
	"github.com/trailhand/trailhand/internal/cloud/wire"
	"github.com/trailhand/trailhand/pkg/events"
)

var update = flag.Bool("update", false, "write the golden files anew")

func p[T any](v T) *T { return &v }

// call is a call of Mary's, to be completed.
func call(source, name string, request, response any) wire.Call {
	return wire.Call{
		Time: time.Date(2024, 1, 2, 3, 4, 5, 999, time.UTC), EventSource: source, EventName: name, RequestID: "9d478fc1-4f10-490f-a26b-5ea8a4e0e932",
		Caller: wire.Caller{
			AccountID: "123456789012", Region: "us-east-2", SourceIP: "192.0.2.1", UserAgent: "aws-cli/2.13.5 <test>",
			Identity: json.RawMessage(`{"type":"IAMUser","principalId":"AIDAEXAMPLE","arn":"arn:aws:iam::123456789012:user/Mary","accountId":"123456789012","userName":"Mary"}`),
		},
		Request: request, Response: response,
	}
}

func with(c wire.Call, change func(*wire.Call)) wire.Call {
	change(&c)
	return c
}

// TestRecords compares each record, laid out for reading, with its golden file.
func TestRecords(t *testing.T) {
	const queue = "http://127.0.0.1:4566/123456789012/jobs"
	bucket := wire.Resource{Type: "AWS::S3::Bucket", ARN: "arn:aws:s3:::b", AccountID: "123456789012"}
	for name, c := range map[string]wire.Call{
		"creating a trail": call("cloudtrail.amazonaws.com", "CreateTrail",
			&cloudtrail.CreateTrailInput{Name: p("my-trail"), S3BucketName: p("b"), S3KeyPrefix: p("p"), SnsTopicName: p("t"), IsMultiRegionTrail: p(true), EnableLogFileValidation: p(true),
				KmsKeyId: p("alias/k"), TagsList: []cloudtrailtypes.Tag{{Key: p("Owner"), Value: p("Mary")}}},
			&cloudtrail.CreateTrailOutput{Name: p("my-trail"), S3BucketName: p("b"), SnsTopicARN: p("arn:aws:sns:us-east-2:123456789012:t"), TrailARN: p("arn:aws:cloudtrail:us-east-2:123456789012:trail/my-trail"), LogFileValidationEnabled: p(true)}),
		"putting event selectors": call("cloudtrail.amazonaws.com", "PutEventSelectors",
			&cloudtrail.PutEventSelectorsInput{TrailName: p("my-trail"), EventSelectors: []cloudtrailtypes.EventSelector{{
				ReadWriteType: "ReadOnly", IncludeManagementEvents: p(false), ExcludeManagementEventSources: []string{},
				DataResources: []cloudtrailtypes.DataResource{{Type: p("AWS::S3::Object"), Values: []string{}}},
			}}},
			&cloudtrail.PutEventSelectorsOutput{TrailARN: p("arn:aws:cloudtrail:us-east-2:123456789012:trail/my-trail")}),
		"stopping a trail, over TLS": with(call("cloudtrail.amazonaws.com", "StopLogging", &cloudtrail.StopLoggingInput{Name: p("my-trail")}, &cloudtrail.StopLoggingOutput{}),
			func(c *wire.Call) {
				c.TLS = &wire.TLS{Version: "TLSv1.3", CipherSuite: "TLS_AES_128_GCM_SHA256", Host: "cloudtrail.us-east-2.amazonaws.com"}
			}),
		"a call that failed": with(call("cloudtrail.amazonaws.com", "UpdateTrail", &cloudtrail.UpdateTrailInput{Name: p("my-trail")}, nil),
			func(c *wire.Call) {
				c.Fault = &wire.Fault{Code: "TrailNotFoundException", Message: "Unknown trail: my-trail for the user: 123456789012"}
			}),
		"a read keeps no answer": call("cloudtrail.amazonaws.com", "LookupEvents",
			&cloudtrail.LookupEventsInput{StartTime: p(time.Date(2024, 1, 1, 13, 0, 0, 0, time.UTC)), MaxResults: p(int32(5))}, &cloudtrail.LookupEventsOutput{NextToken: p("next")}),
		"sending a message": call("sqs.amazonaws.com", "SendMessage",
			&sqs.SendMessageInput{QueueUrl: p(queue), MessageBody: p("the secret"), MessageAttributes: map[string]sqstypes.MessageAttributeValue{"a": {StringValue: p("the secret")}}},
			&sqs.SendMessageOutput{MessageId: p("id"), MD5OfMessageBody: p("md5")}),
		"sending messages": call("sqs.amazonaws.com", "SendMessageBatch",
			&sqs.SendMessageBatchInput{QueueUrl: p(queue), Entries: []sqstypes.SendMessageBatchRequestEntry{{Id: p("1"), MessageBody: p("the secret")}}}, &sqs.SendMessageBatchOutput{}),
		"making a queue": call("sqs.amazonaws.com", "CreateQueue", &sqs.CreateQueueInput{QueueName: p("jobs"), Attributes: map[string]string{"FifoQueue": "true"}}, &sqs.CreateQueueOutput{QueueUrl: p(queue)}),
		"putting events": call("events.amazonaws.com", "PutEvents",
			&eventbridge.PutEventsInput{Entries: []eventbridgetypes.PutEventsRequestEntry{{Source: p("trailhand"), DetailType: p("Drift"), Detail: p(`{"the":"secret"}`)}}},
			&eventbridge.PutEventsOutput{}),
		"assuming a role": with(call("sts.amazonaws.com", "AssumeRole", map[string]any{"roleArn": "arn:aws:iam::123456789012:role/r"},
			map[string]any{"credentials": map[string]string{"accessKeyId": "ASIAEXAMPLE", "secretAccessKey": "the secret", "sessionToken": "the secret"}}),
			func(c *wire.Call) {
				c.Resources = []wire.Resource{{Type: "AWS::IAM::Role", ARN: "arn:aws:iam::123456789012:role/r", AccountID: "123456789012"}}
			}),
		"putting an object": with(call("s3.amazonaws.com", "PutObject", map[string]any{"bucketName": "b", "key": "k", "Host": "localhost"}, map[string]any{"x-amz-server-side-encryption": "AES256"}),
			func(c *wire.Call) {
				c.Resources = []wire.Resource{{Type: "AWS::S3::Object", ARN: "arn:aws:s3:::b/k"}, bucket}
				c.Additional = map[string]any{"bytesTransferredIn": 5}
			}),
		"listing objects names all of them": with(call("s3.amazonaws.com", "ListObjects", map[string]any{"bucketName": "b"}, nil),
			func(c *wire.Call) { c.Resources = []wire.Resource{bucket} }),
		"an unsigned request": with(call("s3.amazonaws.com", "GetObject", map[string]any{"bucketName": "b", "key": "k"}, nil),
			func(c *wire.Call) {
				c.Caller = wire.Caller{Region: "us-east-2", SourceIP: "192.0.2.1"}
				c.Fault = &wire.Fault{Code: "AccessDenied", Message: "Access Denied", Status: 403}
			}),
		"a request beyond all measure": call("events.amazonaws.com", "PutRule", &eventbridge.PutRuleInput{Name: p("rule"), Description: p(strings.Repeat("x", 200<<10))}, &eventbridge.PutRuleOutput{RuleArn: p("arn")}),
	} {
		t.Run(name, func(t *testing.T) {
			raw, err := recording.Record(c)
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(string(raw), "the secret") || strings.Contains(string(raw), "\n") {
				t.Errorf("the record tells a secret or spans lines: %s", raw)
			}
			compare(t, name, raw)
		})
	}
}

// compare holds a record to its golden file. Its eventID is of its own.
func compare(t *testing.T, name string, raw []byte) {
	t.Helper()
	id := regexp.MustCompile(`"eventID":"[0-9a-f-]{36}"`)
	if !id.Match(raw) {
		t.Errorf("no eventID in %s", raw)
	}
	var laidOut strings.Builder
	enc := json.NewEncoder(&laidOut)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(json.RawMessage(id.ReplaceAll(raw, []byte(`"eventID":"EVENT-ID"`)))); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join("testdata", strings.ReplaceAll(strings.ReplaceAll(name, ",", ""), " ", "-")+".json")
	if *update {
		if err := os.WriteFile(file, []byte(laidOut.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if laidOut.String() != string(want) {
		t.Errorf("the record is\n%s\nwant\n%s", laidOut.String(), want)
	}
}

func TestARecordIsOneThatTheReaderOfLogFilesUnderstands(t *testing.T) {
	raw, err := recording.Record(call("sqs.amazonaws.com", "SendMessage", &sqs.SendMessageInput{QueueUrl: p("https://sqs.us-east-2.amazonaws.com/123456789012/jobs")}, nil))
	if err != nil {
		t.Fatal(err)
	}
	r, err := events.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	if r.Category() != events.Data || r.String(events.EventName) != "SendMessage" || r.String(events.ReadOnly) != "false" || r.String(events.UserIdentityARN) != "arn:aws:iam::123456789012:user/Mary" {
		t.Errorf("read as %s %s %s by %s", r.Category(), r.String(events.EventName), r.String(events.ReadOnly), r.String(events.UserIdentityARN))
	}
	r.EachResource(func(typ, arn []byte) bool {
		if string(typ) != "AWS::SQS::Queue" || string(arn) != "arn:aws:sqs:us-east-2:123456789012:jobs" {
			t.Errorf("its resource is %s %s", typ, arn)
		}
		return true
	})
}

func TestEachRecordHasAnEventIDOfItsOwn(t *testing.T) {
	c := call("cloudtrail.amazonaws.com", "StopLogging", nil, nil)
	first, err := recording.Record(c)
	second, again := recording.Record(c)
	if err != nil || again != nil || string(first) == string(second) {
		t.Errorf("two records of one call are %s and %s", first, second)
	}
}

func TestLookup(t *testing.T) {
	for _, c := range []struct {
		source, name string
		readOnly     bool
		category     events.Category
	}{
		{"kms.amazonaws.com", "Encrypt", true, events.Management},
		{"kms.amazonaws.com", "Decrypt", true, events.Management},
		{"kms.amazonaws.com", "GenerateDataKey", true, events.Management},
		{"kms.amazonaws.com", "ScheduleKeyDeletion", false, events.Management},
		{"s3.amazonaws.com", "ListBuckets", true, events.Management},
		{"s3.amazonaws.com", "PutBucketPolicy", false, events.Management},
		{"s3.amazonaws.com", "GetObject", true, events.Data},
		{"s3.amazonaws.com", "DeleteObjects", false, events.Data},
		{"sqs.amazonaws.com", "ReceiveMessage", true, events.Data},
		{"sqs.amazonaws.com", "GetQueueUrl", true, events.Management},
		{"sts.amazonaws.com", "AssumeRole", true, events.Management},
		{"events.amazonaws.com", "TestEventPattern", true, events.Management},
	} {
		op, err := recording.Lookup(c.source, c.name)
		if err != nil || op.ReadOnly != c.readOnly || op.Category != c.category {
			t.Errorf("%s of %s is %+v, %v", c.name, c.source, op, err)
		}
	}
}

func TestAnUnknownOperationIsReportedAndNotGuessed(t *testing.T) {
	for _, c := range [][2]string{
		{"cloudtrail.amazonaws.com", "DescribeWeather"}, {"weather.amazonaws.com", "DescribeTrails"},
		{"cloudtrail.amazonaws.com", ""}, {"cloudtrail.amazonaws.com", "stoplogging"},
	} {
		record, err := recording.Record(call(c[0], c[1], nil, nil))
		if !errors.Is(err, recording.ErrUnknownOperation) || record != nil {
			t.Errorf("%s of %s: %s, %v", c[1], c[0], record, err)
		}
	}
}

func TestEveryOperationOfCloudTrailIsInTheTable(t *testing.T) {
	service := trails.New(trails.Config{}).Service()
	names := service.Unsupported
	for name := range service.Operations {
		names = append(names, name)
	}
	for _, name := range names {
		op, err := recording.Lookup(service.Source, name)
		reads := regexp.MustCompile(`^(Describe|Get|List|Lookup|Search|Generate)`).MatchString(name)
		if err != nil || op.ReadOnly != reads || op.Category != events.Management {
			t.Errorf("%s is %+v, %v", name, op, err)
		}
	}
}
