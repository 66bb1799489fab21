package cloud

import (
	"fmt"
	"net/http"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
)

// happened is a call of another service, in a Region.
func happened(region, source, name, more string) string {
	return fmt.Sprintf(`{"eventSource":%q,"eventName":%q,"awsRegion":%q,"eventType":"AwsApiCall","eventCategory":"Management","managementEvent":true,"readOnly":false%s}`,
		source, name, region, more)
}

func sendAll(t *testing.T, c *Cloud, events ...string) {
	t.Helper()
	for _, e := range events {
		if status, out := send(t, c, e); status != http.StatusOK {
			t.Fatalf("%d %+v", status, out)
		}
	}
}

func TestEachRegionHasABusOfItsOwnThatIsThereAfterARestart(t *testing.T) {
	cfg := testConfig(t, t.TempDir())
	heard := listening(&cfg)
	c := started(t, cfg)
	logged(t, c, &cloudtrail.CreateTrailInput{Name: aws.String("trailhand"), IsMultiRegionTrail: aws.Bool(true)})
	rule(t, c, "eu-west-1", `{"eventSource":["ec2.amazonaws.com"]}`, heard.arn(c))
	closed(t, c)
	c = started(t, cfg)
	sendAll(t, c, happened("eu-west-1", "ec2.amazonaws.com", "RunInstances", ""), happened("us-east-1", "ec2.amazonaws.com", "StopInstances", ""),
		happened("sa-east-1", "ec2.amazonaws.com", "StartInstances", ""))
	if got, want := heard.said(t, c), []string{"AWS API Call via CloudTrail aws.ec2 RunInstances"}; !slices.Equal(got, want) {
		t.Errorf("eu-west-1 tells %q, want %q", got, want)
	}
	rules, err := eventbridge.NewFromConfig(sdk(c, testRegion)).ListRules(t.Context(), &eventbridge.ListRulesInput{NamePrefix: aws.String("ear")})
	if err != nil {
		t.Fatal(err)
	}
	if len(rules.Rules) != 0 {
		t.Errorf("the rule is in us-east-1 too")
	}
}

func TestARuleForwardsEventsToTheBusOfAnotherRegionOnce(t *testing.T) {
	cfg := testConfig(t, t.TempDir())
	heard := listening(&cfg)
	c := started(t, cfg)
	logged(t, c, &cloudtrail.CreateTrailInput{Name: aws.String("trailhand"), IsMultiRegionTrail: aws.Bool(true)})
	const detail = `{"eventSource":["ec2.amazonaws.com"]}`
	busIn := func(region string) string { return "arn:aws:events:" + region + ":123456789012:event-bus/default" }
	rule(t, c, "eu-west-1", detail, busIn(testRegion))
	heard.listen(t, c, detail)
	rule(t, c, "eu-central-1", detail, busIn("eu-west-1"))
	sendAll(t, c, happened("eu-west-1", "ec2.amazonaws.com", "RunInstances", ""), happened("eu-central-1", "ec2.amazonaws.com", "StopInstances", ""))
	if got, want := heard.said(t, c), []string{"AWS API Call via CloudTrail aws.ec2 RunInstances"}; !slices.Equal(got, want) {
		t.Errorf("us-east-1 tells %q, want %q: what comes over one bus goes to no third", got, want)
	}
}

func TestGlobalServicesAreDeliveredOnceWhereTheyAreRecorded(t *testing.T) {
	global := `,"tlsDetails":{"clientProvidedHostHeader":"sts.amazonaws.com"}`
	regional := `,"tlsDetails":{"clientProvidedHostHeader":"sts.us-east-1.amazonaws.com"}`
	tests := map[string]struct {
		trail *cloudtrail.CreateTrailInput
		want  []string
	}{
		"a trail of all Regions": {&cloudtrail.CreateTrailInput{IsMultiRegionTrail: aws.Bool(true)}, []string{"AssumeRole", "CreateUser", "GetSessionToken", "RunInstances"}},
		"a trail of us-east-1":   {&cloudtrail.CreateTrailInput{}, []string{"AssumeRole", "CreateUser", "GetSessionToken"}},
		"one that leaves them out": {&cloudtrail.CreateTrailInput{IncludeGlobalServiceEvents: aws.Bool(false)},
			[]string{"GetSessionToken"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c := started(t, testConfig(t, t.TempDir()))
			test.trail.Name = aws.String("trailhand")
			logged(t, c, test.trail)
			sendAll(t, c, happened("us-east-1", "iam.amazonaws.com", "CreateUser", ""), happened("us-east-1", "sts.amazonaws.com", "AssumeRole", global),
				happened("us-east-1", "sts.amazonaws.com", "GetSessionToken", regional), happened("eu-west-1", "ec2.amazonaws.com", "RunInstances", ""))
			got := slices.DeleteFunc(named(delivered(t, c, "/CloudTrail/")), func(name string) bool { return name == "StartLogging" })
			if !slices.Equal(got, test.want) {
				t.Errorf("delivered %q, want %q", got, test.want)
			}
		})
	}
}
