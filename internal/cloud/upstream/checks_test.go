package upstream

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/trailhand/trailhand/internal/cloud/wire"
)

// What a trail names, as people make it at moto.
const (
	trail = "arn:aws:cloudtrail:us-east-1:123456789012:trail/audit"
	topic = "arn:aws:sns:us-east-1:123456789012:told"
	group = "arn:aws:logs:us-east-1:123456789012:log-group:trail:*"
	role  = "arn:aws:iam::123456789012:role/trail"
	trust = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"SERVICE.amazonaws.com"},"Action":"sts:AssumeRole"}]}`
	grant = `{"Version":"2012-10-17","Statement":[
		{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:root"},"Action":"*","Resource":"*"},
		{"Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},"Action":"ACTION","Resource":"*","Condition":{"StringEquals":{"aws:SourceArn":"TRAIL"}}}]}`
)

func granting(action, trail string) string {
	return strings.NewReplacer("ACTION", action, "TRAIL", trail).Replace(grant)
}

// does makes a call of a setting up, which must succeed.
func does(t *testing.T, u *Upstream, op operation, out any) {
	t.Helper()
	op.region = "us-east-1"
	if err := u.call(t.Context(), op, out); err != nil {
		t.Fatal(err)
	}
}

// refuses holds that err is an exception; "" for none.
func refuses(t *testing.T, when string, err error, code string) {
	t.Helper()
	var f *wire.Fault
	if code == "" && err != nil || code != "" && (!errors.As(err, &f) || f.Code != code) {
		t.Errorf("%s: got %v, want %q", when, err, code)
	}
}

func TestTheTopicOfATrailIsChecked(t *testing.T) {
	u := overMoto(t)
	const code = "InsufficientSnsTopicPolicyException"
	refuses(t, "a topic that is not there", u.Topic(t.Context(), topic, trail), code)
	sns := func(name string, form url.Values) {
		t.Helper()
		does(t, u, operation{service: "sns", name: name, version: "2010-03-31", form: form}, nil)
	}
	allow := func(action, trail string) {
		t.Helper()
		sns("SetTopicAttributes", url.Values{"TopicArn": {topic}, "AttributeName": {"Policy"}, "AttributeValue": {granting(action, trail)}})
	}
	sns("CreateTopic", url.Values{"Name": {"told"}})
	refuses(t, "a topic as it is made", u.Topic(t.Context(), topic, trail), code)
	allow("SNS:Publish", trail)
	refuses(t, "a topic that CloudTrail may publish to", u.Topic(t.Context(), topic, trail), "")
	refuses(t, "a topic of another trail", u.Topic(t.Context(), topic, trail+"2"), code)
	allow("SNS:Subscribe", trail)
	refuses(t, "a topic that CloudTrail may not publish to", u.Topic(t.Context(), topic, trail), code)
	if err := u.Notify(t.Context(), topic, "hello"); err != nil {
		t.Error(err)
	}
}

func TestTheKeyOfATrailIsChecked(t *testing.T) {
	u := overMoto(t)
	const alias = "arn:aws:kms:us-east-1:123456789012:alias/logs"
	kms := func(name string, input, out any) {
		t.Helper()
		does(t, u, operation{service: "kms", name: name, target: "TrentService", input: input}, out)
	}
	key := func(when, code string) string {
		t.Helper()
		got, err := u.Key(t.Context(), alias, trail)
		refuses(t, when, err, code)
		return got
	}
	key("an alias that is not there", "KmsKeyNotFoundException")
	var made struct{ KeyMetadata struct{ Arn, KeyId string } }
	kms("CreateKey", struct{}{}, &made)
	id := made.KeyMetadata.KeyId
	kms("CreateAlias", map[string]string{"AliasName": "alias/logs", "TargetKeyId": id}, nil)
	key("a key as it is made", "InsufficientEncryptionPolicyException")
	kms("PutKeyPolicy", map[string]string{"KeyId": id, "PolicyName": "default", "Policy": granting("kms:GenerateDataKey*", trail)}, nil)
	if got := key("a key that CloudTrail may encrypt with", ""); got != made.KeyMetadata.Arn {
		t.Errorf("behind the alias is %q, want %q", got, made.KeyMetadata.Arn)
	}
	kms("DisableKey", map[string]string{"KeyId": id}, nil)
	key("a key that is disabled", "KmsKeyDisabledException")
}

func TestTheLogGroupAndTheRoleOfATrailAreChecked(t *testing.T) {
	u := overMoto(t)
	check := func(when, code string) {
		t.Helper()
		refuses(t, when, u.LogGroup(t.Context(), group, role, trail), code)
	}
	iam := func(name, document, service string) {
		t.Helper()
		form := url.Values{"RoleName": {"trail"}, document: {strings.ReplaceAll(trust, "SERVICE", service)}}
		does(t, u, operation{service: "iam", name: name, version: "2010-05-08", form: form}, nil)
	}
	check("a log group that is not there", "InvalidCloudWatchLogsLogGroupArnException")
	does(t, u, operation{service: "logs", name: "CreateLogGroup", target: logsTarget, input: map[string]string{"logGroupName": "trail"}}, nil)
	check("a role that is not there", "InvalidCloudWatchLogsRoleArnException")
	iam("CreateRole", "AssumeRolePolicyDocument", "lambda")
	check("a role of another service", "InvalidCloudWatchLogsRoleArnException")
	iam("UpdateAssumeRolePolicy", "PolicyDocument", "cloudtrail")
	check("a role that CloudTrail may take", "")
}

func TestWhatIsTooMuchForOnePutLogEventsIsSentInBatches(t *testing.T) {
	u := overMoto(t)
	does(t, u, operation{service: "logs", name: "CreateLogGroup", target: logsTarget, input: map[string]string{"logGroupName": "trail"}}, nil)
	now := time.Now().UnixMilli()
	var sent []LogEvent
	for i := range 30 { // 1.5 MB
		sent = append(sent, LogEvent{now - int64(i), fmt.Sprintf("%02d%s", i, strings.Repeat("x", 50<<10))})
	}
	if err := u.Log(t.Context(), group, "a", sent); err != nil {
		t.Fatal(err)
	}
	stored := map[string]bool{}
	token := ""
	for range 10 {
		in := map[string]any{"logGroupName": "trail", "logStreamName": "a", "startFromHead": true, "limit": 10}
		if token != "" {
			in["nextToken"] = token
		}
		var page struct {
			Events           []LogEvent
			NextForwardToken string
		}
		does(t, u, operation{service: "logs", name: "GetLogEvents", target: logsTarget, input: in}, &page)
		for _, e := range page.Events {
			stored[e.Message[:2]] = true
		}
		token = page.NextForwardToken
	}
	if len(stored) != len(sent) {
		t.Errorf("the stream has %d events, want %d", len(stored), len(sent))
	}
}

func TestBatchesAreWithinTheLimitsOfPutLogEvents(t *testing.T) {
	day := maxBatchSpan.Milliseconds()
	many := make([]LogEvent, maxBatchEvents+1)
	for name, tc := range map[string]struct {
		events []LogEvent
		want   []int // sizes
	}{
		"none":                         {nil, nil},
		"one":                          {[]LogEvent{{1, "a"}}, []int{1}},
		"more than a batch can count":  {many, []int{maxBatchEvents, 1}},
		"of more than a day":           {[]LogEvent{{day, "b"}, {0, "a"}, {day - 1, "c"}}, []int{2, 1}},
		"of more than a mebibyte":      {[]LogEvent{{1, strings.Repeat("x", 600<<10)}, {2, strings.Repeat("x", 600<<10)}}, []int{1, 1}},
		"of a mebibyte, all counted":   {[]LogEvent{{1, strings.Repeat("x", 512<<10-eventOverhead)}, {2, strings.Repeat("x", 512<<10-eventOverhead)}}, []int{2}},
		"of a byte more than that":     {[]LogEvent{{1, strings.Repeat("x", 512<<10-eventOverhead)}, {2, strings.Repeat("x", 512<<10-eventOverhead+1)}}, []int{1, 1}},
		"one that alone is far beyond": {[]LogEvent{{1, strings.Repeat("x", 2<<20)}, {2, "b"}}, []int{1, 1}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []int
			for _, b := range batches(tc.events) {
				got = append(got, len(b))
			}
			if fmt.Sprint(got) != fmt.Sprint(tc.want) {
				t.Errorf("batches of %v, want %v", got, tc.want)
			}
		})
	}
}

func TestAnUpstreamThatDoesNotAnswerAllowsNothing(t *testing.T) {
	u, err := New(Config{URL: "http://127.0.0.1:1", Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	_, key := u.Key(ctx, "arn:aws:kms:us-east-1:123456789012:key/0a1b2c3d-0000-4000-8000-000000000000", trail)
	refuses(t, "the topic", u.Topic(ctx, topic, trail), "InsufficientSnsTopicPolicyException")
	refuses(t, "the key", key, "KmsException")
	refuses(t, "the log group", u.LogGroup(ctx, group, role, trail), "CloudWatchLogsDeliveryUnavailableException")
	if u.Notify(ctx, topic, "hello") == nil || u.Log(ctx, group, "a", []LogEvent{{1, "a"}}) == nil {
		t.Error("what was not sent is no error")
	}
}
