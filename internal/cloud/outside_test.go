package cloud

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	ebtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"

	"github.com/trailhand/trailhand/pkg/events"
)

// send puts events in from outside.
func send(t *testing.T, c *Cloud, body string) (int, outcome) {
	t.Helper()
	resp, err := http.Post(c.URL()+"/_trailhand/events", "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	var out outcome
	if err := json.Unmarshal(text, &out); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return resp.StatusCode, out
}

// delivered are the records of the log files under a folder.
func delivered(t *testing.T, c *Cloud, folder string) []events.Record {
	t.Helper()
	if err := c.Deliver(t.Context()); err != nil {
		t.Fatal(err)
	}
	var all []events.Record
	for _, key := range objects(t, c, folder) {
		text, _ := read(t, c, key)
		for rec, err := range events.NewReader(strings.NewReader(string(text)), events.Limits{}).All() {
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, rec.Clone())
		}
	}
	return all
}

func named(records []events.Record) []string {
	var names []string
	for i := range records {
		names = append(names, records[i].String(events.EventName))
	}
	slices.Sort(names)
	return names
}

func TestEventsFromOutsideAreTakenOneByOne(t *testing.T) {
	good := `{"eventSource":"signin.amazonaws.com","eventName":"ConsoleLogin","eventType":"AwsConsoleSignIn","eventCategory":"Management"}`
	tests := map[string]struct {
		body     string
		status   int
		accepted int
		refused  map[int]string
	}{
		"one record":                           {good, 200, 1, nil},
		"an array":                             {"[" + good + "," + good + "]", 200, 2, nil},
		"a log file":                           {`{"Records":[` + good + `]}`, 200, 1, nil},
		"an empty log file":                    {`{"Records":[]}`, 200, 0, nil},
		"no JSON":                              {`{"Records":[`, 400, 0, nil},
		"a number":                             {`7`, 400, 0, nil},
		"an empty object":                      {`{}`, 400, 0, map[int]string{0: "eventSource or eventName is missing"}},
		"a bad one between good ones":          {"[" + good + `,{"eventName":"x"},` + good + "]", 207, 2, map[int]string{1: "eventSource"}},
		"what is no object":                    {"[1," + good + "]", 207, 1, map[int]string{0: "not a JSON object"}},
		"a time that is none":                  {`{"eventTime":"yesterday","eventSource":"a.amazonaws.com","eventName":"b"}`, 400, 0, map[int]string{0: "yesterday"}},
		"a Region that would leave its folder": {`{"awsRegion":"../../x","eventSource":"a.amazonaws.com","eventName":"b"}`, 400, 0, map[int]string{0: "awsRegion"}},
		"an account that is none":              {`{"recipientAccountId":"12","eventSource":"a.amazonaws.com","eventName":"b"}`, 400, 0, map[int]string{0: "recipientAccountId"}},
		"a name in another case":               {`{"EventSource":"a.amazonaws.com","eventname":"b"}`, 400, 0, map[int]string{0: "eventSource"}},
		"a caller who is no object":            {`{"eventSource":"a.amazonaws.com","eventName":"b","userIdentity":"me"}`, 400, 0, map[int]string{0: "userIdentity"}},
	}
	c := started(t, testConfig(t, t.TempDir()))
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			status, out := send(t, c, test.body)
			if status != test.status || out.Accepted != test.accepted || len(out.Refused) != len(test.refused) {
				t.Fatalf("status %d, %+v; want %d, %d accepted, refused %v", status, out, test.status, test.accepted, test.refused)
			}
			for _, r := range out.Refused {
				if !strings.Contains(r.Reason, test.refused[r.Index]) {
					t.Errorf("%d is refused for %q, want %q", r.Index, r.Reason, test.refused[r.Index])
				}
			}
		})
	}
}

func TestAWebPageMaySendNoEvents(t *testing.T) {
	c := started(t, testConfig(t, t.TempDir()))
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, c.URL()+"/_trailhand/events", strings.NewReader(`{"eventSource":"a.b","eventName":"c"}`))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Origin", "https://example.com")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusBadRequest {
		t.Errorf("status %d", resp.StatusCode)
	}
}

func TestEventsFromOutsideGoTheWayOfCalls(t *testing.T) {
	clock := &handClock{}
	cfg := testConfig(t, t.TempDir())
	cfg.Now = clock.now
	heard := listening(&cfg)
	c := started(t, cfg)
	arn := logged(t, c, &cloudtrail.CreateTrailInput{Name: aws.String("trailhand")})
	heard.listen(t, c, `{"eventSource":["signin.amazonaws.com","kms.amazonaws.com","s3.amazonaws.com","ec2.amazonaws.com"]}`)
	advanced := []types.AdvancedEventSelector{
		{FieldSelectors: []types.AdvancedFieldSelector{{Field: aws.String("eventCategory"), Equals: []string{"Management"}}, {Field: aws.String("readOnly"), Equals: []string{"false"}}}},
		{FieldSelectors: []types.AdvancedFieldSelector{{Field: aws.String("eventCategory"), Equals: []string{"NetworkActivity"}}, {Field: aws.String("eventSource"), Equals: []string{"s3.amazonaws.com"}}}},
	}
	if _, err := trailClient(c, testRegion).PutEventSelectors(t.Context(), &cloudtrail.PutEventSelectorsInput{TrailName: &arn, AdvancedEventSelectors: advanced}); err != nil {
		t.Fatal(err)
	}
	status, out := send(t, c, `[
	  {"eventSource":"signin.amazonaws.com","eventName":"ConsoleLogin","eventType":"AwsConsoleSignIn","eventCategory":"Management","managementEvent":true,"readOnly":false},
	  {"eventSource":"kms.amazonaws.com","eventName":"RotateKey","eventType":"AwsServiceEvent","eventCategory":"Management","managementEvent":true,"readOnly":false},
	  {"eventSource":"s3.amazonaws.com","eventName":"CopyObject","eventType":"AwsVpceEvent","eventCategory":"NetworkActivity","managementEvent":false,"readOnly":false,"vpcEndpointId":"vpce-1"},
	  {"eventSource":"s3.amazonaws.com","eventName":"GetObject","eventType":"AwsApiCall","eventCategory":"Data","managementEvent":false,"readOnly":true},
	  {"eventSource":"ec2.amazonaws.com","eventName":"RunInstances","eventType":"AwsApiCall","eventCategory":"Management","managementEvent":true,"readOnly":false,"awsRegion":"eu-west-1"}]`)
	if status != http.StatusOK {
		t.Fatalf("%d %+v", status, out)
	}
	want := []string{"AWS Console Signin via CloudTrail aws.signin ConsoleLogin", "AWS Network Activity Event via CloudTrail aws.s3 CopyObject", "AWS Service Event via CloudTrail aws.kms RotateKey"}
	if got := heard.said(t, c); !slices.Equal(got, want) {
		t.Errorf("on the bus: %q\nwant %q", got, want)
	}
	got := named(delivered(t, c, "/CloudTrail/"))
	for _, name := range []string{"ConsoleLogin", "RotateKey", "CopyObject"} {
		if !slices.Contains(got, name) {
			t.Errorf("%s was not delivered: %q", name, got)
		}
	}
	if slices.Contains(got, "GetObject") || slices.Contains(got, "RunInstances") {
		t.Errorf("delivered %q: neither data events nor another Region are selected", got)
	}
	clock.forward(time.Second)
	if got := found(t, c, "eu-west-1", types.LookupAttributeKeyEventName, "RunInstances"); len(got) != 1 {
		t.Errorf("the history of eu-west-1 has %q", got)
	}
}

// ear is a function that keeps what it is invoked with.
type ear struct {
	mu    sync.Mutex
	heard [][]byte
}

// listening makes the detector of a Config an ear.
func listening(cfg *Config) *ear {
	e := &ear{}
	cfg.Functions["Detector"] = func(context.Context, map[string]string) (lambda.Handler, error) {
		return lambda.NewHandler(func(payload json.RawMessage) error {
			e.mu.Lock()
			defer e.mu.Unlock()
			e.heard = append(e.heard, payload)
			return nil
		}), nil
	}
	return e
}

// listen has the bus of the stack's Region tell the ear all of CloudTrail's
// events that match a pattern of their detail.
func (e *ear) listen(t *testing.T, c *Cloud, detail string) {
	t.Helper()
	rule(t, c, testRegion, detail, e.arn(c))
}

func (e *ear) arn(c *Cloud) string {
	for _, f := range c.wiring.Functions {
		if f.LogicalID == "Detector" {
			return f.ARN
		}
	}
	return ""
}

// rule has the bus of a Region tell a target of CloudTrail's events.
func rule(t *testing.T, c *Cloud, region, detail, target string) {
	t.Helper()
	client := eventbridge.NewFromConfig(sdk(c, region))
	_, err := client.PutRule(t.Context(), &eventbridge.PutRuleInput{
		Name: aws.String("ear"), State: ebtypes.RuleStateEnabledWithAllCloudtrailManagementEvents,
		EventPattern: aws.String(`{"detail-type":[{"suffix":"via CloudTrail"}],"detail":` + detail + `}`),
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.PutTargets(t.Context(), &eventbridge.PutTargetsInput{Rule: aws.String("ear"), Targets: []ebtypes.Target{{Id: aws.String("ear"), Arn: &target}}})
	if err != nil {
		t.Fatal(err)
	}
}

// said gives what was heard, sorted: detail-type, source, name.
func (e *ear) said(t *testing.T, c *Cloud) []string {
	t.Helper()
	if err := c.Idle(t.Context()); err != nil {
		t.Fatal(err)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	var all []string
	for _, payload := range e.heard {
		envelope, err := events.ParseEnvelope(payload)
		if err != nil {
			t.Fatal(err)
		}
		var detail struct{ EventName string }
		if err := json.Unmarshal(envelope.Detail, &detail); err != nil {
			t.Fatal(err)
		}
		all = append(all, envelope.DetailType+" "+envelope.Source+" "+detail.EventName)
	}
	slices.Sort(all)
	return all
}
