package bus

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"github.com/trailhand/trailhand/internal/cloud/wire"
)

// serve puts a bus behind a port.
func serve(t *testing.T, b *Bus) string {
	t.Helper()
	t.Cleanup(b.Close)
	service := b.Service()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if call := service.Serve(w, r, wire.Caller{AccountID: "111122223333", Region: "eu-west-1"}); call.Err != nil {
			t.Errorf("%s: %v", call.EventName, call.Err)
		}
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func client(t *testing.T, b *Bus) *eventbridge.Client {
	t.Helper()
	url := serve(t, b)
	return eventbridge.New(eventbridge.Options{
		Region: "eu-west-1", BaseEndpoint: &url, Credentials: credentials.NewStaticCredentialsProvider("AKIAEXAMPLE", "secret", ""),
		RetryMaxAttempts: 1,
	})
}

func TestTheSDKPutsARuleAndItsTargetGetsTheEvent(t *testing.T) {
	ctx := t.Context()
	s := &targets{}
	b, _ := newBus(s)
	c := client(t, b)
	rule, err := c.PutRule(ctx, &eventbridge.PutRuleInput{
		Name: aws.String("drift"), Description: aws.String("of trails"), EventPattern: aws.String(`{"source":["trailhand"]}`),
		Tags: []types.Tag{{Key: aws.String("team"), Value: aws.String("audit")}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.PutTargets(ctx, &eventbridge.PutTargetsInput{Rule: aws.String("drift"), Targets: []types.Target{{Id: aws.String("q"), Arn: aws.String(orders)}}}); err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 2, 28, 1, 2, 3, 0, time.UTC)
	put, err := c.PutEvents(ctx, &eventbridge.PutEventsInput{Entries: []types.PutEventsRequestEntry{
		{Source: aws.String("trailhand"), DetailType: aws.String("Drift"), Detail: aws.String(`{"n": 1.50}`), Time: &at, Resources: []string{"arn:x"}},
		{Source: aws.String("other"), DetailType: aws.String("Drift"), Detail: aws.String(`{}`)},
	}})
	if err != nil || put.FailedEntryCount != 0 || len(put.Entries) != 2 {
		t.Fatalf("PutEvents answers %+v, %v", put, err)
	}
	want := fmt.Sprintf(`%s {"version":"0","id":%q,"detail-type":"Drift","source":"trailhand","account":"111122223333","time":"2026-02-28T01:02:03Z",`+
		`"region":"eu-west-1","resources":["arn:x"],"detail":{"n":1.50}}`, orders, *put.Entries[0].EventId)
	if diff := cmp.Diff([]string{want}, s.got); diff != "" {
		t.Errorf("delivered (-want +got):\n%s", diff)
	}
	tags, err := c.ListTagsForResource(ctx, &eventbridge.ListTagsForResourceInput{ResourceARN: rule.RuleArn})
	if err != nil || len(tags.Tags) != 1 || *tags.Tags[0].Value != "audit" {
		t.Errorf("tags %+v, %v", tags, err)
	}
}

func TestARuleThroughItsLife(t *testing.T) {
	ctx := t.Context()
	b, _ := newBus(&targets{})
	c := client(t, b)
	name := aws.String("r")
	putRule := func(pattern string) {
		t.Helper()
		if _, err := c.PutRule(ctx, &eventbridge.PutRuleInput{Name: name, EventPattern: &pattern}); err != nil {
			t.Fatal(err)
		}
	}
	state := func() types.RuleState {
		t.Helper()
		out, err := c.DescribeRule(ctx, &eventbridge.DescribeRuleInput{Name: name})
		if err != nil {
			t.Fatal(err)
		}
		return out.State
	}
	ids := func() string {
		t.Helper()
		out, err := c.ListTargetsByRule(ctx, &eventbridge.ListTargetsByRuleInput{Rule: name})
		if err != nil {
			t.Fatal(err)
		}
		var ids []string
		for _, target := range out.Targets {
			ids = append(ids, *target.Id+"="+(*target.Arn)[strings.LastIndex(*target.Arn, ":")+1:])
		}
		return strings.Join(ids, " ")
	}
	add := func(id, arn string) {
		t.Helper()
		if _, err := c.PutTargets(ctx, &eventbridge.PutTargetsInput{Rule: name, Targets: []types.Target{{Id: &id, Arn: &arn}}}); err != nil {
			t.Fatal(err)
		}
	}
	putRule(`{"source":["a"]}`)
	add("2", orders)
	add("1", reconciler)
	putRule(`{"source":["b"]}`)
	if got := ids(); got != "1=reconciler 2=orders" {
		t.Errorf("targets %q after the rule was put again", got)
	}
	add("2", dead)
	if got := ids(); got != "1=reconciler 2=dead" {
		t.Errorf("targets %q after one was put again", got)
	}
	if _, err := c.DisableRule(ctx, &eventbridge.DisableRuleInput{Name: name}); err != nil || state() != "DISABLED" {
		t.Errorf("disabling: %v, state %s", err, state())
	}
	if _, err := c.EnableRule(ctx, &eventbridge.EnableRuleInput{Name: name}); err != nil || state() != "ENABLED" {
		t.Errorf("enabling: %v, state %s", err, state())
	}
	names, err := c.ListRuleNamesByTarget(ctx, &eventbridge.ListRuleNamesByTargetInput{TargetArn: aws.String(dead)})
	if err != nil || !cmp.Equal(names.RuleNames, []string{"r"}) {
		t.Errorf("rules of the target %+v, %v", names, err)
	}
	if _, err := c.DeleteRule(ctx, &eventbridge.DeleteRuleInput{Name: name}); code(err) != "ValidationException" {
		t.Errorf("deleting with targets: %v", err)
	}
	if _, err := c.RemoveTargets(ctx, &eventbridge.RemoveTargetsInput{Rule: name, Ids: []string{"1", "2", "3"}}); err != nil || ids() != "" {
		t.Errorf("removing targets: %v, left %q", err, ids())
	}
	if _, err := c.DeleteRule(ctx, &eventbridge.DeleteRuleInput{Name: name}); err != nil {
		t.Error(err)
	}
	if _, err := c.DescribeRule(ctx, &eventbridge.DescribeRuleInput{Name: name}); code(err) != "ResourceNotFoundException" {
		t.Errorf("describing it after that: %v", err)
	}
}

func code(err error) string {
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		return api.ErrorCode()
	}
	return ""
}

func TestAnEntryThatIsRefusedDoesNotStopTheOthers(t *testing.T) {
	b, _ := newBus(&targets{})
	c := client(t, b)
	entry := func(source, detailType, detail, bus string) types.PutEventsRequestEntry {
		return types.PutEventsRequestEntry{Source: given(source), DetailType: given(detailType), Detail: given(detail), EventBusName: given(bus)}
	}
	out, err := c.PutEvents(t.Context(), &eventbridge.PutEventsInput{Entries: []types.PutEventsRequestEntry{
		entry("aws.cloudtrail", "x", "{}", ""), entry("", "x", "{}", ""), entry("a", "", "{}", ""), entry("a", "x", "", ""),
		entry("a", "x", "[]", ""), entry("a", "x", "{", ""), entry("a", "x", "{}", "other"), entry("a", "x", "{}", "default"),
		entry("a", "x", "null", ""), entry("awsome", "x", "{}", "arn:aws:events:eu-west-1:111122223333:event-bus/default"),
	}})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range out.Entries {
		got = append(got, deref(e.ErrorCode))
	}
	want := []string{
		"NotAuthorizedForSourceException", "InvalidArgument", "InvalidArgument", "InvalidArgument",
		"MalformedDetail", "MalformedDetail", "ResourceNotFoundException", "", "MalformedDetail", "",
	}
	if diff := cmp.Diff(want, got); diff != "" || out.FailedEntryCount != 8 {
		t.Errorf("%d failed (-want +got):\n%s", out.FailedEntryCount, diff)
	}
}

func TestRulesAreListedInPages(t *testing.T) {
	ctx := t.Context()
	b, _ := newBus(&targets{})
	c := client(t, b)
	for _, name := range []string{"a-2", "a-1", "b", "a-3"} {
		if err := b.put(savedRule{Name: name, Pattern: `{"source":["x"]}`}); err != nil {
			t.Fatal(err)
		}
	}
	in := &eventbridge.ListRulesInput{NamePrefix: aws.String("a-"), Limit: aws.Int32(2)}
	var got []string
	for {
		out, err := c.ListRules(ctx, in)
		if err != nil {
			t.Fatal(err)
		}
		names := ""
		for _, r := range out.Rules {
			names += *r.Name + " "
		}
		got = append(got, names)
		if in.NextToken = out.NextToken; in.NextToken == nil {
			break
		}
	}
	if diff := cmp.Diff([]string{"a-1 a-2 ", "a-3 "}, got); diff != "" {
		t.Errorf("pages (-want +got):\n%s", diff)
	}
}

func TestTheAWSCLIPutsARuleAndAnEvent(t *testing.T) {
	if _, err := exec.LookPath("aws"); err != nil {
		t.Skip("the aws cli is not installed: the bus is not tried with it")
	}
	s := &targets{}
	b, _ := newBus(s)
	url := serve(t, b)
	run := func(args ...string) string {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), "aws", append([]string{"--endpoint-url", url, "--region", "eu-west-1", "--output", "json", "events"}, args...)...)
		cmd.Env = append(os.Environ(), "AWS_ACCESS_KEY_ID=AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY=secret", "AWS_PAGER=")
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("aws events %s: %v\n%s", strings.Join(args, " "), err, out)
		}
		return string(out)
	}
	run("put-rule", "--name", "r", "--event-pattern", `{"source":["cli"]}`)
	run("put-targets", "--rule", "r", "--targets", "Id=1,Arn="+orders)
	var put struct{ Entries []struct{ EventId string } }
	if err := json.Unmarshal([]byte(run("put-events", "--entries", `[{"Source":"cli","DetailType":"d","Detail":"{}"}]`)), &put); err != nil {
		t.Fatal(err)
	}
	if len(s.got) != 1 || !strings.Contains(s.got[0], put.Entries[0].EventId) {
		t.Errorf("delivered %q, put %+v", s.got, put)
	}
	if out := run("describe-event-bus"); !strings.Contains(out, "event-bus/default") {
		t.Errorf("describe-event-bus answers %s", out)
	}
}
