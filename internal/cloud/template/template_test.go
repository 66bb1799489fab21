package template

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func place(parameters map[string]string) Place {
	return Place{AccountID: "111122223333", Region: "eu-west-1", StackName: "trailhand", Endpoint: "http://127.0.0.1:4566", Parameters: parameters}
}

func read(t *testing.T, source string) *Wiring {
	t.Helper()
	w, err := Read([]byte(source), place(nil))
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func resources(yaml string) string { return "Resources:\n" + yaml }

func function(event string) string {
	return resources(`
  F:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        E: ` + event)
}

func TestWhatIsNotWiredIsAnError(t *testing.T) {
	for name, tc := range map[string]struct{ source, want string }{
		"no resources":              {`Parameters: {}`, "it has no Resources"},
		"no YAML":                   {"a: [", "reading the template: yaml:"},
		"a resource without type":   {resources("  X: { Properties: {} }"), "resource X (line 2): it has no Type"},
		"a plain mapping":           {resources("  M: { Type: AWS::Lambda::EventSourceMapping }"), "resource M (AWS::Lambda::EventSourceMapping, line 2): is not wired locally"},
		"an event of another type":  {function(`{ Type: Api }`), `event E (line 7): type "Api" is not wired locally`},
		"a cron schedule":           {function(`{ Type: ScheduleV2, Properties: { ScheduleExpression: "cron(0 1 * * ? *)", Input: "{}" } }`), `only rate(n minutes|hours|days) is run locally`},
		"a rate of nothing":         {function(`{ Type: ScheduleV2, Properties: { ScheduleExpression: rate(0 minutes), Input: "{}" } }`), `only rate`},
		"a rate in seconds":         {function(`{ Type: ScheduleV2, Properties: { ScheduleExpression: rate(5 seconds), Input: "{}" } }`), `the unit is`},
		"a schedule without input":  {function(`{ Type: ScheduleV2, Properties: { ScheduleExpression: rate(1 hour) } }`), "it has no Input"},
		"an input that is no JSON":  {function(`{ Type: ScheduleV2, Properties: { ScheduleExpression: rate(1 hour), Input: "{" } }`), `"{" is not JSON`},
		"a rule of another bus":     {function(`{ Type: EventBridgeRule, Properties: { EventBusName: mine, Pattern: {} } }`), `event bus "mine" is not wired locally`},
		"a rule without pattern":    {function(`{ Type: EventBridgeRule, Properties: {} }`), "it has no pattern"},
		"a batch size that is none": {function(`{ Type: SQS, Properties: { Queue: q, BatchSize: many } }`), `BatchSize: "many" is not a whole number`},
		"a notification to a topic": {resources("  B: { Type: AWS::S3::Bucket, Properties: { NotificationConfiguration: { TopicConfigurations: [{}] } } }"), "TopicConfigurations is not wired locally"},
		"a filter of another kind":  {resources("  B: { Type: AWS::S3::Bucket, Properties: { NotificationConfiguration: { QueueConfigurations: [{ Filter: { S3Key: { Rules: [{ Name: size, Value: 1 }] } } }] } } }"), `not "size"`},
		"an alias":                  {"Resources:\n  A: { Type: AWS::SQS::Queue, Properties: &p { DelaySeconds: 1 } }\n  B: { Type: AWS::SQS::Queue, Properties: { RedrivePolicy: *p } }", "CloudFormation does not take YAML aliases"},
		"a name that is circular":   {resources("  A: { Type: AWS::S3::Bucket, Properties: { BucketName: !Ref B } }\n  B: { Type: AWS::S3::Bucket, Properties: { BucketName: !Ref A } }"), "resource A depends on itself"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Read([]byte(tc.source), place(nil))
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("%v, want %q", err, tc.want)
			}
		})
	}
}

func TestEveryProblemIsReportedAtOnce(t *testing.T) {
	_, err := Read([]byte(resources(`
  A: { Type: AWS::SQS::Queue, Properties: { QueueName: !Ref X } }
  B: { Type: AWS::S3::Bucket, Properties: { BucketName: !Ref Y } }
`)), place(nil))
	for _, want := range []string{"resource A", `"X"`, "resource B", `"Y"`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not name %s", err, want)
		}
	}
}

func TestAParameter(t *testing.T) {
	const source = `
Parameters:
  Colour: { Type: String, Default: blue, AllowedValues: [blue, red] }
  Size: { Type: Number, Default: 3 }
  Name: { Type: String, Default: abc, AllowedPattern: "[a-z]+", ConstraintDescription: "(small letters)" }
Resources:
  F: { Type: AWS::Serverless::Function, Properties: { Environment: { Variables: { C: !Ref Colour } } } }
`
	for name, tc := range map[string]struct {
		given map[string]string
		want  string // of the error; empty: C is red
	}{
		"that is given is used":           {map[string]string{"Colour": "red"}, ""},
		"of another value is refused":     {map[string]string{"Colour": "green"}, `parameter Colour: "green" is not one of ["blue" "red"]`},
		"that is no number is refused":    {map[string]string{"Size": "big"}, `parameter Size: "big" is not a number`},
		"of another pattern is refused":   {map[string]string{"Name": "a1"}, `parameter Name: "a1" does not match [a-z]+ (small letters)`},
		"that is not declared is refused": {map[string]string{"Weight": "1"}, `parameter Weight: the template does not declare it`},
	} {
		t.Run(name, func(t *testing.T) {
			w, err := Read([]byte(source), place(tc.given))
			if tc.want == "" {
				if err != nil || w.Functions[0].Environment["C"] != "red" {
					t.Errorf("%+v, %v", w, err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("%v, want %q", err, tc.want)
			}
		})
	}
}

func TestAParameterWithoutAValueIsAnError(t *testing.T) {
	_, err := Read([]byte("Parameters:\n  P: { Type: String }\nResources:\n  Q: { Type: AWS::SQS::Queue }"), place(nil))
	if err == nil || !strings.Contains(err.Error(), "parameter P: it has no default and was given no value") {
		t.Error(err)
	}
}

func TestGlobalsAreMergedUnderAFunctionsOwn(t *testing.T) {
	w := read(t, `
Globals:
  Function:
    Timeout: 10
    MemorySize: 256
    Environment: { Variables: { LEVEL: info, BOTH: global } }
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties:
      Timeout: "20"
      Environment: { Variables: { BOTH: own, OWN: x } }
  G: { Type: AWS::Serverless::Function, Properties: {} }
`)
	f, g := w.Functions[0], w.Functions[1]
	if diff := cmp.Diff(map[string]string{"LEVEL": "info", "BOTH": "own", "OWN": "x"}, f.Environment); diff != "" {
		t.Errorf("environment (-want +got):\n%s", diff)
	}
	if f.Timeout != 20*time.Second || f.MemoryMB != 256 || g.Timeout != 10*time.Second || g.Environment["BOTH"] != "global" {
		t.Errorf("F %+v, G %+v", f, g)
	}
}

func TestAResourceWhoseConditionDoesNotHoldIsLeftOut(t *testing.T) {
	if w := read(t, variable("x")); len(w.Queues) != 2 || len(w.Buckets) != 1 {
		t.Errorf("queues %+v, buckets %+v", w.Queues, w.Buckets)
	}
}

func TestAPlainRuleIsWired(t *testing.T) {
	w := read(t, resources(`
  Q: { Type: AWS::SQS::Queue }
  R:
    Type: AWS::Events::Rule
    Properties:
      State: DISABLED
      EventPattern: { source: [aws.s3] }
      Targets: [{ Id: q, Arn: !GetAtt Q.Arn, InputPath: $.detail }]
`))
	want := []Rule{{
		LogicalID: "R", Name: "trailhand-R", Pattern: `{"source":["aws.s3"]}`, State: "DISABLED",
		Targets: []Target{{ID: "q", ARN: "arn:aws:sqs:eu-west-1:111122223333:trailhand-Q", InputPath: "$.detail"}},
	}}
	if diff := cmp.Diff(want, w.Rules); diff != "" {
		t.Errorf("rules (-want +got):\n%s", diff)
	}
}

// Whatever is read as a template is wired or refused: it does not panic, and a
// wiring names all that it has.
func FuzzATemplateIsWiredOrRefused(f *testing.F) {
	f.Add(variable("!Ref Name"))
	f.Add(function(`{ Type: SQS, Properties: { Queue: q } }`))
	f.Add("Resources:\n  A: &a\n    Type: AWS::SQS::Queue\n  B: *a\n")
	f.Add("Resources: { A: { Type: AWS::S3::Bucket, Properties: !If [] } }")
	f.Fuzz(func(t *testing.T, source string) {
		w, err := Read([]byte(source), place(nil))
		if (w == nil) == (err == nil) {
			t.Fatalf("wiring %v, error %v", w, err)
		}
		if err != nil {
			return
		}
		for id, kind := range byID(w) {
			if !strings.Contains(source, kind[strings.LastIndex(kind, ":")+1:]) && !strings.Contains(source, "Serverless") {
				t.Errorf("%s (%s) is wired out of nothing", id, kind)
			}
		}
	})
}
