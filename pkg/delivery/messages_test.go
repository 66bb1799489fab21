package delivery

import (
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const logKey = "AWSLogs/111122223333/CloudTrail/us-east-1/2024/01/02/111122223333_CloudTrail_us-east-1_20240102T0305Z_aaaaaaaaaaaaaaaa.json.gz"

func quote(s string) string {
	b, _ := json.Marshal(s)
	return string(b)
}

func s3Record(key string) string {
	return `{"eventVersion":"2.5","eventSource":"aws:s3","eventName":"ObjectCreated:Put","tags":{"new":1},` +
		`"s3":{"bucket":{"name":"logs"},"object":{"key":` + quote(key) + `,"size":7,"eTag":"e1","versionId":"v1","sequencer":"00"}}}`
}

func TestMessagesReadsEveryShape(t *testing.T) {
	plain := []Notice{{Bucket: "logs", Key: logKey, VersionID: "v1", ETag: "e1"}}
	bare := []Notice{{Bucket: "logs", Key: logKey}}
	s3 := `{"Records":[` + s3Record(logKey) + `]}`
	own := `{"s3Bucket":"logs","s3ObjectKey":[` + quote(logKey) + `]}`
	bridge := `{"version":"0","id":"1","detail-type":"Object Created","source":"aws.s3","detail":{"bucket":{"name":"logs"},` +
		`"object":{"key":"a+b%20c.json.gz","etag":"e1","version-id":"v1"},"reason":"PutObject"}}`
	sns := func(msg string) string {
		return `{"Type":"Notification","MessageId":"m","TopicArn":"arn:aws:sns:us-east-1:1:t","Message":` + quote(msg) + `}`
	}
	tests := map[string]struct {
		payload string
		want    []Notice
		ignored string
	}{
		"an S3 notification with unknown fields": {payload: s3, want: plain},
		"an S3 key is URL-decoded with plus as space": {
			payload: `{"Records":[` + s3Record("a+b%2Bc%C3%A9.gz") + `]}`,
			want:    []Notice{{Bucket: "logs", Key: "a b+cé.gz", VersionID: "v1", ETag: "e1"}}},
		"an EventBridge key is taken as it is": {
			payload: bridge, want: []Notice{{Bucket: "logs", Key: "a+b%20c.json.gz", VersionID: "v1", ETag: "e1"}}},
		"CloudTrail's own message":          {payload: own, want: bare},
		"an SNS envelope around S3":         {payload: sns(s3), want: plain},
		"an SNS envelope around CloudTrail": {payload: sns(own), want: bare},
		"SNS in SNS":                        {payload: sns(sns(own)), want: bare},
		"SNS as Lambda is invoked": {
			payload: `{"Records":[{"EventSource":"aws:sns","Sns":` + sns(s3) + `}]}`, want: plain},
		"SQS around S3":   {payload: `{"Records":[{"messageId":"m","eventSource":"aws:sqs","body":` + quote(s3) + `}]}`, want: plain},
		"SQS around SNS":  {payload: `{"Records":[{"messageId":"m","eventSource":"aws:sqs","body":` + quote(sns(s3)) + `}]}`, want: plain},
		"a direct notice": {payload: `{"bucket":"logs","key":` + quote(logKey) + `,"reason":"x"}`, want: bare},
		"what is left of a digest file": {
			payload: `{"bucket":"logs","key":"d","files":[3,7]}`, want: []Notice{{Bucket: "logs", Key: "d", Files: []int{3, 7}}}},
		"items of a Distributed Map, the bucket beside them": {
			payload: `{"BatchInput":{"bucket":"logs"},"Items":[{"Key":` + quote(logKey) + `,"Etag":"\"e1\"","Size":1}]}`,
			want:    []Notice{{Bucket: "logs", Key: logKey, ETag: "e1"}}},
		"items with buckets of their own": {payload: `{"Items":[{"bucket":"logs","key":` + quote(logKey) + `}]}`, want: bare},
		"S3's test message":               {payload: `{"Service":"Amazon S3","Event":"s3:TestEvent","Bucket":"logs"}`, ignored: "S3 test message for bucket logs"},
		"CloudTrail's validation message": {payload: sns("CloudTrail validation message."), ignored: "CloudTrail validation message."},
		"an object that was removed": {
			payload: strings.Replace(s3, "ObjectCreated:Put", "ObjectRemoved:Delete", 1), ignored: "S3 ObjectRemoved:Delete"},
		"another event of S3 on the bus": {
			payload: strings.Replace(bridge, "Object Created", "Object Deleted", 1), ignored: "S3 Object Deleted"},
		"an SNS subscription to confirm": {
			payload: `{"Type":"SubscriptionConfirmation","TopicArn":"t","Message":"x"}`, ignored: "SNS SubscriptionConfirmation of t"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			p := Messages([]byte(test.payload))
			if len(p.Messages) != 1 || p.Messages[0].Err != nil {
				t.Fatalf("got %+v", p.Messages)
			}
			if diff := cmp.Diff(test.want, p.Messages[0].Notices); diff != "" {
				t.Error(diff)
			}
			if got := strings.Join(p.Messages[0].Ignored, "; "); got != test.ignored {
				t.Errorf("ignored %q, want %q", got, test.ignored)
			}
			if want := strings.HasPrefix(name, "SQS"); p.Queue != want {
				t.Errorf("Queue is %v", p.Queue)
			}
		})
	}
}

func TestUnknownShapesNameWhatWasSeen(t *testing.T) {
	tests := map[string]struct{ payload, want string }{
		"an object with other keys":            {`{"foo":1,"bar":2}`, `keys "bar", "foo"`},
		"keys in another case":                 {`{"records":[]}`, `"records"`},
		"an array":                             {`[1]`, `"[1]"`},
		"text":                                 {`Hello from SNS!`, `Hello from SNS!`},
		"nothing":                              {``, `unexpected end`},
		"null":                                 {`null`, `null`},
		"an event of another source":           {`{"detail-type":"X","source":"aws.ec2","detail":{}}`, `"X" of "aws.ec2"`},
		"an SNS envelope without a message":    {`{"Type":"Notification","TopicArn":"t"}`, `"TopicArn", "Type"`},
		"no records":                           {`{"Records":[]}`, `empty`},
		"records of another source":            {`{"Records":[{"eventSource":"aws:kinesis"}]}`, `"eventSource"`},
		"a key that cannot be decoded":         {`{"Records":[` + s3Record("%zz") + `]}`, `%zz`},
		"a notice without a key":               {`{"Records":[` + s3Record("") + `]}`, `no key`},
		"a control character is not passed on": {"{\"\\u001b[2J\":1}", `\x1b`},
		"CloudTrail's message with no list":    {`{"s3Bucket":"b","s3ObjectKey":"k"}`, `array of strings`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			all := Messages([]byte(test.payload)).Messages
			if len(all) != 1 || !errors.Is(all[0].Err, ErrUnknownShape) || !Permanent(all[0].Err) {
				t.Fatalf("got %+v", all)
			}
			if err := all[0].Err; !strings.Contains(err.Error(), test.want) {
				t.Errorf("%q does not name %q", err, test.want)
			}
		})
	}
}

func TestABadEntryDoesNotStopTheGoodOnesBesideIt(t *testing.T) {
	m := Messages([]byte(`{"Records":[null,` + s3Record("a") + `,7,` + s3Record("b") + `]}`)).Messages
	if len(m) != 1 || len(m[0].Notices) != 2 || m[0].Err == nil {
		t.Fatalf("got %+v", m)
	}
	p := Messages([]byte(`{"Records":[null,{"messageId":"1","eventSource":"aws:sqs","body":"nonsense"},` +
		`{"messageId":"2","eventSource":"aws:sqs","body":` + quote(`{"Records":[`+s3Record("a")+`]}`) + `}]}`))
	if len(p.Messages) != 3 || p.Messages[1].ID != "1" || p.Messages[1].Err == nil || len(p.Messages[2].Notices) != 1 {
		t.Fatalf("got %+v", p.Messages)
	}
}

// FuzzMessages asserts that every payload either names objects, or is ignored,
// or is refused as an unknown shape: nothing is lost silently.
func FuzzMessages(f *testing.F) {
	for _, seed := range []string{`{"Records":[` + s3Record(logKey) + `]}`, `{"Items":[]}`, `{"Records":[{"eventSource":"aws:sqs","body":"{}"}]}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		p := Messages(payload)
		if len(p.Messages) == 0 {
			t.Fatal("no message")
		}
		for _, m := range p.Messages {
			if len(m.Notices) == 0 && len(m.Ignored) == 0 && !errors.Is(m.Err, ErrUnknownShape) {
				t.Fatalf("lost: %+v", m)
			}
			for _, n := range m.Notices {
				if n.Bucket == "" || n.Key == "" {
					t.Fatalf("incomplete: %+v", n)
				}
			}
		}
	})
}

func TestPublishedPayloadsAreRead(t *testing.T) {
	dir := os.Getenv("TRAILHAND_SAMPLES")
	if dir == "" {
		t.Skip("TRAILHAND_SAMPLES names no folder of samples")
	}
	for file, want := range map[string]string{
		"aws+aws-lambda-go/events__testdata__s3-event.json":                               "s3://sourcebucket/Happy Face.jpg",
		"boogy+cloudtrail-rs/crates__core__tests__fixtures__sqs-s3-event.json":            "s3://lambda-artifacts-deafc19498e3f2df/b21b84d653bb07b05b1e6b33684dc11b",
		"boogy+cloudtrail-rs/crates__core__tests__fixtures__sns-s3-event.json":            "s3://lambda-artifacts-deafc19498e3f2df/b21b84d653bb07b05b1e6b33684dc11b",
		"boogy+cloudtrail-rs/crates__core__tests__fixtures__s3-event-urlencoded-key.json": "s3://ct-siem-sync/my file=a.json.gz",
		"grafana+lambda-promtail/testdata__eventbridge-s3-event.json":                     "s3://bucket/pizza.txt",
	} {
		b, err := os.ReadFile(dir + "/other-formats/" + file)
		if err != nil {
			t.Fatal(err)
		}
		m := Messages(b).Messages
		if len(m) != 1 || m[0].Err != nil || len(m[0].Notices) != 1 || m[0].Notices[0].String() != want {
			t.Errorf("%s: got %+v", file, m)
		}
	}
}
